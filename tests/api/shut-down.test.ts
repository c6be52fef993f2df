/** A stopping server finishes what it has begun and takes on nothing new; a client that goes away changes nothing. */
import { afterEach, expect, test } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

let server: TestApp | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

const headers = { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' };

function generate(url: string, fields: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${url}/v1/images/generations`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model: 'gesso/sketch', prompt: 'a red boat', size: '64x64', ...fields }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate);
}

async function figure(url: string, name: RegExp): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((line) => name.test(line))
      ?.split(' ')[1] ?? 0,
  );
}

const makes = (url: string, count: number) => async () => (await figure(url, /^gesso_work_in_hand /)) === count;

test('work in hand is finished, readiness says no, and new work is refused', async () => {
  server = await startTestApp();
  const { app, url } = server;
  const plain = generate(url, { simulate_delay_ms: 4_000 });
  const streamed = generate(url, { simulate_delay_ms: 4_000, stream: true });
  await until(makes(url, 2));
  const closed = app.close();
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(503);
  const refused = await generate(url, {});
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after-ms')).toBe('1000');
  expect(await refused.json()).toMatchObject({ error: { code: 'shutting_down' } });
  expect(await (await plain).json()).toMatchObject({ data: [{ width: 64 }] });
  expect(await (await streamed).text()).toContain('event: image_generation.completed');
  await closed;
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});

test('work that takes too long is left, and the server stops all the same', async () => {
  server = await startTestApp({ GESSO_SHUTDOWN_TIMEOUT_MS: '50' });
  const { app, url } = server;
  const endless = generate(url, { simulate_delay_ms: 300_000 }).then(
    (answer) => answer.status,
    () => 'cut',
  );
  await until(makes(url, 1));
  await app.close();
  expect(await endless).not.toBe(200);
});

test('a generation whose client has gone is finished and counted', async () => {
  server = await startTestApp();
  const { url, log } = server;
  for (const stream of [false, true]) {
    const client = new AbortController();
    const gone = generate(url, { simulate_delay_ms: 1_000, stream }, client.signal)
      .then((answer) => answer.text())
      .catch(() => 'gone');
    await until(makes(url, 1));
    client.abort();
    expect(await gone).toBe('gone');
    await until(makes(url, 0));
  }
  const done = /^gesso_generations_total\{model="gesso\/sketch",provider="gesso",outcome="success"\}/;
  expect(await figure(url, done)).toBe(2);
  expect(log()).toContain('"outcome":"client_gone"');
});
