import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { accountSchema, presentAccount } from '../../present/account.ts';
import { defineRoute } from '../../route.ts';

const answerSchema = z.object({ object: z.literal('list'), data: z.array(accountSchema) });

export const adminAccountsList = defineRoute({
  method: 'GET',
  path: '/v1/admin/accounts',
  access: 'admin',
  document: {
    tag: 'Admin',
    operation: 'listAccounts',
    summary: 'List the accounts',
    description: 'Oldest first, each with its wallets.',
    answers: { 200: { description: 'The accounts.', content: { 'application/json': { schema: answerSchema } } } },
    errors: [],
  },
  async handle({ req, deps }) {
    const accounts = await deps.services.listAccounts(requirePrincipal(req));
    return { object: 'list', data: accounts.map(presentAccount) };
  },
});
