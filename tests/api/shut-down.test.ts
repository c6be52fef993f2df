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

async function inFlight(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^gesso_http_requests_in_flight (\d+)$/m.exec(text)?.[1]);
}

test('work in hand is finished, readiness says no, and new work is refused', async () => {
  server = await startTestApp();
  const { app, url } = server;
  const plain = generate(url, { simulate_delay_ms: 600 });
  const streamed = await generate(url, { simulate_delay_ms: 600, stream: true });
  await until(async () => (await inFlight(url)) >= 3);
  const closed = app.close();
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(503);
  const refused = await generate(url, {});
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after-ms')).toBe('1000');
  expect(await refused.json()).toMatchObject({ error: { code: 'shutting_down' } });
  expect(await (await plain).json()).toMatchObject({ data: [{ width: 64 }] });
  expect(await streamed.text()).toContain('event: image_generation.completed');
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
  await until(async () => (await inFlight(url)) >= 2);
  await app.close();
  expect(await endless).not.toBe(200);
});

test('a generation whose client has gone is finished and counted', async () => {
  server = await startTestApp();
  const { url, log } = server;
  for (const stream of [false, true]) {
    const client = new AbortController();
    const gone = generate(url, { simulate_delay_ms: 300, stream }, client.signal)
      .then((answer) => answer.text())
      .catch(() => 'gone');
    await until(async () => (await inFlight(url)) >= 2);
    client.abort();
    expect(await gone).toBe('gone');
  }
  await until(async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return /gesso_generations_total\{model="gesso\/sketch",provider="gesso",outcome="success"\} 2/.test(text);
  });
  expect(log()).toContain('"outcome":"client_gone"');
});
