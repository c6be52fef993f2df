/** What Stripe tells of payments: docs.stripe.com/api/events/types, read 2026-11-20. */
import { z } from 'zod';
import { GessoError } from '../../core/errors.ts';
import { findAccount } from '../../store/accounts.ts';
import { insertTopUp } from '../../store/ledger.ts';
import type { ServiceParts } from '../parts.ts';
import { checkoutPrice } from './checkout-price.ts';
import { verifySignature } from './verify-signature.ts';

const PAID_EVENTS = ['checkout.session.completed', 'checkout.session.async_payment_succeeded'];

const CENT_MICROS = 10_000;

const eventSchema = z.object({ id: z.string(), type: z.string(), data: z.object({ object: z.unknown() }) });

const sessionSchema = z.object({
  id: z.string(),
  payment_status: z.string(),
  currency: z.string(),
  amount_total: z.int(),
  client_reference_id: z.string(),
  metadata: z.object({ gesso_account_id: z.string(), gesso_amount_micros: z.string().regex(/^[1-9]\d{0,15}$/) }),
});

type Session = z.infer<typeof sessionSchema>;

/**
 * Pays in what a signed event says was paid, once for each checkout however often and by how many events it is told.
 * Events about anything else are taken and left. Throws `invalid_value` for what Stripe did not sign.
 */
export async function takeStripeEvent(parts: ServiceParts, body: Uint8Array, signature: string | null): Promise<void> {
  const secret = parts.money.stripe?.webhook_secret ?? null;
  if (secret === null) throw new GessoError('not_found', 'STRIPE_WEBHOOK_SECRET is not set on this server.');
  if (!verifySignature(body, signature, secret, parts.clock.now())) {
    throw new GessoError('invalid_value', 'The signature does not fit this body and this secret.');
  }
  const event = eventSchema.safeParse(JSON.parse(Buffer.from(body).toString('utf8')));
  if (!event.success || !PAID_EVENTS.includes(event.data.type)) return;
  const session = sessionSchema.safeParse(event.data.data.object);
  // Other programs may use the same Stripe account, and a bank debit is paid only days after its checkout.
  if (!session.success || session.data.payment_status !== 'paid') return;
  await payIn(parts, event.data.id, session.data);
}

async function payIn(parts: ServiceParts, event_id: string, session: Session): Promise<void> {
  const { db, ids, clock, log } = parts;
  const account_id = session.metadata.gesso_account_id;
  const amount_micros = Number(session.metadata.gesso_amount_micros);
  const paid_micros = session.amount_total * CENT_MICROS;
  // What was paid must cover what it was opened for; the fee may have changed since.
  const isRight =
    session.currency === 'usd' &&
    session.client_reference_id === account_id &&
    paid_micros >= checkoutPrice(amount_micros, 0).paid_micros &&
    (await findAccount(db, account_id))?.billing === 'prepaid';
  if (!isRight) {
    log.error({ event_id, checkout: session.id }, 'a payment does not fit its checkout; nothing was paid in');
    return;
  }
  const isNew = await insertTopUp(db, {
    id: ids.next('top'),
    account_id,
    mode: 'live',
    source: 'stripe',
    reference: session.id,
    amount_micros,
    fee_micros: paid_micros - amount_micros,
    created_at: new Date(clock.now()),
  });
  log.info({ event_id, account_id, amount_micros, is_new: isNew }, 'a card paid into a wallet');
}
