/** Paying by card: a server that acts Stripe opens the page, and signed events say what was paid. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

const SECRET = 'whsec_test';
const asked: URLSearchParams[] = [];
const stripe = createServer(async (req, res) => {
  asked.push(new URLSearchParams(await text(req)));
  const isRight = req.url === '/v1/checkout/sessions' && req.headers.authorization === 'Bearer sk_test_stripe';
  res.writeHead(isRight ? 200 : 401).end(JSON.stringify({ id: 'cs_1', url: 'https://checkout.stripe.com/c/pay/cs_1' }));
});

let server: TestApp;
let account = '';
let key = '';
beforeAll(async () => {
  stripe.listen(0, '127.0.0.1');
  await once(stripe, 'listening');
  server = await startTestApp({
    STRIPE_SECRET_KEY: 'sk_test_stripe',
    STRIPE_WEBHOOK_SECRET: SECRET,
    STRIPE_BASE_URL: `http://127.0.0.1:${(stripe.address() as AddressInfo).port}`, // It listens on a port.
  });
  ({ id: account = '' } = (await call('/v1/admin/accounts', testKeys.admin, { name: 'North' })).body);
  ({ key = '' } = (await call('/v1/keys', testKeys.admin, { name: 'k', mode: 'live', account_id: account })).body);
});
afterAll(async () => {
  await server.close();
  stripe.close();
});

type Body = Readonly<Record<string, string | undefined>>;

async function call(
  path: string,
  bearer: string,
  body: object,
): Promise<{ readonly status: number; readonly body: Body }> {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Body }; // Each test names what it looks at.
}

async function balance(): Promise<number> {
  const answer = await fetch(`${server.url}/v1/balance`, { headers: { authorization: `Bearer ${key}` } });
  return ((await answer.json()) as { readonly balance_micros: number }).balance_micros; // By our own document.
}

async function tell(change: object = {}, options: { readonly type?: string; readonly secret?: string } = {}) {
  const session = {
    id: 'cs_1',
    payment_status: 'paid',
    currency: 'usd',
    amount_total: 1050,
    client_reference_id: account,
    metadata: { gesso_account_id: account, gesso_amount_micros: '10000000' },
    ...change,
  };
  const { type = 'checkout.session.completed', secret = SECRET } = options;
  const body = JSON.stringify({ id: 'evt_1', type, data: { object: session } });
  const time = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  const headers = { 'content-type': 'application/json', 'stripe-signature': `t=${time},v1=${signature}` };
  return (await fetch(`${server.url}/v1/stripe/events`, { method: 'POST', headers, body })).status;
}

test('the fee is told before anything is paid, and the page asks for just that', async () => {
  const dry = await call('/v1/checkouts?dryRun=true', key, { amount: '10.00' });
  expect(dry).toMatchObject({ status: 200, body: { fee_micros: 500_000, paid_micros: 10_500_000, url: null } });
  expect(asked).toHaveLength(0);
  const made = await call('/v1/checkouts', key, { amount: '10.00' });
  expect(made).toMatchObject({ status: 201, body: { id: 'cs_1', url: 'https://checkout.stripe.com/c/pay/cs_1' } });
  expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
    client_reference_id: account,
    'line_items[0][price_data][unit_amount]': '1050',
    'metadata[gesso_amount_micros]': '10000000',
  });
  expect((await call('/v1/checkouts', key, { amount: '0.10' })).status).toBe(400);
  expect((await call('/v1/checkouts', testKeys.live, { amount: '10.00' })).status).toBe(400);
});

test('what nobody signed, what is not paid, and what does not fit moves nothing', async () => {
  expect(await tell({}, { secret: 'whsec_other' })).toBe(400);
  expect(await tell({}, { type: 'invoice.paid' })).toBe(200);
  expect(await tell({ payment_status: 'unpaid' })).toBe(200);
  expect(await tell({ amount_total: 999 })).toBe(200);
  expect(await tell({ currency: 'jpy' })).toBe(200);
  expect(await tell({ client_reference_id: 'acc_owner' })).toBe(200);
  expect(await tell({ metadata: {} })).toBe(200);
  expect(await balance()).toBe(0);
});

test('a payment is paid in once, however often and by whatever event it is told', async () => {
  const told = [tell(), tell(), tell({}, { type: 'checkout.session.async_payment_succeeded' }), tell()];
  expect(await Promise.all(told)).toEqual([200, 200, 200, 200]);
  expect(await balance()).toBe(10_000_000);
  expect(await tell()).toBe(200);
  expect(await balance()).toBe(10_000_000);
});
