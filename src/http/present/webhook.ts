import { z } from 'zod';
import type {
  DeliveryDetail,
  DeliveryListing,
  DeliveryView,
  EndpointView,
  EndpointWithSecret,
  JobSecretView,
  WebhookAnswer,
} from '../../contracts/webhooks.ts';
import { unixSeconds } from './generation.ts';

const seconds = (what: string) => z.int().nullable().describe(`Unix seconds; null = ${what}.`);

export const endpointSchema = z.object({
  id: z.string(),
  object: z.literal('webhook_endpoint'),
  name: z.string(),
  url: z.string(),
  mode: z.enum(['live', 'test', 'both']).describe('Of which mode it is told.'),
  event_types: z.array(z.string()).nullable().describe('Null = all.'),
  enabled: z.boolean(),
  disabled_at: seconds('it is enabled'),
  disabled_reason: z
    .enum(['request', 'gone', 'failing'])
    .nullable()
    .describe('`request`: by a change; `gone`: it answered 410; `failing`: nothing got through for five days.'),
  failing_since: seconds('the last try worked, or there was none'),
  signing_secret_hint: z.string().describe('How its secret ends.'),
  previous_secret_until: seconds('only the present secret signs'),
  created_at: z.int().describe('Unix seconds.'),
});

export const endpointWithSecretSchema = endpointSchema.extend({
  signing_secret: z.string().describe('`whsec_…`: what signs. Shown this once.'),
});

export const jobSecretSchema = z.object({
  object: z.literal('webhook_secret'),
  mode: z.enum(['live', 'test']),
  signing_secret: z.string().describe('`whsec_…`: what signs what is sent to the webhook_url of single jobs.'),
  previous_secret_until: seconds('only this secret signs'),
});

export const webhookAnswerSchema = z.object({
  at: z.int().describe('Unix seconds.'),
  status: z.int().nullable().describe('HTTP status of the answer; null = there was none.'),
  latency_ms: z.int(),
  error: z.string().nullable().describe('Why it does not count as delivered; null = it does.'),
  answer: z.string().nullable().describe('How the answer began, at most 1 KiB.'),
});

export const deliverySchema = z.object({
  id: z.string(),
  object: z.literal('webhook_delivery'),
  event: z.object({
    id: z.string().describe('The webhook-id header: the same in every try and replay.'),
    type: z.string(),
    created_at: z.int().describe('Unix seconds.'),
    data: z.record(z.string(), z.unknown()).describe('What it is about, or the facts themselves.'),
  }),
  mode: z.enum(['live', 'test']),
  endpoint_id: z.string().nullable().describe('Null = to the webhook_url of a job.'),
  url: z.string(),
  status: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.int().describe('Tries begun.'),
  next_attempt_at: seconds('none follows'),
  last_status: z.int().nullable(),
  last_error: z.string().nullable(),
  created_at: z.int().describe('Unix seconds.'),
  completed_at: seconds('not yet'),
});

export const deliveryDetailSchema = deliverySchema.extend({
  tries: z
    .array(webhookAnswerSchema.extend({ seq: z.int() }))
    .describe('Oldest first. One that was cut by a crash leaves a gap in `seq`.'),
});

export const deliveryListSchema = z.object({
  object: z.literal('list'),
  data: z.array(deliverySchema).describe('Newest first.'),
  has_more: z.boolean(),
  first_id: z.string().nullable(),
  last_id: z.string().nullable().describe('The next page is asked for with starting_after.'),
});

export function presentEndpoint(view: EndpointView): z.infer<typeof endpointSchema> {
  const { id, name, url, mode, event_types, disabled_at, disabled_reason, failing_since } = view;
  return {
    id,
    object: 'webhook_endpoint',
    name,
    url,
    mode,
    event_types: event_types && [...event_types],
    enabled: disabled_at === null,
    disabled_at: disabled_at && unixSeconds(disabled_at),
    disabled_reason,
    failing_since: failing_since && unixSeconds(failing_since),
    signing_secret_hint: view.secret_hint,
    previous_secret_until: view.previous_secret_until && unixSeconds(view.previous_secret_until),
    created_at: unixSeconds(view.created_at),
  };
}

export function presentEndpointWithSecret({ view, secret }: EndpointWithSecret) {
  return { ...presentEndpoint(view), signing_secret: secret };
}

export function presentJobSecret(view: JobSecretView): z.infer<typeof jobSecretSchema> {
  const { mode, secret, previous_secret_until } = view;
  return {
    object: 'webhook_secret',
    mode,
    signing_secret: secret,
    previous_secret_until: previous_secret_until && unixSeconds(previous_secret_until),
  };
}

export function presentWebhookAnswer(answer: WebhookAnswer): z.infer<typeof webhookAnswerSchema> {
  return { ...answer, at: unixSeconds(answer.at) };
}

export function presentDelivery(view: DeliveryView): z.infer<typeof deliverySchema> {
  const { id, event, mode, endpoint_id, url, status, attempts, last_status, last_error } = view;
  return {
    id,
    object: 'webhook_delivery',
    event: { ...event, created_at: unixSeconds(event.created_at) },
    mode,
    endpoint_id,
    url,
    status,
    attempts,
    next_attempt_at: view.next_attempt_at && unixSeconds(view.next_attempt_at),
    last_status,
    last_error,
    created_at: unixSeconds(view.created_at),
    completed_at: view.completed_at && unixSeconds(view.completed_at),
  };
}

export function presentDeliveryDetail(view: DeliveryDetail): z.infer<typeof deliveryDetailSchema> {
  return {
    ...presentDelivery(view),
    tries: view.tries.map(({ seq, ...answer }) => ({ seq, ...presentWebhookAnswer(answer) })),
  };
}

export function presentDeliveries({ deliveries, has_more }: DeliveryListing): z.infer<typeof deliveryListSchema> {
  return {
    object: 'list',
    data: deliveries.map(presentDelivery),
    has_more,
    first_id: deliveries.at(0)?.id ?? null,
    last_id: deliveries.at(-1)?.id ?? null,
  };
}
