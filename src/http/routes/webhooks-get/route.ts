import { requirePrincipal } from '../../authenticate.ts';
import { endpointSchema, presentEndpoint } from '../../present/webhook.ts';
import { defineRoute } from '../../route.ts';
import { endpointParams, idSchema } from '../webhook-fields.ts';

export const webhooksGet = defineRoute({
  method: 'GET',
  path: '/v1/webhooks/{id}',
  access: 'read',
  document: {
    tag: 'Webhooks',
    operation: 'getWebhookEndpoint',
    summary: 'Get a webhook endpoint',
    description: 'What it is told, and whether it takes it. Never its secret.',
    params: endpointParams,
    answers: { 200: { description: 'The endpoint.', content: { 'application/json': { schema: endpointSchema } } } },
    errors: ['not_found'],
  },
  async handle({ req, deps }) {
    const { id } = idSchema.parse(req.params);
    return presentEndpoint(await deps.services.webhooks.get(requirePrincipal(req), id));
  },
});
