import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { defineRoute } from '../../route.ts';

const balanceSchema = z.object({
  mode: z.enum(['live', 'test']),
  account: z.string().describe('`house:sales`, `provider:fal`, …; wallets all together as `wallets`.'),
  credited_micros: z.int(),
  debited_micros: z.int(),
});

const answerSchema = z.object({ object: z.literal('list'), currency: z.literal('USD'), data: z.array(balanceSchema) });

export const adminLedgerGet = defineRoute({
  method: 'GET',
  path: '/v1/admin/ledger',
  access: 'admin',
  document: {
    tag: 'Admin',
    operation: 'getLedger',
    summary: 'Look at the books',
    description:
      'What was charged (`house:sales`) beside what providers billed (`house:provider_costs`, `provider:…`) and may yet bill (`house:possible_costs`), live and test apart.',
    answers: {
      200: { description: 'Each account of the ledger.', content: { 'application/json': { schema: answerSchema } } },
    },
    errors: [],
  },
  async handle({ req, deps }) {
    return { object: 'list', currency: 'USD', data: await deps.services.ledgerBalances(requirePrincipal(req)) };
  },
});
