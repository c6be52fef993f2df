/**
 * A model page: catalog/models/<lab>/<model>.toml. The path is the id (`bytedance/seedream-4.0`) and names the lab, so
 * neither is written inside. There is a field for everything that a model's page shows; all prose is our own.
 */
import { z } from 'zod';
import { dateSchema, evidence, modeSchema, ratioSchema, tierSchema } from './evidence-schema.ts';
import { offerSchema } from './offer-schema.ts';

const sentence = z.string().min(3);
const sentences = z.array(sentence);

/** Sources may disagree: every value is kept with its source, and one is chosen. */
const releasedSchema = z
  .array(
    z
      .strictObject({
        date: dateSchema.optional(),
        text: z.string().min(1).optional(),
        chosen: z.boolean().default(false),
        ...evidence,
      })
      .refine((entry) => entry.date !== undefined || entry.text !== undefined, { message: 'give `date` or `text`' }),
  )
  .refine((entries) => entries.length === 0 || entries.filter((entry) => entry.chosen).length === 1, {
    message: 'mark exactly one entry with chosen = true',
  });

/** A heading with what stands below it. */
const titledSchema = z.strictObject({ title: z.string().min(1), text: sentence });

const licenceSchema = z.strictObject({
  name: z.string().min(1),
  commercial_use: z.enum(['yes', 'no', 'restricted', 'unknown']),
  url: z.url().optional(),
  ...evidence,
});

const ratingSchema = z.strictObject({
  /** Whose list it is, e.g. "LMArena text-to-image". */
  board: z.string().min(1),
  /** What is measured, e.g. "Elo", "rank". */
  metric: z.string().min(1),
  value: z.union([z.number(), z.string().min(1)]),
  ...evidence,
});

export const modelSchema = z.strictObject({
  /** As people write it: "Seedream 4.0". */
  name: z.string().min(1),
  family: z.string().min(1).optional(),
  /** One sentence. */
  summary: sentence,
  status: z.enum(['active', 'legacy', 'retired']),
  aliases: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9._/-]*$/, 'use lower-case letters, digits, . - / and _'))
    .default([]),
  modes: z.array(modeSchema).min(1),
  input_modalities: z.array(z.enum(['text', 'image'])).min(1),
  output_modalities: z.array(z.enum(['image', 'text'])).min(1),
  /** Used where a request gives no scale, and no shape and no reference. */
  default_tier: tierSchema,
  default_ratio: ratioSchema,
  released: releasedSchema.default([]),
  overview: z.string().optional(),
  history: z.string().optional(),
  innovations: sentences.default([]),
  specs: z.array(z.strictObject({ label: z.string().min(1), value: z.string().min(1), ...evidence })).default([]),
  capabilities: sentences.default([]),
  strengths: z.array(titledSchema).default([]),
  limitations: z.array(titledSchema).default([]),
  scenarios: z.array(titledSchema).default([]),
  best_practices: sentences.default([]),
  best_for: z.string().optional(),
  technical_background: z.string().optional(),
  /** "not disclosed", "12 billion": a text, since labs say it in so many ways. */
  parameters_count: z.string().optional(),
  licence: licenceSchema.optional(),
  external_ratings: z.array(ratingSchema).default([]),
  faq: z.array(z.strictObject({ question: sentence, answer: sentence })).default([]),
  collections: z.array(z.string().min(1)).default([]),
  use_cases: z.array(z.string().min(1)).default([]),
  sample_prompts: z.array(z.strictObject({ prompt: sentence, mode: modeSchema })).default([]),
  links: z.array(z.strictObject({ label: z.string().min(1), url: z.url() })).default([]),
  /** In the order in which ties are broken. */
  offers: z.array(offerSchema),
});

export type ModelPage = z.infer<typeof modelSchema>;
