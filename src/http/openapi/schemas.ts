/** The shapes that the API speaks, as the document shows them and the tests check them. */
import { z } from 'zod';
import { errorTable } from '../../core/errors.ts';

const [firstCode = 'internal_error', ...codes] = Object.keys(errorTable);

export const errorSchema = z
  .object({
    error: z.object({
      message: z.string().describe('A sentence that says what to do.'),
      type: z.string(),
      code: z.enum([firstCode, ...codes]),
      param: z.string().nullable().describe('The field at fault; null when it is none.'),
      doc_url: z.string().describe('The page of this error.'),
      details: z
        .array(
          z.object({ code: z.string().optional(), param: z.string(), message: z.string(), fix: z.string().optional() }),
        )
        .optional()
        .describe('Every fault at once, when there is more than one.'),
      generation_id: z.string().optional().describe('The generation to fetch, on 409 and 504.'),
    }),
  })
  .describe('What every failed call answers.');

export const appliedSchema = z.object({
  param: z.string(),
  behaviour: z.enum(['passthrough', 'renamed', 'converted', 'emulated', 'ignored']),
  from: z.unknown(),
  to: z.unknown().describe('What was sent in its place; null when nothing was.'),
  note: z.string().optional(),
});

const attemptSchema = z.object({
  provider: z.string(),
  outcome: z.enum(['success', 'partial', 'refused', 'failed']),
  error_class: z.string().optional(),
  latency_ms: z.number(),
});

const metadataSchema = z.object({
  request_id: z.string().describe('The id of the generation.'),
  mode: z.enum(['live', 'test']),
  model: z.string().describe('The catalogue id of the model.'),
  executed_model: z.string().describe('The offer that delivered, e.g. `fal/seedream-4`.'),
  provider: z.string(),
  provider_name: z.string(),
  cost_micros: z.int().describe('Micro-dollars.'),
  cost: z.number().describe('Dollars.'),
  currency: z.literal('USD'),
  attempts: z.array(attemptSchema).describe('Every upstream try, in order.'),
  applied: z.array(appliedSchema).describe('What became of every parameter.'),
  warnings: z.array(z.string()).describe('What is not as asked, e.g. each missing picture with its reason.'),
  labels: z.record(z.string(), z.string()).optional(),
});

/** Before it is completed nobody has delivered. */
export const generationMetadataSchema = metadataSchema.omit({ labels: true }).extend({
  executed_model: metadataSchema.shape.executed_model.nullable(),
  provider: z.string().nullable(),
  provider_name: z.string().nullable(),
  held_micros: z.int().describe('Kept back for the worst case while it runs; 0 once it has ended.'),
});

export const mediaSchema = z.object({
  id: z.string(),
  url: z.string().describe('A hosted picture.'),
  content_type: z.string(),
  width: z.int(),
  height: z.int(),
  bytes: z.int(),
  expires_at: z.int().nullable().describe('Unix seconds until which the URL works; null = until deleted.'),
});

const pictureSchema = z.object({
  url: z.string().optional().describe('A hosted picture; see `response_format`.'),
  b64_json: z.string().optional().describe('Bare base64, without a data URL prefix.'),
  revised_prompt: z.string().optional().describe("The provider's own text, where it gave one."),
  width: z.int(),
  height: z.int(),
  content_type: z.string(),
  expires_at: z.int().optional().describe('Unix seconds until which the URL works; absent = until deleted.'),
});

export const imagesResponseSchema = z
  .object({
    created: z.int().describe('Unix seconds.'),
    data: z.array(pictureSchema),
    metadata: metadataSchema,
  })
  .describe("OpenAI's ImagesResponse, with `metadata` that says what was done, by whom, and what it cost.");

export const dryRunSchema = z
  .looseObject({
    object: z.literal('dry_run'),
    model: z.string(),
    executed_model: z.string(),
    provider: z.string(),
    plan: z.looseObject({}).describe('The upstream body, and what became of every parameter (`applied`).'),
    price: z.looseObject({}).describe('The components of the price.'),
    cost_micros: z.int(),
    cost: z.number(),
    currency: z.literal('USD'),
  })
  .describe('Everything decided, nothing done and nothing charged.');

const priceSchema = z
  .looseObject({
    billable: z.string(),
    unit: z.string(),
    price_usd: z.string(),
    per: z.number(),
    source: z.string(),
    read_on: z.string(),
  })
  .describe('One line of the price list, with where and when it was read.');

const offerSchema = z.looseObject({
  id: z.string().describe('The pin: send it as `model` to have this offer only.'),
  provider: z.string(),
  provider_name: z.string(),
  configured: z.boolean().describe('Whether this server has a key for the provider.'),
  modes: z.array(z.enum(['text_to_image', 'edit'])),
  prices: z.array(priceSchema),
  parameters: z.array(z.string()).describe('The parameters that the offer honours.'),
});

export const modelSchema = z
  .looseObject({
    id: z.string(),
    object: z.literal('model'),
    created: z.int().describe('Unix seconds of the release; 0 when nobody has said.'),
    owned_by: z.string().describe('The lab that trained it.'),
    name: z.string(),
    summary: z.string(),
    status: z.enum(['active', 'legacy', 'retired']),
    aliases: z.array(z.string()),
    modes: z.array(z.enum(['text_to_image', 'edit'])),
    offers: z.array(offerSchema),
  })
  .describe("OpenAI's Model, with what the catalogue knows.");

export const modelListSchema = z.object({ object: z.literal('list'), data: z.array(modelSchema) });

export const readinessSchema = z.object({
  status: z.enum(['ready', 'not_ready']),
  checks: z.record(z.string(), z.enum(['ok', 'failed'])),
});

/** The schemas that other documents may refer to, by name. */
export const namedSchemas: ReadonlyMap<z.ZodType, string> = new Map<z.ZodType, string>([
  [errorSchema, 'Error'],
  [imagesResponseSchema, 'ImagesResponse'],
  [dryRunSchema, 'DryRun'],
  [modelSchema, 'Model'],
  [modelListSchema, 'ModelList'],
  [readinessSchema, 'Readiness'],
]);
