import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { accountSchema, presentAccount } from '../../present/account.ts';
import { defineRoute } from '../../route.ts';

const paramsSchema = z.object({ id: z.string() });

export const adminAccountsGet = defineRoute({
  method: 'GET',
  path: '/v1/admin/accounts/{id}',
  access: 'admin',
  document: {
    tag: 'Admin',
    operation: 'getAccount',
    summary: 'Look at an account',
    description: 'With its live and its test wallet.',
    params: { id: { description: 'The id of the account.', example: 'acc_7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    answers: { 200: { description: 'The account.', content: { 'application/json': { schema: accountSchema } } } },
    errors: ['not_found'],
  },
  async handle({ req, deps }) {
    const { id } = paramsSchema.parse(req.params);
    return presentAccount(await deps.services.getAccount(requirePrincipal(req), id));
  },
});
