import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { defineRoute } from '../../route.ts';
import { endpointParams, idSchema } from '../webhook-fields.ts';

const answerSchema = z.object({ id: z.string(), object: z.literal('webhook_endpoint'), deleted: z.literal(true) });

export const webhooksDelete = defineRoute({
  method: 'DELETE',
  path: '/v1/webhooks/{id}',
  access: 'manage',
  document: {
    tag: 'Webhooks',
    operation: 'deleteWebhookEndpoint',
    summary: 'Delete a webhook endpoint',
    description: 'For good. Nothing more is sent to it; what was sent stays in the log.',
    params: endpointParams,
    answers: { 200: { description: 'It is gone.', content: { 'application/json': { schema: answerSchema } } } },
    errors: ['not_found'],
  },
  async handle({ req, deps }) {
    const { id } = idSchema.parse(req.params);
    await deps.services.webhooks.remove(requirePrincipal(req), id);
    return { id, object: 'webhook_endpoint', deleted: true };
  },
});
