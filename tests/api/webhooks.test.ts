/** Webhooks through the API, as a customer meets them: endpoints, secrets, the log, replay and test, what money tells. */
import OpenAI from 'openai';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFalServer } from '../providers/servers/fal-server.ts';
import type { ProviderServer } from '../providers/servers/kit.ts';
import { type Hook, type HookServer, startHookServer } from '../support/hook-server.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

let hooks: HookServer;
let fal: ProviderServer;
let server: TestApp;
let manager: string;
beforeAll(async () => {
  hooks = await startHookServer();
  fal = await startFalServer({ polls_until_done: 0 });
  server = await startTestApp({
    GESSO_FETCH_ALLOW_HOSTS: hooks.host,
    GESSO_WEBHOOK_ENDPOINTS_MAX: '6',
    FAL_KEY: fal.key,
    FAL_BASE_URL: fal.base_url,
    GESSO_START_CREDIT_USD: '1.02',
  });
  const wish = { name: 'manager', mode: 'test', scopes: ['generate', 'read', 'manage'] };
  manager = (await call('POST', '/v1/keys', testKeys.admin, wish)).body.key ?? '';
});
afterAll(async () => {
  await server.close();
  await hooks.close();
  await fal.close();
});

/** The union of what these routes answer, as far as this file looks at it. */
interface Answer {
  readonly id: string;
  readonly key?: string;
  readonly mode?: string;
  readonly type?: string;
  readonly status?: string | number | null;
  readonly signing_secret: string;
  readonly has_more?: boolean;
  readonly last_id?: string;
  readonly data: readonly Answer[];
  readonly tries?: readonly unknown[];
  readonly error: { readonly code: string; readonly param: string | null; readonly message: string };
  readonly metadata: { readonly request_id: string };
}

async function call(
  method: string,
  path: string,
  key: string,
  body?: object,
): Promise<{ status: number; body: Answer }> {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Answer };
}

async function endpoint(path: string, wish: object = {}, key = manager): Promise<Answer> {
  const { status, body } = await call('POST', '/v1/webhooks', key, { url: `${hooks.url}${path}`, ...wish });
  expect(status, body.error?.message).toBe(201);
  return body;
}

const prepaid = async () => (await call('POST', '/v1/admin/accounts', testKeys.admin, { name: 'North' })).body.id;
const keyOf = async (account_id: string, wish: object) =>
  (
    await call('POST', '/v1/keys', testKeys.admin, {
      name: 'k',
      account_id,
      scopes: ['generate', 'read', 'manage'],
      ...wish,
    })
  ).body;

const draw = async (wish: object = {}) =>
  (
    await call('POST', '/v1/images/generations', manager, {
      model: 'gesso/sketch',
      prompt: 'a cat',
      size: '64x64',
      ...wish,
    })
  ).body;

async function only(path: string): Promise<Hook> {
  const [hook] = await hooks.waitFor(1, path);
  if (hook === undefined) throw new Error('nothing came');
  return hook;
}

const remove = (id: string) => call('DELETE', `/v1/webhooks/${id}`, testKeys.admin);

test('an endpoint is made with its secret, once, and is told of what ends as GET answers it', async () => {
  const made = await endpoint('/told', { name: 'app', event_types: ['generation.completed'] });
  expect(made).toMatchObject({
    object: 'webhook_endpoint',
    mode: 'test',
    enabled: true,
    event_types: ['generation.completed'],
  });
  const secret = made.signing_secret;
  for (const path of [`/v1/webhooks/${made.id}`, '/v1/webhooks']) {
    const shown = JSON.stringify((await call('GET', path, manager)).body);
    expect(shown).toContain(`"signing_secret_hint":"${secret.slice(-4)}"`);
    expect(shown).not.toContain(secret);
  }
  const { metadata } = await draw();
  const hook = await only('/told');
  const client = new OpenAI({ apiKey: 'none' });
  const event = await client.webhooks.unwrap(hook.body, hook.headers, secret);
  const { body: generation } = await call('GET', `/v1/generations/${metadata.request_id}`, manager);
  expect(event).toMatchObject({ object: 'event', type: 'generation.completed', data: generation });

  const { body: log } = await call('GET', `/v1/webhooks/${made.id}/deliveries`, manager);
  expect(log.data).toMatchObject([{ object: 'webhook_delivery', event: { id: event.id }, endpoint_id: made.id }]);
  const { body: byId } = await call('GET', `/v1/webhooks/deliveries?object_id=${metadata.request_id}`, manager);
  expect(byId.data.map(({ id }) => id)).toEqual(log.data.map(({ id }) => id));

  const [delivery] = log.data;
  await expect
    .poll(async () => (await call('GET', `/v1/webhooks/deliveries/${delivery?.id}`, manager)).body)
    .toMatchObject({
      status: 'delivered',
      attempts: 1,
      tries: [{ seq: 1, status: 200, error: null, answer: 'ok' }],
    });
  const replayed = await call('POST', `/v1/webhooks/deliveries/${delivery?.id}/replay`, manager);
  expect(replayed).toMatchObject({ status: 202, body: { status: 'pending' } });
  const [first, second] = await hooks.waitFor(2, '/told');
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  await remove(made.id);
  expect((await call('GET', `/v1/webhooks/${made.id}`, manager)).status).toBe(404);
  expect((await call('POST', `/v1/webhooks/deliveries/${delivery?.id}/replay`, manager)).body.error.code).toBe(
    'invalid_value',
  );
});

test('the log is paged', async () => {
  const { id } = await endpoint('/paged');
  for (let index = 0; index < 3; index += 1) await draw();
  const page = async (query: string) =>
    (await call('GET', `/v1/webhooks/${id}/deliveries?limit=2${query}`, manager)).body;
  const first = await page('');
  const second = await page(`&starting_after=${first.last_id}`);
  expect([first.has_more, second.has_more]).toEqual([true, false]);
  expect(new Set([...first.data, ...second.data].map((one) => one.id)).size).toBe(3);
  await remove(id);
});

test('what fails is told as it failed', async () => {
  const { id } = await endpoint('/failed', { event_types: ['generation.failed'] });
  await draw({ simulate: ['content_policy'] });
  expect(JSON.parse((await only('/failed')).body)).toMatchObject({
    type: 'generation.failed',
    data: { status: 'failed', error: { code: 'content_policy_violation', doc_url: expect.stringMatching(/^http/) } },
  });
  await remove(id);
});

test('a rotated secret signs beside the one before', async () => {
  const made = await endpoint('/rotated');
  const { body } = await call('POST', `/v1/webhooks/${made.id}/rotate`, manager, { grace_s: 60 });
  expect(body.signing_secret).not.toBe(made.signing_secret);
  const answer = await call('POST', `/v1/webhooks/${made.id}/test`, manager);
  expect(answer).toMatchObject({ status: 200, body: { status: 200, error: null, answer: 'ok' } });
  const hook = await only('/rotated');
  for (const secret of [made.signing_secret, body.signing_secret]) {
    expect(new Webhook(secret).verify(hook.body, { ...hook.headers })).toMatchObject({ type: 'webhook.test' });
  }
  await remove(made.id);
});

test('a test tells what came back', async () => {
  const { id } = await endpoint('/broken');
  hooks.answer = (_hook, res) => void res.writeHead(500).end('no');
  const { body } = await call('POST', `/v1/webhooks/${id}/test`, manager);
  hooks.answer = (_hook, res) => void res.end('ok');
  expect(body).toMatchObject({ status: 500, answer: 'no', error: 'It answered with status 500.' });
  await remove(id);
});

test('tests and replays are so many a minute', async () => {
  const account_id = await prepaid();
  const { key = '' } = await keyOf(account_id, { mode: 'test' });
  const { id } = await endpoint('/flooded', {}, key);
  const send = () => call('POST', `/v1/webhooks/${id}/test`, key);
  const answers = await Promise.all(Array.from({ length: 32 }, send));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]?.body.error.code).toBe('rate_limited');
});

test('an endpoint is changed, stopped and enabled again', async () => {
  const { id } = await endpoint('/changed');
  const change = (wish: object) => call('PATCH', `/v1/webhooks/${id}`, manager, wish);
  expect((await change({ name: 'new', event_types: ['balance.low'] })).body).toMatchObject({
    name: 'new',
    enabled: true,
  });
  expect((await change({ enabled: false, event_types: null })).body).toMatchObject({
    enabled: false,
    disabled_reason: 'request',
  });
  const { metadata } = await draw();
  expect((await call('GET', `/v1/webhooks/deliveries?object_id=${metadata.request_id}`, manager)).body.data).toEqual(
    [],
  );
  expect((await change({ enabled: true })).body).toMatchObject({ enabled: true, disabled_reason: null });
  expect((await change({ url: 'https://10.0.0.1/' })).body.error).toMatchObject({
    code: 'invalid_value',
    param: 'url',
  });
  await remove(id);
});

test.each([
  [{ url: 'https://127.0.0.1/hook' }, 'url', /not public/],
  [{ url: 'https://[::ffff:192.168.0.1]/hook' }, 'url', /not public/],
  [{ url: 'https://169.254.169.254/' }, 'url', /not public/],
  [{ url: 'https://localhost/hook' }, 'url', /not public/],
  [{ url: 'http://93.184.216.34/hook' }, 'url', /https/],
  [{ url: 'https://93.184.216.34:25/' }, 'url', /port/],
  [{ url: 'file:///etc/passwd' }, 'url', /https/],
  [{ url: `https://93.184.216.34/${'x'.repeat(2100)}` }, 'url', /longer/],
  [{ url: 'https://93.184.216.34/', event_types: ['generation.done'] }, 'event_types', /generation\.completed/],
  [{ url: 'https://93.184.216.34/', mode: 'live' }, 'mode', /test only/],
  [{ url: 'https://93.184.216.34/', colour: 'red' }, null, /colour/],
])('%j is refused', async (wish, param, told) => {
  const { status, body } = await call('POST', '/v1/webhooks', manager, wish);
  expect([status, body.error.param ?? param]).toEqual([400, param ?? body.error.param]);
  expect(body.error.message).toMatch(told);
});

test('no more endpoints than an account may have', async () => {
  const made = [];
  for (let index = 0; index < 6; index += 1) made.push(await endpoint(`/many${index}`));
  const { status, body } = await call('POST', '/v1/webhooks', manager, { url: `${hooks.url}/more` });
  expect([status, body.error.message]).toEqual([400, expect.stringMatching(/has 6 webhook endpoints/)]);
  for (const { id } of made) await remove(id);
});

test('who may not manage changes nothing, and a key sees the endpoints of its mode', async () => {
  const { id } = await endpoint('/mine');
  const url = `${hooks.url}/x`;
  for (const [method, path] of [
    ['POST', '/v1/webhooks'],
    ['PATCH', `/v1/webhooks/${id}`],
    ['DELETE', `/v1/webhooks/${id}`],
    ['POST', `/v1/webhooks/${id}/rotate`],
    ['POST', `/v1/webhooks/${id}/test`],
    ['GET', '/v1/webhooks/secret'],
  ] as const) {
    const { status } = await call(method, path, testKeys.test, method === 'POST' ? { url } : undefined);
    expect([method, path, status]).toEqual([method, path, 403]);
  }
  expect((await call('GET', `/v1/webhooks/${id}`, testKeys.test)).status).toBe(200);
  expect((await call('GET', `/v1/webhooks/${id}`, testKeys.live)).status).toBe(404);
  expect((await endpoint('/both', {}, testKeys.admin)).mode).toBe('both');
  for (const one of (await call('GET', '/v1/webhooks', testKeys.admin)).body.data) await remove(one.id);
});

test('the secret of jobs: one for each mode, rotated on request', async () => {
  const secret = async (method: string, path: string, key: string) => (await call(method, path, key)).body;
  const first = await secret('GET', '/v1/webhooks/secret', manager);
  expect(first).toMatchObject({ mode: 'test', signing_secret: expect.stringMatching(/^whsec_[\w+/]{43}=$/) });
  expect(await secret('GET', '/v1/webhooks/secret', manager)).toEqual(first);
  const live = await secret('GET', '/v1/webhooks/secret', testKeys.admin);
  expect([live.mode, live.signing_secret === first.signing_secret]).toEqual(['live', false]);
  const rotated = await secret('POST', '/v1/webhooks/secret/rotate', manager);
  expect(rotated.signing_secret).not.toBe(first.signing_secret);
  expect(await secret('GET', '/v1/webhooks/secret?mode=test', testKeys.admin)).toEqual(rotated);
});

test('a job that names a URL is told there how it ended, signed with the secret of jobs', async () => {
  const job = { model: 'gesso/sketch', input: { prompt: 'a cat', size: '64x64' }, wait: 0 };
  const submit = (path: string, more: object = {}) =>
    call('POST', '/v1/generations', manager, { ...job, ...more, webhook_url: `${hooks.url}${path}` });
  const { id } = (await submit('/job')).body;
  const hook = await only('/job');
  const secret = (await call('GET', '/v1/webhooks/secret', manager)).body.signing_secret;
  const { body: generation } = await call('GET', `/v1/generations/${id}`, manager);
  const verified = new Webhook(secret).verify(hook.body, { ...hook.headers });
  expect(verified).toMatchObject({ type: 'generation.completed', mode: 'test', data: generation });
  await submit('/failing-job', { simulate: 'content_policy' });
  expect(JSON.parse((await only('/failing-job')).body)).toMatchObject({ type: 'generation.failed' });
});

test.each(['https://127.0.0.1/', 'https://169.254.169.254/', 'http://93.184.216.34/'])(
  'a job is refused that names %s',
  async (webhook_url) => {
    const wish = { model: 'gesso/sketch', input: { prompt: 'a cat' }, webhook_url };
    const { status, body } = await call('POST', '/v1/generations', manager, wish);
    expect([status, body.error]).toMatchObject([400, { code: 'invalid_value', param: 'webhook_url' }]);
  },
);

test('the types of events are listed', async () => {
  const { body } = await call('GET', '/v1/webhooks/event_types', testKeys.live);
  expect(body.data.map(({ type }) => type)).toContain('batch.completed');
});

test('a budget is told of when it refuses for the first time', async () => {
  const { id, key = '' } = await keyOf(await prepaid(), { mode: 'test', monthly_budget_usd: 0.01 });
  await endpoint('/budget', { event_types: ['budget.reached'] }, key);
  for (let index = 0; index < 3; index += 1) {
    const wish = { model: 'seedream-4', prompt: 'a cat' };
    expect((await call('POST', '/v1/images/generations', key, wish)).status).toBe(402);
  }
  expect(JSON.parse((await only('/budget')).body)).toMatchObject({
    type: 'budget.reached',
    data: { object: 'budget', key_id: id, tag: null, period: 'monthly', budget_micros: 10_000, spent_micros: 0 },
  });
  expect((await call('GET', '/v1/webhooks/deliveries', key)).body.data).toHaveLength(1);
});

test('a wallet is told of when it falls below the mark, once', async () => {
  const { key = '' } = await keyOf(await prepaid(), { mode: 'live' });
  await endpoint('/low', { event_types: ['balance.low'] }, key);
  for (let index = 0; index < 3; index += 1) {
    const wish = { model: 'fal/seedream-4', prompt: 'a cat' };
    expect((await call('POST', '/v1/images/generations', key, wish)).status).toBe(200);
  }
  expect(JSON.parse((await only('/low')).body)).toMatchObject({
    type: 'balance.low',
    data: { object: 'balance', mode: 'live', balance_micros: 990_000, mark_micros: 1_000_000 },
  });
  expect((await call('GET', '/v1/webhooks/deliveries', key)).body.data).toHaveLength(1);
});
