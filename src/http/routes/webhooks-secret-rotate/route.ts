import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { jobSecretSchema, presentJobSecret } from '../../present/webhook.ts';
import { defineRoute } from '../../route.ts';
import { graceSchema, secretModeQuery } from '../webhook-fields.ts';

export const webhooksSecretRotate = defineRoute({
  method: 'POST',
  path: '/v1/webhooks/secret/rotate',
  access: 'manage',
  query: secretModeQuery,
  document: {
    tag: 'Webhooks',
    operation: 'rotateWebhookJobSecret',
    summary: 'Rotate the secret of jobs',
    description: 'Until the grace ends the secret before signs too.',
    body: { 'application/json': { schema: graceSchema, examples: { 'within an hour': { grace_s: 3600 } } } },
    answers: { 200: { description: 'The new secret.', content: { 'application/json': { schema: jobSecretSchema } } } },
    errors: ['invalid_value', 'invalid_json', 'unsupported_content_type', 'payload_too_large'],
  },
  async handle({ req, reply, deps, query }) {
    const { grace_s } = await readSmallJson(req, graceSchema, {
      idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS,
    });
    const view = await deps.services.webhooks.rotateJobSecret(requirePrincipal(req), grace_s * 1000, query.mode);
    return reply.header('cache-control', 'no-store').send(presentJobSecret(view));
  },
});
