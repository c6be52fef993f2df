import { requirePrincipal } from '../../authenticate.ts';
import { deliveryDetailSchema, presentDeliveryDetail } from '../../present/webhook.ts';
import { defineRoute } from '../../route.ts';
import { deliveryParams, idSchema } from '../webhook-fields.ts';

export const webhooksDeliveriesGet = defineRoute({
  method: 'GET',
  path: '/v1/webhooks/deliveries/{id}',
  access: 'read',
  document: {
    tag: 'Webhooks',
    operation: 'getWebhookDelivery',
    summary: 'Get a delivery',
    description: 'With every try: when, what came back, how long it took.',
    params: deliveryParams,
    answers: {
      200: { description: 'The delivery.', content: { 'application/json': { schema: deliveryDetailSchema } } },
    },
    errors: ['not_found'],
  },
  async handle({ req, deps }) {
    const { id } = idSchema.parse(req.params);
    return presentDeliveryDetail(await deps.services.webhooks.getDelivery(requirePrincipal(req), id));
  },
});
