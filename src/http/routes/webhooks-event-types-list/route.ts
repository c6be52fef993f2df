import { z } from 'zod';
import { eventTypes } from '../../../core/webhooks/event-types.ts';
import { defineRoute } from '../../route.ts';

const typeSchema = z.object({ object: z.literal('webhook_event_type'), type: z.string(), description: z.string() });
const answerSchema = z.object({ object: z.literal('list'), data: z.array(typeSchema) });

export const webhooksEventTypesList = defineRoute({
  method: 'GET',
  path: '/v1/webhooks/event_types',
  access: 'key',
  document: {
    tag: 'Webhooks',
    operation: 'listWebhookEventTypes',
    summary: 'List the types of events',
    description: 'What an endpoint may ask for.',
    answers: { 200: { description: 'The types.', content: { 'application/json': { schema: answerSchema } } } },
    errors: [],
  },
  async handle() {
    return { object: 'list', data: eventTypes.map((row) => ({ object: 'webhook_event_type', ...row })) };
  },
});
