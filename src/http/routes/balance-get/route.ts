import { requirePrincipal } from '../../authenticate.ts';
import { balanceSchema, presentBalance } from '../../present/account.ts';
import { defineRoute } from '../../route.ts';

export const balanceGet = defineRoute({
  method: 'GET',
  path: '/v1/balance',
  access: 'read',
  document: {
    tag: 'Account',
    operation: 'getBalance',
    summary: 'What is left',
    description: "The wallet of the key's account and mode: live and test are apart. An admin key sees the live one.",
    answers: { 200: { description: 'The wallet.', content: { 'application/json': { schema: balanceSchema } } } },
    errors: [],
  },
  async handle({ req, deps }) {
    return presentBalance(await deps.services.getBalance(requirePrincipal(req)));
  },
});
