import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { presentRetention, retentionSchema } from '../../present/retention.ts';
import { defineRoute } from '../../route.ts';

const DAYS_MAX = 36_500;

const bodySchema = z.strictObject({
  retention_days: z
    .int()
    .min(0)
    .max(DAYS_MAX)
    .nullable()
    .describe('0 = dropped within the hour, 36500 = kept until deleted, null = as the server does.'),
  account_id: z
    .string()
    .optional()
    .describe("Whose payloads; the key's own account when absent. For the operator alone."),
});

export const retentionSet = defineRoute({
  method: 'POST',
  path: '/v1/retention',
  access: 'admin',
  document: {
    tag: 'History',
    operation: 'setRetention',
    summary: 'Say how long payloads are kept',
    description:
      'A shorter time also holds for what was made before, a longer one from now on. Other processes know within a second.',
    body: { 'application/json': { schema: bodySchema, examples: { 'a month': { retention_days: 30 } } } },
    answers: { 200: { description: 'The rule.', content: { 'application/json': { schema: retentionSchema } } } },
    errors: ['not_found', 'invalid_value', 'invalid_json', 'unsupported_content_type', 'payload_too_large'],
  },
  async handle({ req, deps }) {
    const limits = { idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS };
    const { retention_days, account_id } = await readSmallJson(req, bodySchema, limits);
    return presentRetention(await deps.services.setRetention(requirePrincipal(req), retention_days, account_id));
  },
});
