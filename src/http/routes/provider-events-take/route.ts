import { z } from 'zod';
import { readRawBody } from '../../body/read-raw-body.ts';
import { defineRoute } from '../../route.ts';

/** A prediction comes with its input, small references as data URLs included; what is larger is found by asking. */
const BYTES_MAX = 1024 * 1024;

const answerSchema = z.object({ received: z.literal(true) });

export const providerEventsTake = defineRoute({
  method: 'POST',
  path: '/v1/hooks/{provider}',
  access: 'open',
  document: {
    tag: 'System',
    operation: 'takeProviderEvent',
    summary: 'For providers alone',
    description:
      'fal and Replicate tell here that a job has ended. Only what they signed counts, and it carries no result: the job is then asked for as always, only sooner.',
    params: { provider: { description: 'Who calls.', example: 'fal' } },
    body: { 'application/json': { schema: z.looseObject({}) } },
    answers: { 200: { description: 'Taken.', content: { 'application/json': { schema: answerSchema } } } },
    errors: ['invalid_signature', 'not_found', 'payload_too_large', 'rate_limited'],
  },
  async handle({ req, deps }) {
    const limits = { bytes_max: BYTES_MAX, idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS };
    const { provider } = req.params as { provider: string }; // The pattern of the path has it.
    await deps.services.takeProviderEvent(provider, textHeaders(req.headers), () => readRawBody(req, limits));
    return { received: true };
  },
});

/** A header that came more than once counts as not sent: nobody signs two. */
function textHeaders(headers: Readonly<Record<string, string | string[] | undefined>>) {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
