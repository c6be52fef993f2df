/** A server that has enough to do says so at once, and to those only who bring more of it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startTestApp({
    GESSO_REQUESTS_IN_FLIGHT_MAX: '1',
    GESSO_WRONG_KEYS_PER_MINUTE: '3',
    GESSO_OPEN_REQUESTS_PER_MINUTE: '1',
    GESSO_TRUSTED_PROXIES: 'loopback',
  });
});
afterAll(() => server.close());

const ask = (path: string, key: string | null, more: object = {}): Promise<Response> =>
  fetch(`${server.url}${path}`, { headers: { ...(key !== null && { authorization: `Bearer ${key}` }), ...more } });

async function draw(body: object): Promise<Response> {
  return fetch(`${server.url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gesso/sketch', prompt: 'a cat', size: '64x64', ...body }),
  });
}

test('one more than may be in hand is 503 with Retry-After; others are still answered, and later it works', async () => {
  // A stream's headers come when its generation is accepted, long before its picture.
  const slow = await draw({ stream: true, simulate_delay_ms: 1500 });
  const refused = await draw({});
  expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('retry-after-ms')]).toEqual([
    503,
    '1',
    '1000',
  ]);
  expect(await refused.json()).toMatchObject({ error: { code: 'overloaded' } });
  expect((await ask('/v1/models', testKeys.test)).status).toBe(200);
  expect(await slow.text()).toContain('completed');
  expect((await draw({})).status).toBe(200);
});

test('who tries many keys is told to wait; another address, and a right key, are not', async () => {
  const from = { 'x-forwarded-for': '198.51.100.7' };
  const statuses = [];
  for (const key of ['sk-a', 'sk-b', null, 'sk-c']) statuses.push((await ask('/v1/models', key, from)).status);
  expect(statuses).toEqual([401, 401, 401, 429]);
  const waiting = await ask('/v1/models', 'sk-d', from);
  expect(Number(waiting.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await ask('/v1/models', testKeys.test, from)).status).toBe(200);
  expect((await ask('/v1/models', 'sk-d', { 'x-forwarded-for': '198.51.100.8' })).status).toBe(401);
});

test('pages and pictures are limited by address, and what watches over the server is not', async () => {
  const statuses = [];
  for (let index = 0; index < 11; index += 1) statuses.push((await ask('/docs/', null)).status);
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
  const picture = await ask('/media/none.png', null);
  expect([picture.status, ((await picture.json()) as { error: { code: string } }).error.code]).toEqual([
    429,
    'rate_limited',
  ]);
  expect((await ask('/healthz', null)).status).toBe(200);
  expect((await ask('/v1/models', testKeys.test)).status).toBe(200);
});

test('what only providers call is limited by address too', async () => {
  const call = (address: string): Promise<Response> =>
    fetch(`${server.url}/v1/hooks/fal`, { method: 'POST', body: '{}', headers: { 'x-forwarded-for': address } });
  const statuses = [];
  for (let index = 0; index < 11; index += 1) statuses.push((await call('198.51.100.9')).status);
  // Nobody is asked to call this server.
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 404), 429]);
  expect((await call('198.51.100.10')).status).toBe(404);
});
