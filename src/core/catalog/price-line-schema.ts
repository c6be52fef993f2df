/** One line of an offer's price list. Lines that share billable and unit are alternatives (the first that matches holds); others add up. */
import { z } from 'zod';
import { evidence, modeSchema, tierSchema } from './evidence-schema.ts';

/** Units that can be counted before the call; what is billed by output tokens is written as an upper estimate per picture. */
const countable: Readonly<Record<string, readonly string[]>> = {
  output_image: ['image', 'megapixel'],
  input_image: ['image', 'megapixel'],
  input_text: ['token', 'request'],
  request: ['request'],
};

export const priceLineSchema = z
  .strictObject({
    billable: z.enum(['output_image', 'input_image', 'input_text', 'request']),
    unit: z.enum(['image', 'megapixel', 'token', 'request']),
    /** US dollars as a decimal string ("0.03"), so that nothing is lost on the way to micro-dollars. */
    price_usd: z
      .string()
      .regex(/^\d+(?:\.\d{1,6})?$/, 'write dollars as a string with at most six decimals, e.g. "0.03"'),
    /** The price buys this many units: 1000000 for a price per million tokens. */
    per: z.int().positive().default(1),
    /** Units of each picture that another line already pays, e.g. the first megapixel. */
    included: z.number().nonnegative().default(0),
    /** The line holds only where every condition does. A condition that is not known yet takes the dearest line. */
    when: z
      .strictObject({
        modes: z.array(modeSchema).min(1).optional(),
        tiers: z.array(tierSchema).min(1).optional(),
        qualities: z.array(z.string()).min(1).optional(),
        /** The picture's pixels, inclusive. */
        area_max: z.int().positive().optional(),
      })
      .optional(),
    ...evidence,
  })
  .refine(({ billable, unit }) => countable[billable]?.includes(unit) === true, {
    message: 'this unit cannot be counted before the call for this billable',
    path: ['unit'],
  });

export type PriceLine = z.infer<typeof priceLineSchema>;
