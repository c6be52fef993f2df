/**
 * How an offer is told shape and scale, as data. An offer makes sizes freely (`free`), from a table of tiers and ratios
 * (`grid`), or both; `core/params/choose-size.ts` is the one reader.
 */
import { z } from 'zod';
import {
  evidence,
  fieldPathSchema,
  pixelsSchema,
  primitiveSchema,
  ratioSchema,
  tierSchema,
} from './evidence-schema.ts';

/** Fields that are sent whenever the block they stand in is used, e.g. `{ size = "custom" }`. */
const alongside = z.record(fieldPathSchema, primitiveSchema);

/** Any width and height within rules; every bound is inclusive. */
const freeSchema = z
  .strictObject({
    /** `wxh`: one field holds "1024x768". `width_height`: two fields hold numbers. */
    form: z.enum(['wxh', 'width_height']),
    /** For `wxh`. */
    to: fieldPathSchema.optional(),
    /** For `width_height`; may be nested: `image_size.width`. */
    to_width: fieldPathSchema.optional(),
    to_height: fieldPathSchema.optional(),
    also: alongside.optional(),
    area_min: z.int().positive().optional(),
    area_max: z.int().positive().optional(),
    side_min: z.int().positive().optional(),
    side_max: z.int().positive().optional(),
    /** Both sides are multiples of this. */
    multiple: z.int().positive().optional(),
    /** Width to height, e.g. "1:16" and "16:1". */
    ratio_min: ratioSchema.optional(),
    ratio_max: ratioSchema.optional(),
  })
  .refine(
    (free) =>
      free.form === 'wxh' ? free.to !== undefined : free.to_width !== undefined && free.to_height !== undefined,
    {
      message: 'form "wxh" needs `to`; form "width_height" needs `to_width` and `to_height`',
    },
  );

/** A table of tiers and ratios, or of ratios alone where the offer has one scale. */
const gridSchema = z.strictObject({
  /** The field for the tier; absent where the offer has one scale. */
  to_tier: fieldPathSchema.optional(),
  /** What is sent for a tier where it is not the tier itself: `{ "1K" = "1k" }`. */
  tier_values: z.record(tierSchema, primitiveSchema).optional(),
  /** The field for the ratio. */
  to_ratio: fieldPathSchema.optional(),
  ratio_values: z.record(ratioSchema, primitiveSchema).optional(),
  /** A field for the pixels themselves, where the offer takes only a list of sizes (older OpenAI models). */
  to_pixels: fieldPathSchema.optional(),
  ratios: z.array(ratioSchema).min(1),
  /** The first reference's own pixels come back, whatever their number: routes that paint within a mask. */
  keeps_pixels: z.boolean().optional(),
  also: alongside.optional(),
  /** Sent as the ratio when the shape is left to the provider. */
  auto_ratio: z.strictObject({ value: primitiveSchema, needs_reference: z.boolean().default(false) }).optional(),
  /** Published pixels by tier and ratio. Where none are published, the canonical formula is what we expect. */
  pixels: z.record(tierSchema, z.record(ratioSchema, pixelsSchema)).optional(),
});

export const sizeSchema = z
  .strictObject({
    ...evidence,
    /** The tiers that the offer is asked for; a request's tier becomes the nearest of these. */
    tiers: z.array(tierSchema).min(1),
    /** False where the provider may deliver other pixels than we expect. */
    exact: z.boolean(),
    free: freeSchema.optional(),
    grid: gridSchema.optional(),
    /** What leaves the shape to the provider, by tier: `{ to = "size", values = { "2K" = "auto_2K" } }`. */
    auto: z.strictObject({ to: fieldPathSchema, values: z.record(tierSchema, primitiveSchema) }).optional(),
  })
  .refine((size) => size.free !== undefined || size.grid !== undefined, { message: 'give `free`, `grid` or both' });

export type SizeStrategy = z.infer<typeof sizeSchema>;
export type FreeSizes = z.infer<typeof freeSchema>;
export type GridSizes = z.infer<typeof gridSchema>;
