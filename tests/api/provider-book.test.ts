/** What providers bill us, beside what we charge: live keys of a prepaid account, against a server that acts fal. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFalServer } from '../providers/servers/fal-server.ts';
import type { ProviderServer } from '../providers/servers/kit.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

let fal: ProviderServer;
let server: TestApp;
let key: string;
beforeAll(async () => {
  fal = await startFalServer({ polls_until_done: 0 });
  server = await startTestApp({
    FAL_KEY: fal.key,
    FAL_BASE_URL: fal.base_url,
    GESSO_START_CREDIT_USD: '1.02',
    GESSO_LOW_BALANCE_USD: '1',
  });
  const { id } = await call('POST', '/v1/admin/accounts', testKeys.admin, { name: 'North' });
  ({ key = '' } = await call('POST', '/v1/keys', testKeys.admin, { name: 'k', mode: 'live', account_id: id }));
});
afterAll(async () => {
  await server.close();
  await fal.close();
});

interface Answer {
  readonly id?: string;
  readonly key?: string;
  readonly ok?: boolean;
  readonly balance_micros?: number;
  readonly amount_micros?: number;
  readonly metadata?: { readonly request_id: string; readonly cost_micros: number };
  readonly data?: readonly {
    readonly mode: string;
    readonly account: string;
    readonly credited_micros: number;
    readonly debited_micros: number;
  }[];
}

async function call(method: 'GET' | 'POST', path: string, bearer: string, body?: object): Promise<Answer> {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as Answer; // Each test names what it looks at.
}

const draw = () => call('POST', '/v1/images/generations', key, { model: 'fal/seedream-4', prompt: 'a cat' });

async function books(): Promise<Readonly<Record<string, number>>> {
  const { data = [] } = await call('GET', '/v1/admin/ledger', testKeys.admin);
  const live = data.filter(({ mode }) => mode === 'live');
  return Object.fromEntries(live.map((row) => [row.account, row.credited_micros - row.debited_micros]));
}

test('a picture is charged and billed; a low balance is told once; a refund gives the charge back', async () => {
  const { metadata } = await draw();
  expect(metadata?.cost_micros).toBe(30_000);
  await draw();
  expect(await books()).toEqual({
    'house:gifts': -1_020_000,
    'house:provider_costs': -60_000,
    'house:sales': 60_000,
    'provider:fal': 60_000,
    wallets: 960_000,
  });
  expect(server.log().match(/wallet of an account runs low/g)).toHaveLength(1);

  const refund = { generation_id: metadata?.request_id };
  expect(await call('POST', '/v1/admin/refunds', testKeys.admin, refund)).toMatchObject({ amount_micros: 30_000 });
  expect(await call('POST', '/v1/admin/refunds', testKeys.admin, refund)).toMatchObject({ amount_micros: 0 });
  expect(await call('GET', '/v1/balance', key)).toMatchObject({ balance_micros: 990_000 });
  expect(await call('GET', '/v1/admin/ledger/verify', testKeys.admin)).toMatchObject({ ok: true });
});
