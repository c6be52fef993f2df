import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { endpointSchema, presentEndpoint } from '../../present/webhook.ts';
import { defineRoute } from '../../route.ts';
import { defined, endpointFields, endpointParams, idSchema } from '../webhook-fields.ts';

const bodySchema = z
  .strictObject({
    ...endpointFields,
    enabled: z.boolean().describe('False stops it; what was on its way has failed, and can be replayed.'),
  })
  .partial();

export const webhooksChange = defineRoute({
  method: 'PATCH',
  path: '/v1/webhooks/{id}',
  access: 'manage',
  document: {
    tag: 'Webhooks',
    operation: 'changeWebhookEndpoint',
    summary: 'Change a webhook endpoint',
    description: 'What is absent stays as it is. One that was disabled for its failures is enabled again here.',
    params: endpointParams,
    body: { 'application/json': { schema: bodySchema, examples: { 'enabled again': { enabled: true } } } },
    answers: {
      200: { description: 'The endpoint as it is now.', content: { 'application/json': { schema: endpointSchema } } },
    },
    errors: ['not_found', 'invalid_value', 'invalid_json', 'unsupported_content_type', 'payload_too_large'],
  },
  async handle({ req, deps }) {
    const { id } = idSchema.parse(req.params);
    const change = await readSmallJson(req, bodySchema, {
      idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS,
    });
    return presentEndpoint(await deps.services.webhooks.change(requirePrincipal(req), id, defined(change)));
  },
});
