import { requirePrincipal } from '../../authenticate.ts';
import { jobSecretSchema, presentJobSecret } from '../../present/webhook.ts';
import { defineRoute } from '../../route.ts';
import { secretModeQuery } from '../webhook-fields.ts';

export const webhooksSecretGet = defineRoute({
  method: 'GET',
  path: '/v1/webhooks/secret',
  access: 'manage',
  query: secretModeQuery,
  document: {
    tag: 'Webhooks',
    operation: 'getWebhookJobSecret',
    summary: 'Get the secret of jobs',
    description: 'What signs everything that is sent to the webhook_url of single jobs: one for each account and mode.',
    answers: { 200: { description: 'The secret.', content: { 'application/json': { schema: jobSecretSchema } } } },
    errors: ['invalid_value'],
  },
  async handle({ req, reply, deps, query }) {
    const view = await deps.services.webhooks.getJobSecret(requirePrincipal(req), query.mode);
    return reply.header('cache-control', 'no-store').send(presentJobSecret(view));
  },
});
