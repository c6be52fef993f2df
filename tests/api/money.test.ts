/** Money through the whole server, in test mode, where a wallet of play money pays for pictures that cost nothing. */
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SketchEngine } from '../../src/contracts/engine.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

/** Hands out the same small frame at once. */
const zeroCostEngine: SketchEngine = {
  draw: async ({ width, height }) => ({
    pixels: { data: new Uint8Array(width * height * 4).fill(255), width, height },
    understood: [],
  }),
  close: async () => {},
};

/** $0.03 a picture at every offer that test mode would ask. */
const body = { model: 'seedream-4', prompt: 'a cat', size: '1024x1024', response_format: 'url', seed: 1 };

let server: TestApp;
beforeAll(async () => {
  server = await startTestApp(
    { GESSO_TEST_CREDIT_USD: '0', GESSO_START_CREDIT_USD: '0.50' },
    { engine: zeroCostEngine },
  );
});
afterAll(() => server.close());

interface Answer {
  readonly status: number;
  // The shapes are those of the document; each test names what it looks at.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any;
}

async function call(method: 'GET' | 'POST', path: string, key: string, sent?: object): Promise<Answer> {
  const answer = await server.app.request({
    method,
    path,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
  });
  return { status: answer.status, body: JSON.parse(await text(answer.body)) };
}

const admin = (method: 'GET' | 'POST', path: string, sent?: object) => call(method, path, testKeys.admin, sent);

/** A prepaid account with this much play money, and its test key. */
async function customer(dollars: string): Promise<{ readonly id: string; readonly key: string }> {
  const { body: account } = await admin('POST', '/v1/admin/accounts', { name: 'North' });
  await admin('POST', `/v1/admin/accounts/${account.id}/top-ups`, { amount: dollars, mode: 'test' });
  const { body: made } = await admin('POST', '/v1/keys', { name: 'k', mode: 'test', account_id: account.id });
  return { id: account.id, key: made.key };
}

test('500 at once at $0.03 against $3.00: exactly 100 succeed, 400 get 402, and nothing is left or held', {
  timeout: 60_000,
}, async () => {
  const { key } = await customer('3.00');
  const answers = await Promise.all(
    Array.from({ length: 500 }, () => call('POST', '/v1/images/generations', key, body)),
  );
  const counts = Map.groupBy(answers, ({ status }) => status);
  expect(new Map([...counts].map(([status, list]) => [status, list.length]))).toEqual(
    new Map([
      [200, 100],
      [402, 400],
    ]),
  );
  expect(counts.get(200)?.every((answer) => answer.body.metadata.cost_micros === 30_000)).toBe(true);
  const { body: balance } = await call('GET', '/v1/balance', key);
  expect(balance).toMatchObject({ balance_micros: 0, held_micros: 0, available_micros: 0, available: 0 });
  const { body: report } = await admin('GET', '/v1/admin/ledger/verify');
  expect(report).toMatchObject({ ok: true, faults: [] });
});

describe('a wallet', () => {
  test('says what is required and what is available, and takes nothing', async () => {
    const { key } = await customer('0.05');
    const { status, body: answer } = await call('POST', '/v1/images/generations', key, { ...body, n: 2 });
    expect(status).toBe(402);
    expect(answer.error).toMatchObject({ type: 'insufficient_credits', code: 'insufficient_credits' });
    expect(answer.error.message).toContain('$0.06 (required)');
    expect(answer.error.message).toContain('$0.05 left (available)');
    expect((await call('GET', '/v1/balance', key)).body).toMatchObject({ balance_micros: 50_000, held_micros: 0 });
  });

  test('pays for what was delivered and for nothing else', async () => {
    const { key } = await customer('1.00');
    const balance = async () => (await call('GET', '/v1/balance', key)).body.balance_micros;
    await call('POST', '/v1/images/generations', key, { ...body, n: 4, simulate: 'partial' });
    const after = await balance();
    expect(after).toBeLessThan(1_000_000);
    expect((1_000_000 - after) % 30_000).toBe(0);
    for (const simulate of ['content_policy', 'timeout', 'empty', 'overloaded'])
      await call('POST', '/v1/images/generations', key, { ...body, simulate });
    expect(await balance()).toBe(after);
    expect((await call('GET', '/v1/balance', key)).body.held_micros).toBe(0);
  });

  test('live and test are apart, and the owner has none that limits', async () => {
    const { id, key } = await customer('1.00');
    const { body: account } = await admin('GET', `/v1/admin/accounts/${id}`);
    expect(account.wallets).toMatchObject([
      { mode: 'live', balance_micros: 500_000 },
      { mode: 'test', balance_micros: 1_000_000 },
    ]);
    expect((await call('GET', '/v1/balance', key)).body).toMatchObject({ mode: 'test', billing: 'prepaid' });
    const { body: owner } = await call('GET', '/v1/balance', testKeys.test);
    expect(owner).toMatchObject({ billing: 'unmetered', available_micros: null, available: null });
  });
});

describe('a top-up', () => {
  test('bears its fee on top, rounded up to the cent of a cent, and can be asked for first', async () => {
    const { id } = await customer('1.00');
    const path = `/v1/admin/accounts/${id}/top-ups`;
    const asked = await admin('POST', `${path}?dryRun=true`, { amount: '0.123456', mode: 'test' });
    expect(asked).toMatchObject({
      status: 200,
      body: { fee_micros: 6200, paid_micros: 129_656, balance_micros: 1_000_000 },
    });
    const made = await admin('POST', path, { amount: '0.123456', mode: 'test' });
    expect(made).toMatchObject({ status: 201, body: { fee_micros: 6200, balance_micros: 1_123_456 } });
  });

  test('of one reference is counted once, and means one payment', async () => {
    const { id } = await customer('1.00');
    const path = `/v1/admin/accounts/${id}/top-ups`;
    const payment = { amount: '2.00', mode: 'test', reference: `bill of ${id}` };
    const made = await Promise.all([1, 2, 3].map(() => admin('POST', path, payment)));
    expect(new Set(made.map((answer) => answer.body.id)).size).toBe(1);
    expect(made[0]).toMatchObject({ status: 201, body: { balance_micros: 3_000_000 } });
    expect(await admin('POST', path, { ...payment, amount: '3.00' })).toMatchObject({ status: 422 });
  });

  test.each(['0', '-1', '1e3', '1.0000001', 'ten', ''])('of "%s" is refused', async (amount) => {
    const { id } = await customer('1.00');
    expect((await admin('POST', `/v1/admin/accounts/${id}/top-ups`, { amount })).status).toBe(400);
  });

  test('is the operator’s to make: no key of a customer, and nothing for an account that pays nothing', async () => {
    const { id, key } = await customer('1.00');
    const path = `/v1/admin/accounts/${id}/top-ups`;
    expect((await call('POST', path, key, { amount: '1.00' })).status).toBe(403);
    expect((await admin('POST', '/v1/keys', { name: 'k', mode: 'admin', account_id: id })).status).toBe(400);
    expect((await admin('POST', '/v1/admin/accounts/acc_nobody/top-ups', { amount: '1.00' })).status).toBe(404);
    const { body: accounts } = await admin('GET', '/v1/admin/accounts');
    const owner = accounts.data[0].id;
    expect((await admin('POST', `/v1/admin/accounts/${owner}/top-ups`, { amount: '1.00' })).status).toBe(400);
  });
});
