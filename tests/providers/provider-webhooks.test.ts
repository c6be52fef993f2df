/** The whole server while its providers call back: once, twice, too early, too late, with lies. The result is always asked for. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';
import { startFalServer } from './servers/fal-server.ts';
import type { ProviderServer } from './servers/kit.ts';
import { startReplicateServer } from './servers/replicate-server.ts';

const PUBLIC_URL = 'https://gesso.test';
/** No question ends it: only the test does. */
const endless = { kind: 'slow', shape: 'job', ms: 3_600_000 } as const;

let fal: ProviderServer;
let replicate: ProviderServer;
let test: TestApp;

beforeAll(async () => {
  // A minute of Replicate's patience lasts a millisecond here.
  [fal, replicate] = await Promise.all([startFalServer(), startReplicateServer({ second_ms: 0.02 })]);
  test = await startTestApp({
    PUBLIC_URL,
    FAL_KEY: fal.key,
    FAL_BASE_URL: fal.base_url,
    FAL_WEBHOOK_KEYS_URL: `${fal.base_url}/.well-known/jwks.json`,
    REPLICATE_API_TOKEN: replicate.key,
    REPLICATE_BASE_URL: replicate.base_url,
  });
});
afterAll(async () => {
  await test.close();
  await Promise.all([fal, replicate].map((server) => server.close()));
});

/** Requests of a kind since the test began. */
let before = 0;
let server: ProviderServer;
const asked = (role: 'submit' | 'poll') => server.requests.slice(before).filter((request) => request.role === role);

async function generate(model: string) {
  const response = await fetch(`${test.url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKeys.live}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, prompt: 'a cat', size: '1024x1024' }),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Waits until a question has just been asked, so that the next one is as far away as it can be. */
async function asksTimes(count: number): Promise<void> {
  await expect.poll(() => asked('poll').length, { timeout: 10_000, interval: 5 }).toBe(count);
}

describe.each([
  ['fal', 'fal/seedream-4', () => fal],
  ['replicate', 'replicate/seedream-4', () => replicate],
] as const)('%s', (provider, model, serverOf) => {
  beforeEach(() => {
    server = serverOf();
    before = server.requests.length;
    server.finishJobs();
  });
  const call = (order: Omit<Parameters<ProviderServer['callWebhooks']>[0], 'to'> = {}) =>
    server.callWebhooks({ to: test.url, ...order });

  it('is told where to call', async () => {
    await generate(model);
    const [{ query = {}, body = null } = {}] = asked('submit');
    const url = `${PUBLIC_URL}/v1/hooks/${provider}`;
    if (provider === 'fal') expect(query).toEqual({ fal_webhook: url });
    else expect(body).toMatchObject({ webhook: url, webhook_events_filter: ['completed'] });
  });

  it('is asked again within a tenth of a second of its call, and not at the next turn', async () => {
    server.act(endless);
    const made = generate(model);
    await asksTimes(3); // the next question is more than a second away
    server.finishJobs();
    expect(await call({ newest: true })).toEqual([200]);
    expect(await made).toBe(200);
    const [, , last, next] = asked('poll').map(({ at }) => at);
    // Its turn would have been 1,125 ms after the last; what is left of that is the machine's.
    expect((next ?? Number.POSITIVE_INFINITY) - (last ?? 0)).toBeLessThan(1_000);
    expect(asked('submit')).toHaveLength(1);
  });

  it('may call twice, and again when all is over', async () => {
    server.act(endless);
    const made = generate(model);
    await asksTimes(2);
    server.finishJobs();
    expect(new Set(await call({ times: 2 }))).toEqual(new Set([200]));
    expect(await made).toBe(200);
    expect(new Set(await call())).toEqual(new Set([200]));
    expect(asked('submit')).toHaveLength(1);
  });

  it('is not believed when it calls before the job has ended: only asked', async () => {
    server.act(endless);
    let isOver = false;
    const made = generate(model).finally(() => {
      isOver = true;
    });
    await asksTimes(2);
    expect(new Set(await call())).toEqual(new Set([200]));
    await asksTimes(3);
    expect(isOver).toBe(false);
    server.finishJobs();
    expect(await made).toBe(200);
  });

  it('may call before its answer to us has come', async () => {
    const { submitted } = server;
    const earlier = submitted();
    server.act({ kind: 'slow', shape: 'answer', ms: 300 });
    const made = generate(model);
    await expect.poll(() => submitted() - earlier, { interval: 5 }).toBe(1);
    server.finishJobs();
    expect(new Set(await call())).toEqual(new Set([200]));
    expect(await made).toBe(200);
  });

  it('does nothing with a signature that is wrong or old', async () => {
    server.act(endless);
    const made = generate(model);
    await asksTimes(2); // the next question is three quarters of a second away
    server.finishJobs();
    expect(new Set(await call({ signature: 'wrong' }))).toEqual(new Set([401]));
    expect(new Set(await call({ signature: 'old' }))).toEqual(new Set([401]));
    await delay(100);
    expect(asked('poll')).toHaveLength(2);
    await call();
    expect(await made).toBe(200);
  });
});

it('a forger is told nothing but that the signature is not valid', async () => {
  const response = await fetch(`${test.url}/v1/hooks/fal`, {
    method: 'POST',
    body: '{"request_id":"r1","status":"OK"}',
  });
  expect([response.status, await response.json()]).toEqual([
    401,
    {
      error: expect.objectContaining({
        code: 'invalid_signature',
        message: 'The signature is not valid.',
        param: null,
      }),
    },
  ]);
});

it('who is not asked to call is not known, and large bodies are refused', async () => {
  const call = async (provider: string, body: string) =>
    (await fetch(`${test.url}/v1/hooks/${provider}`, { method: 'POST', body })).status;
  expect(await call('openai', '{}')).toBe(404);
  expect(await call('fal', 'x'.repeat(1024 * 1024 + 1))).toBe(413);
});
