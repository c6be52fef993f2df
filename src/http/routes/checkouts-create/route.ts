import { z } from 'zod';
import { parseMicros } from '../../../core/money.ts';
import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { defineRoute } from '../../route.ts';

const bodySchema = z.strictObject({
  amount: z
    .string()
    .regex(/^(?=.*[1-9])\d{1,5}(\.\d{1,6})?$/, 'must be dollars above 0 as text, such as "10.00", below 100000')
    .describe('Dollars that shall reach the wallet, as text. The fee comes on top.'),
});

const checkoutSchema = z.object({
  object: z.literal('checkout'),
  id: z.string().nullable(),
  url: z.string().nullable().describe('The page where a card pays; null for `dryRun=true`.'),
  currency: z.literal('USD'),
  amount_micros: z.int().describe('What reaches the wallet, in micro-dollars.'),
  fee_micros: z.int().describe('The fee, on top of it, up to the next whole cent.'),
  paid_micros: z.int().describe('What the card pays.'),
});

const querySchema = z.object({ dryRun: z.enum(['true', 'false']).optional().describe('Only tell what it costs.') });

export const checkoutsCreate = defineRoute({
  method: 'POST',
  path: '/v1/checkouts',
  access: 'key',
  query: querySchema,
  document: {
    tag: 'Account',
    operation: 'createCheckout',
    summary: 'Pay by card',
    description:
      "Opens a page at Stripe where a card pays into the live wallet of the key's account. The wallet has it when Stripe says that it was paid.",
    body: { 'application/json': { schema: bodySchema, examples: { ten: { amount: '10.00' } } } },
    answers: {
      200: {
        description: 'What it would cost (`dryRun=true`).',
        content: { 'application/json': { schema: checkoutSchema } },
      },
      201: { description: 'Where to pay.', content: { 'application/json': { schema: checkoutSchema } } },
    },
    errors: ['not_found', 'invalid_value', 'invalid_json', 'unsupported_content_type', 'payload_too_large'],
  },
  async handle({ req, reply, deps, query }) {
    const limits = { idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS };
    const { amount } = await readSmallJson(req, bodySchema, limits);
    const dry_run = query.dryRun === 'true';
    const wish = { amount_micros: Number(parseMicros(amount)), dry_run };
    const checkout = await deps.services.startCheckout(requirePrincipal(req), wish);
    return reply.status(dry_run ? 200 : 201).send({ object: 'checkout', ...checkout, currency: 'USD' });
  },
});
