import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { deliveryListSchema, presentDeliveries } from '../../present/webhook.ts';
import { defineRoute } from '../../route.ts';
import { defined, deliveriesQuery } from '../webhook-fields.ts';

const querySchema = z.object({
  ...deliveriesQuery,
  object_id: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('The id of what was told of, such as a generation: also what went to its webhook_url.'),
});

export const webhooksDeliveriesList = defineRoute({
  method: 'GET',
  path: '/v1/webhooks/deliveries',
  access: 'read',
  query: querySchema,
  document: {
    tag: 'Webhooks',
    operation: 'listWebhookDeliveries',
    summary: 'List deliveries',
    description: 'Newest first, to endpoints and to the webhook_url of jobs.',
    answers: { 200: { description: 'A page.', content: { 'application/json': { schema: deliveryListSchema } } } },
    errors: ['invalid_value', 'not_found'],
  },
  async handle({ req, deps, query }) {
    const { limit, ...rest } = query;
    const filter = { ...defined(rest), limit };
    return presentDeliveries(await deps.services.webhooks.listDeliveries(requirePrincipal(req), filter));
  },
});
