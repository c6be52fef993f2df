/** One row of an offer's parameter table: what becomes of one canonical parameter. */
import { z } from 'zod';
import { fieldPathSchema, modeSchema, primitiveSchema } from './evidence-schema.ts';

/**
 * The behaviour that a client is told follows from the row: same name and value = passthrough, another name = renamed,
 * another value = converted, `fold_into_prompt` = emulated. A parameter with no row is ignored, and told.
 */
export const parameterRowSchema = z
  .strictObject({
    /** The upstream field. */
    to: fieldPathSchema.optional(),
    /** A list: the values that the offer takes. A table: what each value becomes, e.g. `{ true = "standard" }`. */
    values: z.union([z.array(primitiveSchema).min(1), z.record(z.string(), primitiveSchema)]).optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    /** Where a mode allows less than `max`. */
    max_by_mode: z.partialRecord(modeSchema, z.number()).optional(),
    /** What becomes of a number outside `min` and `max`: the nearest bound, or (seeds) folded back into the range. */
    beyond: z.enum(['nearest', 'wrap']).optional(),
    /** Sent when the caller sends nothing, e.g. `false` for Ark's watermark, which is on otherwise. */
    default: primitiveSchema.optional(),
    /** Written into the prompt instead, e.g. "\n\nAvoid: {value}". */
    fold_into_prompt: z.string().includes('{value}').optional(),
    /** Sent along whenever this parameter is sent. */
    also: z.record(fieldPathSchema, primitiveSchema).optional(),
    /** The modes in which the offer takes it; absent = all of the offer's. */
    modes: z.array(modeSchema).min(1).optional(),
    /** The provider takes it and promises nothing: sent, told, and counted as not honoured. */
    best_effort: z.boolean().optional(),
    /** Told to every caller who sends it. */
    note: z.string().min(1).optional(),
    /** For parameters that are not canonical, both are required. */
    type: z.enum(['boolean', 'integer', 'number', 'string', 'object']).optional(),
    description: z.string().min(1).optional(),
  })
  .refine((row) => (row.to === undefined) !== (row.fold_into_prompt === undefined), {
    message: 'give either `to` or `fold_into_prompt`',
  });

export type ParameterRow = z.infer<typeof parameterRowSchema>;
