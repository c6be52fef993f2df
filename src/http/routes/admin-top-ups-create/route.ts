import { z } from 'zod';
import { parseMicros } from '../../../core/money.ts';
import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { readCallHeaders } from '../../call-headers.ts';
import { presentTopUp, topUpSchema } from '../../present/account.ts';
import { defineRoute } from '../../route.ts';

const REFERENCE_CHARS_MAX = 200;
/** A billion dollars are still exact in a JSON number. */
const AMOUNT = /^(?=.*[1-9])\d{1,9}(\.\d{1,6})?$/;

const bodySchema = z.strictObject({
  amount: z
    .string()
    .regex(AMOUNT, 'must be dollars above 0 as text with at most six decimals, such as "10.00"')
    .describe('Dollars that shall reach the wallet, as text, so that no digit is lost. The fee comes on top.'),
  mode: z.enum(['live', 'test']).default('live').describe('Which wallet.'),
  reference: z
    .string()
    .min(1)
    .max(REFERENCE_CHARS_MAX)
    .optional()
    .describe('What the payment is called where it was made. Sent again, the same payment moves nothing.'),
});

const paramsSchema = z.object({ id: z.string() });
const querySchema = z.object({ dryRun: z.enum(['true', 'false']).optional().describe('Only tell what it costs.') });

export const adminTopUpsCreate = defineRoute({
  method: 'POST',
  path: '/v1/admin/accounts/{id}/top-ups',
  access: 'admin',
  query: querySchema,
  document: {
    tag: 'Admin',
    operation: 'createTopUp',
    summary: 'Pay into a wallet',
    description: 'The fee of GESSO_TOP_UP_FEE_PERCENT is taken here, on top of the amount, and never per call.',
    headers: {
      'Idempotency-Key': 'Stands for `reference` where the body has none: the same payment moves nothing again.',
    },
    params: { id: { description: 'The id of the account.', example: 'acc_7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    body: {
      'application/json': { schema: bodySchema, examples: { ten: { amount: '10.00', reference: 'invoice 2026-117' } } },
    },
    answers: {
      200: {
        description: 'What it would be (`dryRun=true`).',
        content: { 'application/json': { schema: topUpSchema } },
      },
      201: { description: 'The payment.', content: { 'application/json': { schema: topUpSchema } } },
    },
    errors: [
      'not_found',
      'idempotency_conflict',
      'invalid_value',
      'invalid_json',
      'unsupported_content_type',
      'payload_too_large',
    ],
  },
  async handle({ req, reply, deps, query }) {
    const { id } = paramsSchema.parse(req.params);
    const limits = { idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS };
    const key = readCallHeaders(req).idempotency_key;
    const sent = await readSmallJson(req, bodySchema, limits);
    const { amount, mode } = sent;
    const reference = sent.reference ?? (key === undefined ? null : `Idempotency-Key ${key}`);
    const dry_run = query.dryRun === 'true';
    const wish = { amount_micros: Number(parseMicros(amount)), mode, reference, dry_run };
    const topUp = await deps.services.topUp(requirePrincipal(req), id, wish);
    return reply.status(dry_run ? 200 : 201).send(presentTopUp(topUp));
  },
});
