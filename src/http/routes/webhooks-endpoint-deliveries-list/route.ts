import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { deliveryListSchema, presentDeliveries } from '../../present/webhook.ts';
import { defineRoute } from '../../route.ts';
import { defined, deliveriesQuery, endpointParams, idSchema } from '../webhook-fields.ts';

export const webhooksEndpointDeliveriesList = defineRoute({
  method: 'GET',
  path: '/v1/webhooks/{id}/deliveries',
  access: 'read',
  query: z.object(deliveriesQuery),
  document: {
    tag: 'Webhooks',
    operation: 'listWebhookEndpointDeliveries',
    summary: 'List the deliveries of an endpoint',
    description: 'Newest first.',
    params: endpointParams,
    answers: { 200: { description: 'A page.', content: { 'application/json': { schema: deliveryListSchema } } } },
    errors: ['invalid_value', 'not_found'],
  },
  async handle({ req, deps, query }) {
    const { id } = idSchema.parse(req.params);
    const { webhooks } = deps.services;
    const principal = requirePrincipal(req);
    const endpoint = await webhooks.get(principal, id);
    const { limit, ...rest } = query;
    const filter = { ...defined(rest), limit, endpoint_id: endpoint.id };
    return presentDeliveries(await webhooks.listDeliveries(principal, filter));
  },
});
