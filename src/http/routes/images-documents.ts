/** What both image endpoints say about themselves. */
import { z } from 'zod';
import type { ErrorCode } from '../../core/errors.ts';
import { dryRunSchema, imagesResponseSchema } from '../openapi/schemas.ts';
import type { DocumentedAnswer } from '../route.ts';

export const imagesQuery = z.object({
  dryRun: z
    .enum(['true', 'false', '1', '0'])
    .default('false')
    .transform((text) => text === 'true' || text === '1')
    .describe('Validates, normalizes, picks the offer and prices; nothing is executed and nothing charged.'),
});

/** Before anything is begun. */
export const startErrors: readonly ErrorCode[] = [
  'invalid_value',
  'missing_required_parameter',
  'unknown_parameter',
  'invalid_json',
  'invalid_image',
  'unsupported_size',
  'unsupported_mode',
  'too_many_images',
  'insufficient_credits',
  'budget_exceeded',
  'model_not_allowed',
  'model_not_found',
  'request_timeout',
  'request_in_progress',
  'idempotency_conflict',
  'payload_too_large',
  'unsupported_content_type',
  'rate_limited',
  'no_provider_configured',
  'overloaded',
];

export const imagesErrors: readonly ErrorCode[] = [
  ...startErrors,
  'content_policy_violation',
  'all_providers_failed',
  'providers_saturated',
  'deadline_exceeded',
  'outcome_unknown',
];

const HEADERS = {
  'x-request-id': 'The id of the generation.',
  'x-gesso-provider': 'Who delivered.',
  'x-gesso-cost-micros': 'What it cost, in micro-dollars.',
  'x-ratelimit-limit-requests':
    'Requests a minute that the tightest limit of key or account allows; absent without one.',
  'x-ratelimit-remaining-requests': 'How many may come at once now.',
  'x-ratelimit-reset-requests':
    'When as many may come at once as ever: `1s`, `6m0s`, `12ms`. Pictures have `…-images`.',
  'idempotent-replayed': '`true` on an answer that was given before, for the same `Idempotency-Key`.',
};

export function imagesAnswers(event: 'image_generation' | 'image_edit'): Readonly<Record<number, DocumentedAnswer>> {
  const stream = `Events \`${event}.partial_image\` and \`${event}.completed\` (one per picture), each one line of JSON with \`b64_json\`; a failure after the first byte is \`event: error\`.`;
  return {
    200: {
      description: 'The pictures; with `dryRun` the decision; with `stream` events.',
      headers: HEADERS,
      content: {
        'application/json': {
          schema: z.union([imagesResponseSchema, dryRunSchema]),
          examples: { 'a picture': example },
        },
        'text/event-stream': { schema: z.string().describe(stream) },
      },
    },
  };
}

const example = {
  created: 1_790_000_000,
  data: [
    {
      url: 'http://127.0.0.1:8080/media/media_0f3k.png',
      width: 1024,
      height: 1024,
      content_type: 'image/png',
    },
  ],
  metadata: {
    request_id: 'gen_01',
    mode: 'test',
    model: 'bytedance/seedream-4.0',
    executed_model: 'fal/seedream-4',
    provider: 'fal',
    provider_name: 'fal',
    cost_micros: 30_000,
    cost: 0.03,
    currency: 'USD',
    attempts: [{ provider: 'fal', outcome: 'success', latency_ms: 4210 }],
    applied: [{ param: 'size', behaviour: 'converted', from: '1024x1024', to: { width: 1024, height: 1024 } }],
    warnings: [],
  },
};
