import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { endpointWithSecretSchema, presentEndpointWithSecret } from '../../present/webhook.ts';
import { defineRoute } from '../../route.ts';
import { endpointParams, graceSchema, idSchema } from '../webhook-fields.ts';

export const webhooksRotate = defineRoute({
  method: 'POST',
  path: '/v1/webhooks/{id}/rotate',
  access: 'manage',
  document: {
    tag: 'Webhooks',
    operation: 'rotateWebhookSecret',
    summary: "Rotate an endpoint's secret",
    description:
      'The answer holds the new secret, this once. Until the grace ends both sign, so that a receiver may change over when it likes.',
    params: endpointParams,
    body: { 'application/json': { schema: graceSchema, examples: { 'within an hour': { grace_s: 3600 } } } },
    answers: {
      200: {
        description: 'The endpoint with its new secret.',
        content: { 'application/json': { schema: endpointWithSecretSchema } },
      },
    },
    errors: ['not_found', 'invalid_value', 'invalid_json', 'unsupported_content_type', 'payload_too_large'],
  },
  async handle({ req, reply, deps }) {
    const { id } = idSchema.parse(req.params);
    const { grace_s } = await readSmallJson(req, graceSchema, {
      idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS,
    });
    const rotated = await deps.services.webhooks.rotate(requirePrincipal(req), id, grace_s * 1000);
    return reply.header('cache-control', 'no-store').send(presentEndpointWithSecret(rotated));
  },
});
