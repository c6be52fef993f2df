/** Routing through the whole server: what follows an attempt, health, pauses, limits, deadlines, falling back to other models. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFile, makePixels } from '../media/make-pictures.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

interface Told {
  readonly provider: string;
  readonly outcome: string;
  readonly error_class?: string;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data?: readonly unknown[];
    readonly metadata?: {
      readonly request_id: string;
      readonly model: string;
      readonly executed_model: string;
      readonly attempts: readonly Told[];
      readonly applied: readonly { readonly param: string; readonly behaviour: string; readonly note?: string }[];
    };
    readonly error?: { readonly code: string; readonly message: string; readonly generation_id?: string };
  };
}

interface Generation {
  readonly id: string;
  readonly object: string;
  readonly model: string;
  readonly status: string;
  readonly output: {
    readonly media: readonly { readonly url: string; readonly bytes: number; readonly width: number }[];
  };
  readonly error: { readonly code: string; readonly type: string; readonly message: string } | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly metadata: {
    readonly model: string;
    readonly held_micros: number;
    readonly cost_micros: number;
    readonly executed_model: string | null;
    readonly attempts: readonly Told[];
  };
}

const apps: TestApp[] = [];
afterAll(async () => {
  await Promise.all(apps.map((app) => app.close()));
});

async function start(environment: Readonly<Record<string, string>> = {}): Promise<TestApp> {
  const app = await startTestApp(environment);
  apps.push(app);
  return app;
}

function headersOf(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
}

async function generate(app: TestApp, fields: object, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await fetch(`${app.url}/v1/images/generations`, {
    method: 'POST',
    headers: { ...headersOf(testKeys.test), ...headers },
    body: JSON.stringify({ model: 'seedream-4', prompt: 'a red boat', size: '1024x1024', ...fields }),
  });
  // The shape is what this file asserts on.
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer['body'] };
}

async function getGeneration(app: TestApp, id: string, key: string = testKeys.test) {
  const answer = await fetch(`${app.url}/v1/generations/${id}`, { headers: headersOf(key) });
  return { status: answer.status, body: (await answer.json()) as Generation };
}

/** Tries again until it holds, for ten seconds at most. */
async function until<T>(ask: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const end = Date.now() + 10_000;
  for (;;) {
    const value = await ask();
    if (holds(value) || Date.now() > end) return value;
    await delay(25);
  }
}

const tried = (answer: Answer): (string | undefined)[] =>
  (answer.body.metadata?.attempts ?? []).map(({ provider }) => provider);

const PROVIDERS = ['byteplus', 'fal', 'replicate'];

let plain: TestApp;
beforeAll(async () => {
  plain = await start();
});

describe('the outcome table, row by row', () => {
  /** For every attempt the same: how many are made, and what the caller is told. */
  const rows: readonly [simulate: string, attempts: number, status: number, code: string][] = [
    ['unreachable', 3, 500, 'all_providers_failed'],
    ['rate_limited', 3, 503, 'providers_saturated'],
    ['overloaded', 3, 503, 'providers_saturated'],
    ['unavailable', 3, 500, 'all_providers_failed'],
    ['auth', 3, 500, 'all_providers_failed'],
    ['account', 3, 500, 'all_providers_failed'],
    ['config', 3, 500, 'all_providers_failed'],
    ['server_error', 3, 500, 'all_providers_failed'],
    ['empty', 3, 500, 'all_providers_failed'],
    ['invalid_request', 1, 400, 'invalid_value'],
    ['content_policy', 1, 400, 'content_policy_violation'],
    ['deadline', 1, 504, 'deadline_exceeded'],
    ['timeout', 1, 504, 'outcome_unknown'],
  ];

  test.each(rows)('%s: %i attempts, %i %s, and nothing stays held', async (simulate, attempts, status, code) => {
    const answer = await generate(plain, { simulate });
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
    const { body } = await getGeneration(plain, answer.headers.get('x-request-id') ?? '');
    expect(body.metadata.attempts.map(({ provider }) => provider)).toEqual(PROVIDERS.slice(0, attempts));
    expect(new Set(body.metadata.attempts.map(({ outcome }) => outcome))).toEqual(
      new Set([simulate === 'content_policy' ? 'refused' : 'failed']),
    );
    expect(body).toMatchObject({ object: 'generation', status: 'failed', output: { media: [] } });
    expect(body.error?.code).toBe(code);
    expect(body.metadata).toMatchObject({ held_micros: 0, cost_micros: 0, executed_model: null });
  });

  test.each(rows.filter(([, attempts]) => attempts > 1))('%s once: the next offer delivers', async (simulate) => {
    const answer = await generate(plain, { simulate: [simulate] });
    expect(answer.status).toBe(200);
    expect(tried(answer)).toEqual(PROVIDERS.slice(0, 2));
    const { body } = await getGeneration(plain, answer.body.metadata?.request_id ?? '');
    expect(body).toMatchObject({ status: 'completed', error: null, metadata: { held_micros: 0, cost_micros: 30_000 } });
  });

  test.each([
    ['content_policy', { on_refusal: 'next' }],
    ['timeout', { on_unknown: 'next' }],
  ])('%s goes on where the caller asks for it', async (simulate, provider) => {
    const answer = await generate(plain, { simulate: [simulate], provider });
    expect(answer.status).toBe(200);
    expect(tried(answer)).toEqual(PROVIDERS.slice(0, 2));
  });

  test('what may have been billed is told with the id of the generation', async () => {
    const { headers, body } = await generate(plain, { simulate: 'timeout' });
    expect(body.error?.generation_id).toBe(headers.get('x-request-id'));
    expect(headers.get('x-should-retry')).toBe('false');
  });

  test('test mode forgets failures, so that a client can be tested: the order stays', async () => {
    for (let index = 0; index < 6; index++) await generate(plain, { simulate: 'auth' });
    expect(tried(await generate(plain, {}))).toEqual(['byteplus']);
  });

  test('the caller says the order', async () => {
    expect(tried(await generate(plain, { provider: { order: ['replicate', 'fal'] }, simulate: ['empty'] }))).toEqual([
      'replicate',
      'fal',
    ]);
  });

  test('a generation is seen by keys of its mode and by the admin, and by nobody else', async () => {
    const { body } = await generate(plain, { labels: { team: 'blue' } });
    const id = body.metadata?.request_id ?? '';
    expect((await getGeneration(plain, id)).body.labels).toEqual({ team: 'blue' });
    expect((await getGeneration(plain, id, testKeys.admin)).status).toBe(200);
    expect((await getGeneration(plain, id, testKeys.live)).status).toBe(404);
    expect((await getGeneration(plain, 'gen_strangers')).status).toBe(404);
  });

  test('a reference that an offer does not take as it is is converted for it, and told', async () => {
    const gif = await makeFile('gif', makePixels(300, 200));
    const { status, body } = await generate(plain, {
      model: 'google/nano-banana',
      image: `data:image/gif;base64,${gif.toString('base64')}`,
    });
    expect(status).toBe(200);
    const told = body.metadata?.applied.find(({ param }) => param === 'image');
    expect(told).toMatchObject({
      behaviour: 'converted',
      note: expect.stringMatching(/Picture 1 is converted to png/),
    });
  });

  describe('a list of models', () => {
    const model = ['seedream-4', 'openai/gpt-image-2'];

    test('the first one delivers where it can', async () => {
      const { body } = await generate(plain, { model });
      expect(body.metadata?.model).toBe('bytedance/seedream-4.0');
    });

    test('the next one is tried when every offer of the first has failed', async () => {
      const answer = await generate(plain, { model, simulate: ['server_error', 'unavailable', 'empty'] });
      expect(answer.status).toBe(200);
      expect(tried(answer)).toEqual([...PROVIDERS, answer.body.metadata?.attempts.at(-1)?.provider]);
      expect(answer.body.metadata?.model).toBe('openai/gpt-image-2');
      expect(answer.body.metadata?.executed_model).toMatch(/gpt-image-2/);
      const { body } = await getGeneration(plain, answer.body.metadata?.request_id ?? '');
      expect([body.model, body.metadata.model]).toEqual(['bytedance/seedream-4.0', 'openai/gpt-image-2']);
    });

    test('a refusal does not look for a model that minds less', async () => {
      const answer = await generate(plain, { model, simulate: ['content_policy'] });
      expect(answer.body.error?.code).toBe('content_policy_violation');
    });

    test('every name is checked', async () => {
      const answer = await generate(plain, { model: ['seedream-4', 'gpt-imagine-2'] });
      expect([answer.status, answer.body.error?.code]).toEqual([404, 'model_not_found']);
      for (const wrong of [[], [''], [7], Array(9).fill('seedream-4')]) {
        expect((await generate(plain, { model: wrong })).status).toBe(400);
      }
    });
  });
});

describe('health and limits', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await start({
      GESSO_TEST_MODE_HEALTH: 'on',
      GESSO_SLOT_WAIT_MS: '0',
      GESSO_PROVIDER_LIMITS: 'fal.concurrent_max=2, replicate.concurrent_max=1',
    });
  });

  const only = (provider: string, simulate: string) => generate(app, { provider: { only: [provider] }, simulate });
  const breaker = async (offer: string): Promise<string | undefined> => {
    const text = await (await fetch(`${app.url}/metrics`)).text();
    return text.split('\n').find((line) => line.startsWith(`gesso_offer_breaker_open{mode="test",offer="${offer}"`));
  };

  test("refusals and bad requests are no fault of the provider's", async () => {
    for (let index = 0; index < 6; index++) {
      await only('byteplus', 'content_policy');
      await only('byteplus', 'invalid_request');
    }
    expect(tried(await generate(app, {}))).toEqual(['byteplus']);
  });

  test('an offer that fails five times in a row is tried last, but tried; one success brings it back', async () => {
    for (let index = 0; index < 5; index++) await only('byteplus', 'server_error');
    expect(await breaker('byteplus/seedream-4')).toMatch(/ 1$/);
    expect(app.log()).toMatch(/byteplus failed too often/);
    expect(tried(await generate(app, {}))).toEqual(['fal']);
    expect(tried(await generate(app, { simulate: ['empty', 'empty'] }))).toEqual(['fal', 'replicate', 'byteplus']);
    // As the last resort it was tried, and it delivered.
    expect(await breaker('byteplus/seedream-4')).not.toMatch(/ 1$/);
    expect(tried(await generate(app, {}))).toEqual(['byteplus']);
  });

  test('a wrong key opens at once and tells the operator; a pin is called all the same', async () => {
    await only('byteplus', 'auth');
    expect(app.log()).toMatch(/does not accept the key/);
    expect(tried(await generate(app, {}))).toEqual(['fal']);
    expect(tried(await generate(app, { model: 'byteplus/seedream-4' }))).toEqual(['byteplus']);
    expect(tried(await generate(app, {}))).toEqual(['byteplus']);
  });

  test('one that asks for a pause gets it', async () => {
    const began = Date.now();
    expect(tried(await generate(app, { simulate: ['rate_limited'] }))).toEqual(['byteplus', 'fal']);
    expect(tried(await generate(app, {}))).toEqual(['fal']);
    const pinned = await generate(app, { model: 'byteplus/seedream-4' });
    expect([pinned.status, pinned.body.error?.code]).toEqual([503, 'providers_saturated']);
    expect(Number(pinned.headers.get('retry-after-ms'))).toBeLessThanOrEqual(1000);
    const { body } = await getGeneration(app, pinned.headers.get('x-request-id') ?? '');
    expect(body.metadata.attempts).toMatchObject([{ provider: 'byteplus', error_class: 'no_slot' }]);
    await until(
      () => generate(app, {}),
      (answer) => tried(answer)[0] === 'byteplus',
    );
    expect(Date.now() - began).toBeGreaterThanOrEqual(1000);
  });

  test('no more calls at once than the limit: the others go elsewhere, or are told to come back', async () => {
    const all = await Promise.all(
      Array.from({ length: 5 }, () =>
        generate(app, { simulate_delay_ms: 600, provider: { only: ['fal', 'replicate'] } }),
      ),
    );
    const attempts = all.flatMap(({ body }) => body.metadata?.attempts ?? []);
    const delivered = attempts.filter(({ outcome }) => outcome === 'success');
    expect(delivered.map(({ provider }) => provider).sort()).toEqual(['fal', 'fal', 'replicate']);
    const refused = all.filter(({ status }) => status === 503);
    expect(refused.map(({ body }) => body.error?.code)).toEqual(['providers_saturated', 'providers_saturated']);
  });
});

describe('one deadline', () => {
  const inHand = async (app: TestApp): Promise<string | undefined> => {
    const text = await (await fetch(`${app.url}/metrics`)).text();
    return text.split('\n').find((line) => line.startsWith('gesso_work_in_hand '));
  };

  async function expectLate(app: TestApp, answer: Answer): Promise<void> {
    expect([answer.status, answer.body.error?.code]).toEqual([504, 'deadline_exceeded']);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    const id = answer.body.error?.generation_id ?? '';
    expect(answer.headers.get('x-gesso-generation-id')).toBe(id);
    expect(answer.body.error?.message).toContain(id);
    expect((await getGeneration(app, id)).body).toMatchObject({ status: 'running', output: { media: [] } });
    expect(await inHand(app)).toBe('gesso_work_in_hand 1');
    const done = await until(
      () => getGeneration(app, id),
      ({ body }) => body.status !== 'running',
    );
    expect(done.body).toMatchObject({ status: 'completed', metadata: { cost_micros: 30_000, held_micros: 0 } });
    const [picture] = done.body.output.media;
    const bytes = await (await fetch(picture?.url ?? '')).arrayBuffer();
    expect(bytes.byteLength).toBe(picture?.bytes);
  }

  test("the client's own, as its SDK tells it: 504 with the id, and the work goes on and can be fetched", async () => {
    await expectLate(plain, await generate(plain, { simulate_delay_ms: 1000 }, { 'x-stainless-timeout': '0.3' }));
  });

  describe("the server's", () => {
    let app: TestApp;
    beforeAll(async () => {
      app = await start({ GESSO_REQUEST_DEADLINE_MS: '200' });
    });

    test('holds for everybody', async () => {
      await expectLate(app, await generate(app, { simulate_delay_ms: 1000 }));
    });

    test('a failure after it ends in the row', async () => {
      const late = await generate(app, { simulate: 'content_policy', simulate_delay_ms: 500 });
      const id = late.body.error?.generation_id ?? '';
      const done = await until(
        () => getGeneration(app, id),
        ({ body }) => body.status !== 'running',
      );
      expect(done.body).toMatchObject({ status: 'failed', error: { code: 'content_policy_violation' } });
    });

    test('a stream is told as an event, and is over', async () => {
      const answer = await fetch(`${app.url}/v1/images/generations`, {
        method: 'POST',
        headers: headersOf(testKeys.test),
        body: JSON.stringify({
          model: 'gesso/sketch',
          prompt: 'a',
          size: '64x64',
          stream: true,
          simulate_delay_ms: 500,
        }),
      });
      const text = await answer.text();
      expect(text).toContain('event: error');
      expect(text).toContain('deadline_exceeded');
      expect(text).not.toContain('completed');
    });

    test('a stopping server waits for work that outlived its answer', async () => {
      await generate(app, { simulate_delay_ms: 700 });
      const began = Date.now();
      await app.app.close();
      expect(Date.now() - began).toBeGreaterThan(300);
      expect(app.log()).toContain('finishing the work in hand');
      expect(app.log()).not.toContain('unfinished');
    });
  });
});
