/** What a client sees when providers fail, acted out in test mode; and what is kept of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startTestApp();
});
afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data?: readonly unknown[];
    readonly metadata?: {
      readonly provider: string;
      readonly executed_model: string;
      readonly cost_micros: number;
      readonly warnings: readonly string[];
      readonly attempts: readonly {
        readonly provider: string;
        readonly outcome: string;
        readonly error_class?: string;
      }[];
    };
    readonly error?: { readonly code: string; readonly type: string; readonly message: string };
  };
}

async function generate(fields: object, key: string = testKeys.test): Promise<Answer> {
  const answer = await fetch(`${server.url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'seedream-4', prompt: 'a red boat', size: '1024x1024', ...fields }),
  });
  // The shape is what this file asserts on.
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer['body'] };
}

const moveOn = [
  'rate_limited',
  'overloaded',
  'unavailable',
  'unreachable',
  'server_error',
  'auth',
  'account',
  'config',
  'empty',
];

describe('what lets the next offer be tried', () => {
  test.each(moveOn)('%s: the next offer delivers, and the attempts tell it', async (simulate) => {
    const { status, body } = await generate({ simulate: [simulate] });
    expect(status).toBe(200);
    const attempts = body.metadata?.attempts ?? [];
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'success']);
    expect(attempts[0]?.error_class).toBe(simulate);
    expect(attempts[1]?.provider).not.toBe(attempts[0]?.provider);
    expect(body.metadata?.executed_model).toMatch(new RegExp(`^${attempts[1]?.provider}/`));
    expect(body.metadata?.cost_micros).toBe(30_000);
  });

  test('a pin means that provider only', async () => {
    const { status, body } = await generate({ model: 'fal/seedream-4', simulate: ['unavailable'] });
    expect(status).toBe(500);
    expect(body.error?.code).toBe('all_providers_failed');
  });

  test('no fallback where the caller wants none', async () => {
    const { status } = await generate({ simulate: ['unavailable'], provider: { allow_fallbacks: false } });
    expect(status).toBe(500);
  });
});

describe('what stops', () => {
  test.each([
    ['content_policy', 400, 'content_policy_violation', 'false'],
    ['invalid_request', 400, 'invalid_value', null],
    ['timeout', 504, 'outcome_unknown', 'false'],
    ['deadline', 504, 'deadline_exceeded', 'false'],
    ['rate_limited', 503, 'providers_saturated', null],
    ['server_error', 500, 'all_providers_failed', null],
    ['empty', 500, 'all_providers_failed', null],
  ])('%s for every attempt is %i %s', async (simulate, status, code, should_retry) => {
    const answer = await generate({ simulate });
    expect(answer.status).toBe(status);
    expect(answer.body.error?.code).toBe(code);
    expect(answer.headers.get('x-should-retry')).toBe(should_retry);
    expect(Object.keys(answer.body.error ?? {})).toEqual(expect.arrayContaining(['message', 'type', 'code', 'param']));
  });

  test('a refusal names the provider, and goes on only where the caller asks', async () => {
    const stopped = await generate({ simulate: ['content_policy'] });
    expect(stopped.body.error?.message).toMatch(/refused/);
    const next = await generate({ simulate: ['content_policy'], provider: { on_refusal: 'next' } });
    expect(next.status).toBe(200);
    expect(next.body.metadata?.attempts.map(({ outcome }) => outcome)).toEqual(['refused', 'success']);
  });

  test('being at the limit tells when to come back', async () => {
    const { headers } = await generate({ simulate: 'rate_limited' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(headers.get('retry-after-ms'))).toBeGreaterThan(0);
  });
});

test('fewer pictures than asked for is never silent, and only delivered ones are charged', async () => {
  const { status, body } = await generate({ n: 2, model: 'fal/seedream-4', simulate: 'partial' });
  expect(status).toBe(200);
  expect(body.data).toHaveLength(1);
  expect(body.metadata?.warnings.join(' ')).toMatch(/Picture 2 of 2 is missing/);
  expect(body.metadata?.cost_micros).toBe(30_000);
});

test('a live key cannot simulate', async () => {
  const { status, body } = await generate({ model: 'gesso/sketch', simulate: 'empty' }, testKeys.live);
  expect(status).toBe(400);
  expect(body.error?.message).toMatch(/simulate/);
});

test('a live call with no provider key names the variables', async () => {
  const { status, body } = await generate({}, testKeys.live);
  expect(status).toBe(503);
  expect(body.error?.code).toBe('no_provider_configured');
  for (const name of ['ARK_API_KEY', 'FAL_KEY', 'REPLICATE_API_TOKEN']) expect(body.error?.message).toContain(name);
});
