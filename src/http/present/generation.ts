import { z } from 'zod';
import type { GenerationView } from '../../contracts/services.ts';
import { type ErrorCode, errorTable } from '../../core/errors.ts';
import { generationMetadataSchema, mediaSchema } from '../openapi/schemas.ts';

const seconds = (what: string) => z.int().nullable().describe(`Unix seconds; null = ${what}.`);

export const generationErrorSchema = z.object({
  message: z.string(),
  type: z.string(),
  code: z.string(),
  param: z.string().nullable(),
  doc_url: z.string(),
});

export const generationSchema = z
  .object({
    id: z.string(),
    object: z.literal('generation'),
    status: z.enum(['queued', 'running', 'completed', 'failed', 'canceled']),
    created_at: z.int().describe('Unix seconds.'),
    started_at: seconds('not yet'),
    completed_at: seconds('not yet'),
    expires_at: seconds('kept until deleted'),
    model: z.string().describe('The catalogue id of the model; of a list, the first.'),
    progress: z.int().describe('0 to 100.'),
    output: z.object({ media: z.array(mediaSchema) }).describe('What was delivered; empty until it is completed.'),
    error: generationErrorSchema.nullable().describe('Why it failed or was canceled.'),
    labels: z.record(z.string(), z.string()),
    webhook_url: z.string().nullable().describe('Told when it has ended.'),
    batch_id: z.string().nullable().describe('The batch that it is a line of.'),
    usage: z.object({ images: z.int(), cost_micros: z.int(), cost: z.number(), currency: z.literal('USD') }),
    metadata: generationMetadataSchema,
  })
  .describe('One job, whoever waits for it.');

export function presentGeneration(view: GenerationView, publicUrl: string): z.infer<typeof generationSchema> {
  return {
    id: view.id,
    object: 'generation',
    status: view.status,
    created_at: unixSeconds(view.created_at),
    started_at: view.started_at && unixSeconds(view.started_at),
    completed_at: view.completed_at && unixSeconds(view.completed_at),
    expires_at: view.expires_at && unixSeconds(view.expires_at),
    model: view.model,
    progress: view.progress,
    output: {
      media: view.media.map((media) => ({ ...media, expires_at: media.expires_at && unixSeconds(media.expires_at) })),
    },
    error: presentError(view, publicUrl),
    labels: { ...view.labels },
    webhook_url: view.webhook_url,
    batch_id: view.batch_id,
    usage: {
      images: view.pictures,
      cost_micros: view.cost_micros,
      cost: view.cost_micros / 1_000_000,
      currency: 'USD',
    },
    metadata: {
      request_id: view.id,
      mode: view.mode,
      model: view.delivered_model,
      executed_model: view.executed_model,
      provider: view.provider,
      provider_name: view.provider_name,
      held_micros: view.held_micros,
      cost_micros: view.cost_micros,
      cost: view.cost_micros / 1_000_000,
      currency: 'USD',
      attempts: view.attempts.map(({ offer_id: _, ...attempt }) => attempt),
      applied: [...view.applied],
      warnings: [...view.warnings],
    },
  };
}

export function presentError({ error }: Pick<GenerationView, 'error'>, publicUrl: string) {
  if (error === null) return null;
  const { message, code, param } = error;
  // Rows outlive versions: a code that is gone is still told.
  const type = Object.hasOwn(errorTable, code) ? errorTable[code as ErrorCode].type : 'server_error';
  return { message, type, code, param: param ?? null, doc_url: `${publicUrl}/errors/${code}` };
}

export function unixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
