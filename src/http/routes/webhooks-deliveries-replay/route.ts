import { requirePrincipal } from '../../authenticate.ts';
import { deliverySchema, presentDelivery } from '../../present/webhook.ts';
import { defineRoute } from '../../route.ts';
import { deliveryParams, idSchema } from '../webhook-fields.ts';

export const webhooksDeliveriesReplay = defineRoute({
  method: 'POST',
  path: '/v1/webhooks/deliveries/{id}/replay',
  access: 'manage',
  document: {
    tag: 'Webhooks',
    operation: 'replayWebhookDelivery',
    summary: 'Replay a delivery',
    description:
      'It is sent again now, with the whole row of tries before it, whether it was delivered or not. `webhook-id` stays, so that a receiver can tell a repeat; `data` is read anew.',
    params: deliveryParams,
    answers: {
      202: { description: 'It is on its way.', content: { 'application/json': { schema: deliverySchema } } },
    },
    errors: ['not_found', 'invalid_value', 'rate_limited'],
  },
  async handle({ req, reply, deps }) {
    const { id } = idSchema.parse(req.params);
    const view = await deps.services.webhooks.replay(requirePrincipal(req), id);
    return reply.status(202).send(presentDelivery(view));
  },
});
