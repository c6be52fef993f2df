/** What keys may do and spend, as their users meet it; and that no whole key stays anywhere. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';
import { zeroCostEngine } from '../support/zero-cost-engine.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startTestApp({}, { engine: zeroCostEngine() });
});
afterAll(() => server.close());

/** The union of what these routes answer, as far as this file looks at it. */
interface Answer {
  readonly id: string;
  readonly key: string;
  readonly last_four: string;
  readonly parent_id: string | null;
  readonly rotation: { readonly next_last_four: string } | null;
  readonly budget: { readonly total_spent_usd: number; readonly month_spent_usd: number };
  readonly data: readonly Answer[];
  readonly error: { readonly code: string; readonly param: string | null; readonly message: string };
}

interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Answer;
}

const shown: string[] = [];
const errors: string[] = [];

async function call(method: string, path: string, key: string, body?: object, more: object = {}): Promise<Told> {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }), ...more },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (answer.status >= 400) errors.push(text);
  return { status: answer.status, headers: answer.headers, body: JSON.parse(text) as Answer };
}

async function makeKey(settings: object = {}, by: string = testKeys.admin): Promise<{ id: string; key: string }> {
  const made = await call('POST', '/v1/keys', by, { mode: 'test', ...settings });
  expect([made.status, made.body.error?.message]).toEqual([201, undefined]);
  shown.push(made.body.key);
  return made.body;
}

const draw = (key: string, body: object = {}, headers: object = {}): Promise<Told> =>
  call('POST', '/v1/images/generations', key, { model: 'seedream-4', prompt: 'a cat', ...body }, headers);
const dry = (key: string, body: object = {}): Promise<Told> =>
  call('POST', '/v1/images/generations?dryRun=true', key, { model: 'seedream-4', prompt: 'a cat', ...body });

test('a key is for the models and providers that its globs name, and says so', async () => {
  const { key, id } = await makeKey({ models: ['bytedance/*', 'gesso/sketch'], providers: ['f*'] });
  const allowed = await dry(key);
  expect([allowed.status, (allowed.body as { provider?: string }).provider]).toEqual([200, 'fal']);
  const model = await dry(key, { model: 'gpt-image-1' });
  expect([model.status, model.body.error.code]).toEqual([403, 'model_not_allowed']);
  expect(model.body.error.message).toContain('bytedance/*, gesso/sketch');
  expect((await dry(key, { model: 'gesso/sketch' })).body.error.code).toBe('model_not_allowed');
  expect((await dry(key, { model: ['seedream-4', 'gpt-image-1'] })).body.error.code).toBe('model_not_allowed');

  expect((await call('PATCH', `/v1/keys/${id}`, testKeys.admin, { models: null, providers: null })).status).toBe(200);
  expect((await dry(key, { model: 'gpt-image-1' })).status).toBe(200);
});

test('a rotated key: both are good, until the new one is used', async () => {
  const { id, key } = await makeKey({ name: 'to rotate' });
  const rotated = await call('POST', `/v1/keys/${id}/rotate`, testKeys.admin, { grace_s: 3600 });
  const next = rotated.body.key;
  shown.push(next);
  expect(rotated.body.rotation).toMatchObject({ next_last_four: next.slice(-4) });
  expect((await dry(key)).status).toBe(200);
  expect((await dry(key)).status).toBe(200);
  expect((await dry(next)).status).toBe(200);
  expect((await dry(key)).status).toBe(401);
  expect((await call('GET', `/v1/keys/${id}`, testKeys.admin)).body).toMatchObject({
    last_four: next.slice(-4),
    rotation: null,
  });
});

test('a rotated key: without grace the old one is dead at once', async () => {
  const { id, key } = await makeKey();
  const rotated = await call('POST', `/v1/keys/${id}/rotate`, testKeys.admin, { grace_s: 0 });
  shown.push(rotated.body.key);
  expect((await dry(key)).status).toBe(401);
  expect((await dry(rotated.body.key)).status).toBe(200);
});

test('keys under a key: made by it, bound by it, ended with it', async () => {
  const parent = await makeKey({ scopes: ['generate', 'read', 'manage'], models: ['bytedance/*'] });
  const child = await makeKey({ name: 'customer' }, parent.key);
  expect((await call('GET', '/v1/keys', parent.key)).body.data.map(({ id }) => id)).toEqual([child.id]);
  expect((await dry(child.key, { model: 'gpt-image-1' })).body.error.code).toBe('model_not_allowed');
  const stranger = await makeKey();
  for (const path of [`/v1/keys/${stranger.id}`, `/v1/keys/${parent.id}`]) {
    expect((await call('DELETE', path, parent.key)).status).toBe(404);
  }
  expect((await call('POST', '/v1/keys', parent.key, { mode: 'live' })).body.error.param).toBe('mode');
  expect((await call('POST', '/v1/keys', child.key, { mode: 'test' })).body.error.code).toBe('scope_exceeded');
  expect((await call('DELETE', `/v1/keys/${parent.id}`, testKeys.admin)).status).toBe(200);
  expect((await dry(child.key)).status).toBe(401);
});

test('a key that has expired is not valid, until it is given more time', async () => {
  const { id, key } = await makeKey({ expires_at: 1_700_000_000 });
  expect((await dry(key)).status).toBe(401);
  await call('PATCH', `/v1/keys/${id}`, testKeys.admin, { expires_at: null });
  expect((await dry(key)).status).toBe(200);
});

test('budgets of key, of the key above and of the tag: 402 names what is required and available, and nothing is made', async () => {
  const parent = await makeKey({ total_budget_usd: 0.05, scopes: ['generate', 'read', 'manage'] });
  const child = await makeKey({ tag: 'spring' }, parent.key);
  const drawn = await draw(child.key);
  expect(drawn.status).toBe(200);
  const refused = await draw(child.key);
  expect([refused.status, refused.body.error.code]).toEqual([402, 'budget_exceeded']);
  expect(refused.body.error.message).toMatch(/\$0\.03 \(required\) .*total budget of the key key_\w+ has \$0\.02 left/);
  expect(refused.headers.get('x-should-retry')).toBe('false');
  const { budget } = (await call('GET', `/v1/keys/${parent.id}`, testKeys.admin)).body;
  expect(budget).toMatchObject({ total_spent_usd: 0.03, month_spent_usd: 0.03 });

  const set = await call('PUT', '/v1/tag-budgets', testKeys.admin, {
    tag: 'spring',
    mode: 'test',
    monthly_budget_usd: 0.04,
  });
  expect(set.body).toMatchObject({ month_spent_usd: 0.03 });
  const free = await makeKey();
  const tagged = await draw(free.key, {}, { 'x-gesso-tag': 'spring' });
  expect(tagged.body.error.message).toContain('monthly budget of the tag "spring" has $0.01 left');
  expect((await draw(free.key, { model: 'gesso/sketch' }, { 'x-gesso-tag': 'spring' })).status).toBe(200);
});

// All 500 of them against $3.00, without their pictures: tests/store/admit-budgets.test.ts.
test('30 requests of $0.03 at once against a key budget of $0.15: exactly 5 succeed, and nothing stays held', async () => {
  const { id, key } = await makeKey({ monthly_budget_usd: 0.15 });
  const statuses = await Promise.all(Array.from({ length: 30 }, async () => (await draw(key)).status));
  const count = (status: number): number => statuses.filter((one) => one === status).length;
  expect([count(200), count(402)]).toEqual([5, 25]);
  expect((await call('GET', `/v1/keys/${id}`, testKeys.admin)).body.budget.total_spent_usd).toBe(0.15);
});

test('a limit of requests: every answer tells where the caller stands, and one too many when to come back', async () => {
  const { key } = await makeKey({ requests_per_minute: 60, requests_burst: 2 });
  const first = await dry(key);
  expect(first.headers.get('x-ratelimit-limit-requests')).toBe('60');
  expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('1');
  expect(first.headers.get('x-ratelimit-reset-requests')).toMatch(/^(1s|\d+ms)$/);
  const wrong = await dry(key, { n: 99 });
  expect([wrong.status, wrong.headers.get('x-ratelimit-remaining-requests')]).toEqual([400, '0']);
  const over = await dry(key);
  expect([over.status, over.body.error.code]).toEqual([429, 'rate_limited']);
  expect(over.headers.get('retry-after')).toBe('1');
  expect(Number(over.headers.get('retry-after-ms'))).toBeGreaterThan(0);
  expect(over.headers.get('x-ratelimit-remaining-requests')).toBe('0');
  expect((await dry((await makeKey()).key)).headers.get('x-ratelimit-limit-requests')).toBeNull();
});

test('a limit of pictures counts pictures; more than it ever lets through at once is a fault of the request', async () => {
  const { key } = await makeKey({ images_per_minute: 1, images_burst: 3 });
  const fast = { model: 'gesso/sketch', size: '64x64' };
  const drawn = await draw(key, { ...fast, n: 2 });
  expect([drawn.status, drawn.headers.get('x-ratelimit-remaining-images')]).toEqual([200, '1']);
  const over = await draw(key, { ...fast, n: 2 });
  expect([over.status, over.body.error.code]).toEqual([429, 'rate_limited']);
  const never = await draw(key, { ...fast, n: 4 });
  expect([never.status, never.body.error.param]).toEqual([400, 'n']);
});

test('a limit of the account holds for all its keys together', async () => {
  const account = await call('POST', '/v1/admin/accounts', testKeys.admin, { name: 'Customer' });
  const account_id = account.body.id;
  const limits = { requests_per_minute: 1, requests_burst: 2 };
  expect((await call('PUT', `/v1/admin/accounts/${account_id}/limits`, testKeys.admin, limits)).status).toBe(200);
  const [one, two] = [await makeKey({ account_id }), await makeKey({ account_id })];
  expect([(await dry(one.key)).status, (await dry(two.key)).status, (await dry(one.key)).status]).toEqual([
    200, 200, 429,
  ]);
  await call('PUT', `/v1/admin/accounts/${account_id}/limits`, testKeys.admin, {});
  expect((await dry(one.key)).status).toBe(200);
});

test.each([
  [{ monthly_budget_usd: -1 }, 'monthly_budget_usd'],
  [{ total_budget_usd: 0.0000001 }, 'total_budget_usd'],
  [{ models: [] }, 'models'],
  [{ requests_per_minute: 0 }, 'requests_per_minute'],
  [{ scopes: ['admin'] }, 'scopes'],
  [{ tag: 'ä' }, 'tag'],
])('a key is not made with %j', async (settings, param) => {
  const { status, body } = await call('POST', '/v1/keys', testKeys.admin, { mode: 'test', ...settings });
  expect([status, body.error.param]).toEqual([400, param]);
});

test('after all of this no whole key is in the log, in an error, in the metrics or in the database', async () => {
  const keys = [...shown, ...Object.values(testKeys)];
  await Promise.all(keys.map((key) => call('GET', '/v1/models', `${key}x`)));
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const places = { log: server.log(), errors: errors.join('\n'), metrics, database: await dumpDatabase() };
  expect(places.database).toContain('key_');
  for (const [place, text] of Object.entries(places)) {
    const found = keys.filter((key) => text.includes(key));
    expect([place, found]).toEqual([place, []]);
  }
});

/** Every row of every table as text. */
async function dumpDatabase(): Promise<string> {
  const texts: string[] = [];
  await server.restart(async (db) => {
    const { rows } = await sql<{ name: string }>`
      select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'
    `.execute(db);
    for (const { name } of rows) {
      const dumped = await sql<{ row: string }>`select t::text as row from ${sql.raw(name)} as t`.execute(db);
      texts.push(...dumped.rows.map(({ row }) => row));
    }
  });
  return texts.join('\n');
}
