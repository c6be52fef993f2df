/** Keys through the API: shown once, known by their ends, dead when revoked, made by admins alone. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startTestApp();
});
afterAll(() => server.close());

async function call(
  method: string,
  path: string,
  key: string,
  body?: object,
): Promise<{ status: number; body: KeyAnswer }> {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as KeyAnswer };
}

/** The union of what these routes answer, as far as this file looks at it. */
interface KeyAnswer {
  readonly id: string;
  readonly key: string;
  readonly last_four: string;
  readonly scopes: readonly string[];
  readonly data: readonly KeyAnswer[];
  readonly error: { readonly code: string; readonly param: string | null };
}

test('a key is made, shown once, used, listed by its ends, revoked, and dead', async () => {
  const made = await call('POST', '/v1/keys', testKeys.admin, { name: 'laptop', mode: 'test' });
  expect(made.status).toBe(201);
  const { id, key, last_four } = made.body;
  expect(key).toMatch(/^sk-test-[\w-]{43}$/);
  expect((await call('GET', '/v1/models/gesso/sketch', key)).status).toBe(200);

  const listed = await call('GET', '/v1/keys', testKeys.admin);
  expect(JSON.stringify(listed.body)).not.toContain(key);
  expect(listed.body.data.find((one) => one.id === id)).toMatchObject({ name: 'laptop', last_four });

  expect((await call('DELETE', `/v1/keys/${id}`, testKeys.admin)).status).toBe(200);
  expect((await call('GET', '/v1/models/gesso/sketch', key)).status).toBe(401);
  expect((await call('DELETE', `/v1/keys/${id}`, testKeys.admin)).status).toBe(404);
});

test('keys that generate cannot make keys, and admin keys cannot generate', async () => {
  expect((await call('POST', '/v1/keys', testKeys.live, { mode: 'admin' })).body.error.code).toBe('scope_exceeded');
  const made = await call('POST', '/v1/keys', testKeys.admin, { mode: 'admin' });
  expect(made.body.scopes).not.toContain('generate');
  const drawn = await call('POST', '/v1/images/generations', made.body.key, { model: 'gesso/sketch', prompt: 'a cat' });
  expect([drawn.status, drawn.body.error.code]).toEqual([403, 'scope_exceeded']);
});

test.each([
  [{ mode: 'root' }, 'mode'],
  [{ mode: 'test', name: 7 }, 'name'],
  [{ mode: 'test', budget: 1 }, 'body'],
])('%j is refused, and the fault is named', async (body, param) => {
  const { status, body: answer } = await call('POST', '/v1/keys', testKeys.admin, body);
  expect([status, answer.error.code, answer.error.param]).toEqual([400, 'invalid_value', param]);
});

test('no whole key is kept or logged', async () => {
  const { body } = await call('POST', '/v1/keys', testKeys.admin, { mode: 'test' });
  await call('GET', '/v1/models', body.key);
  await call('GET', '/v1/models', `${body.key}x`);
  for (const key of [body.key, ...Object.values(testKeys)]) expect(server.log()).not.toContain(key);
});
