import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { accountSchema, presentAccount } from '../../present/account.ts';
import { defineRoute } from '../../route.ts';

const NAME_CHARS_MAX = 200;

const bodySchema = z.strictObject({
  name: z.string().trim().min(1).max(NAME_CHARS_MAX).describe('What you will know it by.'),
  billing: z
    .enum(['prepaid', 'unmetered'])
    .default('prepaid')
    .describe('`prepaid` spends what was paid in; of `unmetered` the spend is only recorded.'),
});

export const adminAccountsCreate = defineRoute({
  method: 'POST',
  path: '/v1/admin/accounts',
  access: 'admin',
  document: {
    tag: 'Admin',
    operation: 'createAccount',
    summary: 'Make an account',
    description:
      'With a live and a test wallet; a prepaid one begins with the credit of GESSO_START_CREDIT_USD and GESSO_TEST_CREDIT_USD. Make its keys with `POST /v1/keys` and its `account_id`.',
    body: { 'application/json': { schema: bodySchema, examples: { customer: { name: 'Studio North' } } } },
    answers: { 201: { description: 'The account.', content: { 'application/json': { schema: accountSchema } } } },
    errors: ['invalid_value', 'invalid_json', 'unsupported_content_type', 'payload_too_large'],
  },
  async handle({ req, reply, deps }) {
    const wish = await readSmallJson(req, bodySchema, { idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS });
    return reply.status(201).send(presentAccount(await deps.services.createAccount(requirePrincipal(req), wish)));
  },
});
