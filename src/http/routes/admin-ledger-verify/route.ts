import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { defineRoute } from '../../route.ts';

const reportSchema = z.object({
  object: z.literal('ledger_report'),
  ok: z.boolean().describe('True when the books agree.'),
  wallets: z.int(),
  transfers: z.int(),
  generations: z.int(),
  faults: z.array(
    z.object({
      rule: z.string(),
      subject: z.string().describe('What the fault is about: a wallet, a generation, a payment, an attempt.'),
      expected_micros: z.int(),
      found_micros: z.int(),
    }),
  ),
});

export const adminLedgerVerify = defineRoute({
  method: 'GET',
  path: '/v1/admin/ledger/verify',
  access: 'admin',
  document: {
    tag: 'Admin',
    operation: 'verifyLedger',
    summary: 'Check the books',
    description:
      'Recomputes every balance, hold, charge and payment from the rows of the ledger, and names what disagrees.',
    answers: { 200: { description: 'What was found.', content: { 'application/json': { schema: reportSchema } } } },
    errors: [],
  },
  async handle({ req, deps }) {
    const report = await deps.services.verifyLedger(requirePrincipal(req));
    return { object: 'ledger_report', ok: report.faults.length === 0, ...report };
  },
});
