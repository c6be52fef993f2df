import { z } from 'zod';
import { parseMicros } from '../../../core/money.ts';
import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { defineRoute } from '../../route.ts';

const bodySchema = z.strictObject({
  generation_id: z.string().min(1).describe('What was charged.'),
  amount: z
    .string()
    .regex(/^(?=.*[1-9])\d{1,9}(\.\d{1,6})?$/, 'must be dollars above 0 as text with at most six decimals')
    .optional()
    .describe('Dollars as text; everything that is left of the charge when absent.'),
});

const answerSchema = z.object({
  object: z.literal('refund'),
  generation_id: z.string(),
  currency: z.literal('USD'),
  amount_micros: z.int().describe('What was given back, in micro-dollars; 0 when nothing was left to give.'),
});

export const adminRefundsCreate = defineRoute({
  method: 'POST',
  path: '/v1/admin/refunds',
  access: 'admin',
  document: {
    tag: 'Admin',
    operation: 'createRefund',
    summary: 'Give back a charge',
    description:
      'To the wallet that paid it, and never more in all than was charged: sent again, it gives what is left.',
    body: { 'application/json': { schema: bodySchema, examples: { all: { generation_id: 'gen_7h2m9x4kq1w8e5r3' } } } },
    answers: { 201: { description: 'The refund.', content: { 'application/json': { schema: answerSchema } } } },
    errors: ['invalid_value', 'invalid_json', 'unsupported_content_type', 'payload_too_large'],
  },
  async handle({ req, reply, deps }) {
    const limits = { idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS };
    const { generation_id, amount } = await readSmallJson(req, bodySchema, limits);
    const amount_micros = amount === undefined ? null : Number(parseMicros(amount));
    const refund = await deps.services.refund(requirePrincipal(req), generation_id, amount_micros);
    return reply.status(201).send({ object: 'refund', ...refund, currency: 'USD' });
  },
});
