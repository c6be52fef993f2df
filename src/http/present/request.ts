import { z } from 'zod';
import type { AttemptView, RequestDetail, RequestSummary, RequestView } from '../../contracts/requests.ts';
import { appliedSchema, mediaSchema } from '../openapi/schemas.ts';
import { generationErrorSchema, presentError, unixSeconds } from './generation.ts';

const seconds = (what: string) => z.int().nullable().describe(`Unix seconds; null = ${what}.`);
const micros = (what: string) => z.int().describe(`${what}, in micro-dollars.`);

export const requestSchema = z
  .object({
    id: z.string().describe('The id of the generation.'),
    object: z.literal('request'),
    mode: z.enum(['live', 'test']),
    kind: z.enum(['text_to_image', 'edit']),
    status: z.enum(['queued', 'running', 'completed', 'failed', 'canceled']),
    created_at: z.int().describe('Unix seconds.'),
    started_at: seconds('not yet'),
    completed_at: seconds('not yet'),
    duration_ms: z.int().nullable().describe('From its creation to its end; null = not yet.'),
    model: z.string().describe('The catalogue id of the model.'),
    executed_model: z.string().nullable().describe('The offer that delivered.'),
    provider: z.string().nullable(),
    provider_name: z.string().nullable(),
    key_id: z.string().nullable(),
    tag: z.string().nullable().describe('What `x-gesso-tag` said, or the key.'),
    user: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    n: z.int().describe('How many pictures were asked for.'),
    pictures: z.int().describe('How many were delivered.'),
    held_micros: micros('Kept back while it runs'),
    cost_micros: micros('What it was charged'),
    cost: z.number().describe('Dollars.'),
    currency: z.literal('USD'),
    error: generationErrorSchema.nullable(),
    payloads: z.enum(['kept', 'deleted']).describe('Whether prompt, parameters and pictures are still there.'),
    expires_at: seconds('kept until deleted').describe('When the payloads go: Unix seconds; null = when deleted.'),
  })
  .describe('One line of the history: it stays when its payloads are gone.');

const attemptSchema = z.object({
  seq: z.int().describe('1 for the first.'),
  provider: z.string(),
  offer_id: z.string(),
  outcome: z.enum(['running', 'success', 'partial', 'refused', 'failed']),
  error_class: z.string().optional(),
  latency_ms: z.number(),
  started_at: z.int().describe('Unix seconds.'),
  ended_at: seconds('not yet'),
  house: z
    .object({
      provider_job_id: z.string().nullable(),
      price_micros: micros('What the call costs the house at most'),
      billed_micros: z.int().nullable().describe('What the provider bills.'),
      possible_micros: z.int().nullable().describe('What it may yet bill for a call whose outcome is not known.'),
    })
    .optional()
    .describe('What it costs the house: for administrators.'),
});

const componentSchema = z.object({
  billable: z.string(),
  unit: z.string(),
  quantity: z.number(),
  unit_price_micros: z.number(),
  total_micros: z.number(),
});

export const requestDetailSchema = requestSchema.extend({
  authorized_micros: micros('The most that it could cost: what was held'),
  price: z.array(componentSchema).describe('The price, frozen when the request was taken.'),
  attempts: z.array(attemptSchema).describe('Every upstream try, in order.'),
  applied: z.array(appliedSchema).describe('What became of every parameter.'),
  warnings: z.array(z.string()),
  request: z.looseObject({}).nullable().describe('Prompt and parameters as they were read; null = deleted.'),
  inputs: z
    .array(
      z.object({
        role: z.enum(['reference', 'mask']),
        content_type: z.string(),
        width: z.int(),
        height: z.int(),
        bytes: z.int(),
      }),
    )
    .describe('Pictures that came with the request. They are never hosted.'),
  output: z.object({ media: z.array(mediaSchema) }),
});

export const requestSummarySchema = z.object({
  requests: z.int(),
  completed: z.int(),
  failed: z.int().describe('Canceled ones too.'),
  pictures: z.int().describe('Delivered.'),
  cost_micros: micros('Charged'),
  cost: z.number().describe('Dollars.'),
  currency: z.literal('USD'),
});

export const requestListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(requestSchema).describe('Newest first.'),
    has_more: z.boolean().describe('Whether older ones follow.'),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    next_page_url: z.string().nullable().describe('What is older; null = nothing.'),
    previous_page_url: z.string().nullable().describe('What is newer; null = nothing yet.'),
    summary: requestSummarySchema.optional().describe('Over all pages; with `summary=true`.'),
  })
  .describe('A page of the history.');

export function presentRequest(view: RequestView, publicUrl: string): z.infer<typeof requestSchema> {
  const { created_at, completed_at, cost_micros } = view;
  return {
    id: view.id,
    object: 'request',
    mode: view.mode,
    kind: view.kind,
    status: view.status,
    created_at: unixSeconds(created_at),
    started_at: view.started_at && unixSeconds(view.started_at),
    completed_at: completed_at && unixSeconds(completed_at),
    duration_ms: completed_at && completed_at.getTime() - created_at.getTime(),
    model: view.model,
    executed_model: view.executed_model,
    provider: view.provider,
    provider_name: view.provider_name,
    key_id: view.key_id,
    tag: view.tag,
    user: view.user,
    labels: { ...view.labels },
    n: view.n,
    pictures: view.pictures,
    held_micros: view.held_micros,
    cost_micros,
    cost: cost_micros / 1_000_000,
    currency: 'USD',
    error: presentError(view, publicUrl),
    payloads: view.payloads_dropped_at === null ? 'kept' : 'deleted',
    expires_at: view.expires_at && unixSeconds(view.expires_at),
  };
}

export function presentRequestDetail(view: RequestDetail, publicUrl: string): z.infer<typeof requestDetailSchema> {
  return {
    ...presentRequest(view, publicUrl),
    authorized_micros: view.authorized_micros,
    price: [...view.price],
    attempts: view.attempts.map(presentAttempt),
    applied: [...view.applied],
    warnings: [...view.warnings],
    request: view.request,
    inputs: [...view.inputs],
    output: {
      media: view.media.map((media) => ({ ...media, expires_at: media.expires_at && unixSeconds(media.expires_at) })),
    },
  };
}

export function presentSummary({ requests, completed, failed, pictures, cost_micros }: RequestSummary) {
  return {
    requests,
    completed,
    failed,
    pictures,
    cost_micros,
    cost: cost_micros / 1_000_000,
    currency: 'USD',
  } as const;
}

function presentAttempt({ started_at, ended_at, ...attempt }: AttemptView): z.infer<typeof attemptSchema> {
  return { ...attempt, started_at: unixSeconds(started_at), ended_at: ended_at && unixSeconds(ended_at) };
}
