import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { endpointWithSecretSchema, presentEndpointWithSecret } from '../../present/webhook.ts';
import { defineRoute } from '../../route.ts';
import { endpointFields } from '../webhook-fields.ts';

const { url, name, event_types, mode } = endpointFields;
const bodySchema = z.strictObject({
  url,
  name: name.default('unnamed'),
  event_types: event_types.default(null),
  mode: mode.optional(),
});

export const webhooksCreate = defineRoute({
  method: 'POST',
  path: '/v1/webhooks',
  access: 'manage',
  document: {
    tag: 'Webhooks',
    operation: 'createWebhookEndpoint',
    summary: 'Make a webhook endpoint',
    description:
      'Events are sent to it from now on, signed as Standard Webhooks has it. The answer holds its secret, this once. See docs/webhooks.md for how to verify.',
    body: {
      'application/json': {
        schema: bodySchema,
        examples: {
          'what ends': {
            url: 'https://app.example.com/hooks/gesso',
            name: 'our app',
            event_types: ['generation.completed', 'generation.failed', 'generation.canceled'],
          },
        },
      },
    },
    answers: {
      201: {
        description: 'The endpoint with its secret.',
        content: { 'application/json': { schema: endpointWithSecretSchema } },
      },
    },
    errors: ['invalid_value', 'invalid_json', 'unsupported_content_type', 'payload_too_large'],
  },
  async handle({ req, reply, deps }) {
    const { mode: wanted, ...wish } = await readSmallJson(req, bodySchema, {
      idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS,
    });
    const made = await deps.services.webhooks.create(requirePrincipal(req), {
      ...wish,
      ...(wanted === undefined ? {} : { mode: wanted }),
    });
    return reply.status(201).header('cache-control', 'no-store').send(presentEndpointWithSecret(made));
  },
});
