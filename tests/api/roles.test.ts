/** One process that answers and one that works, on one database. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

let alone: TestApp;
beforeAll(async () => {
  alone = await startTestApp({ ROLES: 'web' });
});
afterAll(() => alone.close());

const headers = { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' };
const body = { model: 'gesso/sketch', input: { prompt: 'a cat', size: '64x64' } };

test('without a worker, asynchronous work waits and synchronous calls are answered', async () => {
  const url = `${alone.url}/v1/generations`;
  const asked = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ ...body, wait: 0.3 }) });
  expect(asked.status).toBe(202);
  expect(await asked.json()).toMatchObject({ status: 'queued' });
  const { model, input } = body;
  const made = await fetch(`${alone.url}/v1/images/generations`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model, ...input }),
  });
  expect(made.status).toBe(200);
});

test('a process that only works answers those who watch over it, and nobody else', async () => {
  const worker = await startTestApp({ ROLES: 'worker' });
  try {
    for (const path of ['/healthz', '/readyz', '/metrics'])
      expect((await fetch(`${worker.url}${path}`)).status).toBe(200);
    for (const path of ['/v1/models', '/docs', '/']) {
      expect((await fetch(`${worker.url}${path}`, { headers })).status).toBe(404);
    }
  } finally {
    await worker.close();
  }
});

test('what waited is made when a worker comes', async () => {
  const queued = await fetch(`${alone.url}/v1/generations`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ ...body, wait: 0 }),
  });
  const { id } = (await queued.json()) as { id: string }; // The shape is the document's.
  await delay(100);
  await alone.restart(undefined, { ROLES: ['web', 'worker'] });
  const ended = await fetch(`${alone.url}/v1/generations/${id}?wait=30`, { headers });
  expect(await ended.json()).toMatchObject({ status: 'completed' });
});

test('a role that is none is refused with the others named', async () => {
  await expect(startTestApp({ ROLES: 'web,painter' })).rejects.toThrow(/ROLES/);
});
