/** A page at Stripe where a card pays into the caller's live wallet: docs.stripe.com/api/checkout/sessions, read 2026-11-20. */
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import type { CheckoutView } from '../../contracts/money.ts';
import type { Principal } from '../../contracts/services.ts';
import { GessoError } from '../../core/errors.ts';
import { findAccount } from '../../store/accounts.ts';
import type { ServiceParts } from '../parts.ts';
import { checkoutPrice } from './checkout-price.ts';

const ANSWER_BYTES_MAX = 1024 * 1024;
const TIMEOUT_MS = 30_000;
/** Stripe takes no less by card. */
const PAID_CENTS_MIN = 50;

const sessionSchema = z.object({ id: z.string(), url: z.url() });

/** The fee is told before anything is paid. With `dry_run` Stripe is not asked, and there is no page. */
export async function startCheckout(
  parts: ServiceParts,
  principal: Principal,
  { amount_micros, dry_run }: { readonly amount_micros: number; readonly dry_run: boolean },
): Promise<CheckoutView> {
  const { stripe } = parts.money;
  if (stripe === null) throw new GessoError('not_found', 'This server takes no cards: STRIPE_SECRET_KEY is not set.');
  if (principal.mode === 'test') {
    throw new GessoError('invalid_value', 'A card pays into the live wallet: use a live key.');
  }
  const { account_id } = principal;
  const account = await findAccount(parts.db, account_id);
  if (account?.billing !== 'prepaid') {
    throw new GessoError('invalid_value', 'This account is unmetered: its spend is recorded and it needs no top-up.');
  }
  const price = checkoutPrice(amount_micros, parts.money.top_up_fee_basis_points);
  if (price.paid_cents < PAID_CENTS_MIN) {
    throw new GessoError('invalid_value', 'A card pays at least $0.50.', { param: 'amount' });
  }
  if (dry_run) return { ...price, id: null, url: null };
  const session = await createSession(parts, stripe, { ...price, account_id });
  return { ...price, id: session.id, url: session.url };
}

interface Payment extends ReturnType<typeof checkoutPrice> {
  readonly account_id: string;
}

async function createSession(
  { guardedFetch, publicUrl, log }: ServiceParts,
  stripe: NonNullable<ServiceParts['money']['stripe']>,
  { account_id, amount_micros, paid_cents }: Payment,
): Promise<z.infer<typeof sessionSchema>> {
  const form = new URLSearchParams({
    mode: 'payment',
    client_reference_id: account_id,
    success_url: publicUrl(),
    cancel_url: publicUrl(),
    'line_items[0][quantity]': '1',
    'line_items[0][price_data][currency]': 'usd',
    'line_items[0][price_data][unit_amount]': String(paid_cents),
    'line_items[0][price_data][product_data][name]': 'Gesso credit, with the fee',
    // Signed back to us with the event: what reaches the wallet.
    'metadata[gesso_account_id]': account_id,
    'metadata[gesso_amount_micros]': String(amount_micros),
  });
  const answer = await guardedFetch(`${stripe.base_url}/v1/checkout/sessions`, {
    origin: 'config',
    method: 'POST',
    headers: {
      authorization: `Bearer ${stripe.secret_key}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: form.toString(),
    bytes_max: ANSWER_BYTES_MAX,
    timeout_ms: TIMEOUT_MS,
    redirects_max: 0,
  });
  const session = sessionSchema.safeParse(await json(answer.body));
  if (answer.status === 200 && session.success) return session.data;
  log.error({ status: answer.status }, 'Stripe did not open a page to pay');
  throw new GessoError('internal_error', 'The payment page could not be opened. Try again.');
}
