import { requirePrincipal } from '../../authenticate.ts';
import { presentWebhookAnswer, webhookAnswerSchema } from '../../present/webhook.ts';
import { defineRoute } from '../../route.ts';
import { endpointParams, idSchema } from '../webhook-fields.ts';

export const webhooksTest = defineRoute({
  method: 'POST',
  path: '/v1/webhooks/{id}/test',
  access: 'manage',
  document: {
    tag: 'Webhooks',
    operation: 'testWebhookEndpoint',
    summary: 'Test a webhook endpoint',
    description:
      'Sends a signed `webhook.test` event to it now, once, whatever types it asks for, and answers with what came back. It is not kept in the log.',
    params: endpointParams,
    answers: {
      200: { description: 'What came back.', content: { 'application/json': { schema: webhookAnswerSchema } } },
    },
    errors: ['not_found', 'rate_limited'],
  },
  async handle({ req, deps }) {
    const { id } = idSchema.parse(req.params);
    return presentWebhookAnswer(await deps.services.webhooks.test(requirePrincipal(req), id));
  },
});
