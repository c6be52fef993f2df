import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { endpointSchema, presentEndpoint } from '../../present/webhook.ts';
import { defineRoute } from '../../route.ts';

const answerSchema = z.object({ object: z.literal('list'), data: z.array(endpointSchema), has_more: z.literal(false) });

export const webhooksList = defineRoute({
  method: 'GET',
  path: '/v1/webhooks',
  access: 'read',
  document: {
    tag: 'Webhooks',
    operation: 'listWebhookEndpoints',
    summary: 'List the webhook endpoints',
    description: "Oldest first, those of the key's mode; all for one that administers.",
    answers: { 200: { description: 'The endpoints.', content: { 'application/json': { schema: answerSchema } } } },
    errors: [],
  },
  async handle({ req, deps }) {
    const endpoints = await deps.services.webhooks.list(requirePrincipal(req));
    return { object: 'list', data: endpoints.map(presentEndpoint), has_more: false };
  },
});
