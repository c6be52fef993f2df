/** The whole server with three providers set up by their variables, as an operator does it, against servers that act them. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';
import { startArkServer } from './servers/ark-server.ts';
import { startFalServer } from './servers/fal-server.ts';
import type { ProviderServer } from './servers/kit.ts';
import { startReplicateServer } from './servers/replicate-server.ts';

interface Answer {
  readonly data: readonly { readonly url: string; readonly width: number; readonly height: number }[];
  readonly metadata: {
    readonly executed_model: string;
    readonly provider: string;
    readonly cost_micros: number;
    readonly attempts: readonly {
      readonly provider: string;
      readonly outcome: string;
      readonly error_class?: string;
    }[];
  };
  readonly error?: { readonly code: string; readonly message: string };
}

let ark: ProviderServer;
let fal: ProviderServer;
let replicate: ProviderServer;
let test: TestApp;

beforeAll(async () => {
  [ark, fal, replicate] = await Promise.all([
    startArkServer(),
    // Done at the first question: these tests wait for real.
    startFalServer({ polls_until_done: 0 }),
    startReplicateServer(),
  ]);
  test = await startTestApp({
    ARK_API_KEY: ark.key,
    ARK_BASE_URL: ark.base_url,
    FAL_KEY: fal.key,
    FAL_BASE_URL: `${fal.base_url}/`,
    REPLICATE_API_TOKEN: replicate.key,
    REPLICATE_BASE_URL: replicate.base_url,
  });
});
afterAll(async () => {
  await test.close();
  await Promise.all([ark, fal, replicate].map((server) => server.close()));
});
let before = [0, 0, 0];
const submitted = () => [ark, fal, replicate].map((server, index) => server.submitted() - (before[index] ?? 0));
afterEach(() => {
  before = [ark, fal, replicate].map((server) => server.submitted());
});

async function generate(body: Readonly<Record<string, unknown>>) {
  const response = await fetch(`${test.url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKeys.live}`, 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'a cat', size: '1024x1024', ...body }),
  });
  return { status: response.status, headers: response.headers, answer: (await response.json()) as Answer };
}

const order = { provider: { order: ['byteplus', 'fal', 'replicate'] } };

describe('seedream-4 at three providers', () => {
  it.each([
    ['byteplus/seedream-4', 'byteplus/seedream-4', [1, 0, 0]],
    ['fal/seedream-4', 'fal/seedream-4', [0, 1, 0]],
    ['replicate/seedream-4', 'replicate/seedream-4', [0, 0, 1]],
    ['seedream-4', 'byteplus/seedream-4', [1, 0, 0]],
  ])('%s is made by %s, and the picture is ours', async (model, executed_model, calls) => {
    const { status, answer } = await generate({ model, ...order });
    expect(status).toBe(200);
    expect(answer.metadata).toMatchObject({ executed_model, cost_micros: 30_000 });
    const [picture] = answer.data;
    expect(picture?.url.startsWith(test.url)).toBe(true);
    const served = await fetch(picture?.url ?? '');
    expect(served.headers.get('content-type')).toBe('image/jpeg');
    expect((await served.arrayBuffer()).byteLength).toBeGreaterThan(1_000);
    expect(submitted()).toEqual(calls);
  });

  it('an edit goes to the endpoint that edits', async () => {
    const made = await generate({ model: 'fal/seedream-4' });
    const response = await fetch(`${test.url}/v1/images/edits`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testKeys.live}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'fal/seedream-4',
        prompt: 'at night',
        images: [{ image_url: made.answer.data[0]?.url }],
      }),
    });
    const answer = (await response.json()) as Answer;
    expect(answer.metadata).toMatchObject({ executed_model: 'fal/seedream-4-edit' });
    expect(fal.requests.findLast(({ role }) => role === 'submit')?.path).toMatch(/\/edit$/);
  });

  it('stops at a refusal, in the words of the provider and without a second call', async () => {
    ark.act('refused_input');
    const { status, headers, answer } = await generate({ model: 'seedream-4', ...order });
    expect([status, answer.error?.code, headers.get('x-should-retry')]).toEqual([
      400,
      'content_policy_violation',
      'false',
    ]);
    expect(answer.error?.message).toContain('sensitive');
    expect(submitted()).toEqual([1, 0, 0]);
  });

  it('stops where the provider may have billed', async () => {
    ark.act('reset');
    const { status, headers, answer } = await generate({ model: 'seedream-4', ...order });
    expect([status, answer.error?.code, headers.get('x-should-retry')]).toEqual([504, 'outcome_unknown', 'false']);
    expect(submitted()).toEqual([1, 0, 0]);
  });

  it('does not follow a link into the private network', async () => {
    ark.act({ kind: 'redirect_private', shape: 'metadata' });
    const { status, answer } = await generate({ model: 'byteplus/seedream-4' });
    expect([status, answer.error?.code]).toEqual([500, 'all_providers_failed']);
  });

  // Last, since a provider that failed in this way is asked last from then on.
  it('falls from one to the next, and says so', async () => {
    ark.act({ kind: 'account' });
    fal.act({ kind: 'overloaded' });
    const { status, answer } = await generate({ model: 'seedream-4', ...order });
    expect(status).toBe(200);
    expect(answer.metadata.executed_model).toBe('replicate/seedream-4');
    expect(answer.metadata.attempts.map(({ provider, error_class }) => [provider, error_class])).toEqual([
      ['byteplus', 'account'],
      ['fal', 'overloaded'],
      ['replicate', undefined],
    ]);
    expect(submitted()).toEqual([1, 1, 1]);
  });

  it('keeps keys out of the log and out of every answer', async () => {
    for (const { key } of [ark, fal, replicate]) expect(test.log()).not.toContain(key);
  });
});

describe('a provider without a key', () => {
  it('is not offered, and its variable is named', async () => {
    const { status, answer } = await generate({ model: 'gpt-image-1' });
    expect(status).toBe(503);
    expect(answer.error?.message).toContain('OPENAI_API_KEY');
  });
});
