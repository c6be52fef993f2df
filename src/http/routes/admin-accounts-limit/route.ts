import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { defineRoute } from '../../route.ts';
import { rateFields, settingsOf } from '../key-fields.ts';

const paramsSchema = z.object({ id: z.string() });
const bodySchema = z.strictObject(rateFields);
const answerSchema = bodySchema.extend({ object: z.literal('account_limits'), account_id: z.string() });

export const adminAccountsLimit = defineRoute({
  method: 'PUT',
  path: '/v1/admin/accounts/{id}/limits',
  access: 'admin',
  document: {
    tag: 'Admin',
    operation: 'setAccountLimits',
    summary: 'Limit an account',
    description: 'For all its keys together, beside their own limits; in place of the limits that it had.',
    params: { id: { description: 'The id of the account.', example: 'acc_owner' } },
    body: { 'application/json': { schema: bodySchema, examples: { 'a customer': { requests_per_minute: 600 } } } },
    answers: {
      200: { description: 'The limits as they are now.', content: { 'application/json': { schema: answerSchema } } },
    },
    errors: ['not_found', 'invalid_value', 'invalid_json', 'unsupported_content_type', 'payload_too_large'],
  },
  async handle({ req, deps }) {
    const { id } = paramsSchema.parse(req.params);
    const fields = await readSmallJson(req, bodySchema, { idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS });
    const limits = settingsOf(fields);
    await deps.services.setAccountLimits(requirePrincipal(req), id, limits);
    return { object: 'account_limits', account_id: id, ...limits };
  },
});
