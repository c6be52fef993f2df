/** An offer: one model at one provider. It stands in the model's file as `[[offers]]`; its pin is `<provider>/<id>`. */
import { z } from 'zod';
import { evidence, factSchema, fieldPathSchema, modeSchema, primitiveSchema, slugSchema } from './evidence-schema.ts';
import { parameterRowSchema } from './parameter-row-schema.ts';
import { priceLineSchema } from './price-line-schema.ts';
import { sizeSchema } from './size-schema.ts';

const count = factSchema(z.int().positive());

/** Each limit is a fact with its evidence. Pictures that break one cannot go to this offer. */
const limitsSchema = z.strictObject({
  references_max: count.optional(),
  references_plus_outputs_max: count.optional(),
  reference_bytes_max: count.optional(),
  references_bytes_total_max: count.optional(),
  reference_side_min: count.optional(),
  reference_pixels_min: count.optional(),
  reference_pixels_max: count.optional(),
  /** The longer side divided by the shorter. */
  reference_ratio_max: factSchema(z.number().min(1)).optional(),
  /** Content types, e.g. "image/png"; others are converted by us before they are sent. */
  reference_content_types: factSchema(z.array(z.string().regex(/^image\//)).min(1)).optional(),
  prompt_chars_max: count.optional(),
  mask_bytes_max: count.optional(),
  images_per_minute: count.optional(),
  requests_per_minute: count.optional(),
  concurrent_max: count.optional(),
  /** How long the provider's own links live. */
  result_expires_seconds: count.optional(),
});

/**
 * Where references go. `one_or_array`: a lone one stands by itself. `numbered`: input_image, input_image_2, ...
 * `each`: what stands for one, by dotted path; `$image` is the picture, `$image_type` its content type. Absent = the picture.
 */
const imagesSchema = z.strictObject({
  to: fieldPathSchema,
  form: z.enum(['single', 'array', 'one_or_array', 'numbered', 'append']),
  each: z
    .record(fieldPathSchema, primitiveSchema)
    .refine((each) => Object.values(each).includes('$image'), 'one field is "$image", the picture itself')
    .optional(),
});

const perMillion = z
  .string()
  .regex(/^\d+(?:\.\d{1,6})?$/, 'write dollars as a string, e.g. "0.3"')
  .optional();

/**
 * US dollars for a million tokens of each kind, where the provider counts them in its answer: what it bills us follows
 * from these, while callers pay `prices`. Thinking counts as text that comes out.
 */
const tokenPricesSchema = z.strictObject({
  text_in: perMillion,
  image_in: perMillion,
  text_out: perMillion,
  image_out: perMillion,
  ...evidence,
});

/** How an offer makes a related set in one call (Ark's sequential_image_generation, fal's max_images). */
const setsSchema = z.strictObject({
  /** The field for the largest number of pictures in the set. */
  to_count: fieldPathSchema,
  count_max: z.int().min(2),
  /** The field that turns sets on, with its two values, where there is one. */
  to_switch: fieldPathSchema.optional(),
  on: primitiveSchema.optional(),
  off: primitiveSchema.optional(),
  /** Fields that are sent with sets alone. */
  constants: z.array(z.strictObject({ to: fieldPathSchema, value: primitiveSchema })).default([]),
});

export const offerSchema = z
  .strictObject({
    provider: slugSchema,
    id: slugSchema,
    /** The provider's own name for the model. */
    upstream_model: z.string().min(1),
    /** The field that carries `upstream_model`; absent where the endpoint does. */
    to_model: fieldPathSchema.optional(),
    /** The path below the provider's base URL. */
    endpoint: z.string().min(1),
    /** The body is sent inside this field (Replicate: "input"). */
    wrap: fieldPathSchema.optional(),
    modes: z.array(modeSchema).min(1),
    status: z.enum(['active', 'retired']).default('active'),
    /** `job`: after silence the provider can be asked how a job ended. */
    lookup: z.enum(['job', 'none']),
    /** True where the provider charges for an answer without a picture. */
    bills_empty: z.boolean().default(false),
    /**
     * `alpha`: transparent = change (OpenAI). `white`: a grey picture, white = change; masks are converted before they are
     * sent. `required`: the route paints within a mask and does nothing else.
     */
    mask: z.strictObject({
      form: z.enum(['none', 'alpha', 'white']),
      to: fieldPathSchema.optional(),
      required: z.boolean().default(false),
    }),
    images: imagesSchema.optional(),
    sets: setsSchema.optional(),
    /** The formats that the provider itself can deliver; the first is what it delivers unasked. */
    output_formats: z.array(z.enum(['png', 'jpeg', 'gif', 'webp', 'avif'])).min(1),
    /** How the provider hands pictures over. */
    response: z.enum(['url', 'b64', 'bytes']),
    /** Fields that are sent with every request of these modes. */
    constants: z
      .array(
        z.strictObject({ to: fieldPathSchema, value: primitiveSchema, modes: z.array(modeSchema).min(1).optional() }),
      )
      .default([]),
    /** Fields that the provider is known to refuse: they are never sent, not even as unknown parameters. */
    withhold: z.array(fieldPathSchema).default([]),
    limits: limitsSchema,
    size: sizeSchema,
    parameters: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), parameterRowSchema),
    /** Empty = the price is not known, and the offer is refused until somebody fills it in. */
    prices: z.array(priceLineSchema),
    token_prices: tokenPricesSchema.optional(),
    notes: z.array(z.string().min(1)).default([]),
  })
  .refine((offer) => !offer.modes.includes('edit') || offer.images !== undefined, {
    message: 'an offer with mode "edit" says where references go in `images`',
    path: ['images'],
  })
  .refine((offer) => (offer.mask.form === 'none') === (offer.mask.to === undefined), {
    message: 'a mask that is taken needs `to`; form "none" has none',
    path: ['mask'],
  })
  .refine((offer) => offer.parameters.prompt !== undefined, {
    message: 'the table has no row for `prompt`',
    path: ['parameters'],
  });

export type OfferPage = z.infer<typeof offerSchema>;
