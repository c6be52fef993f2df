/** What becomes of the calls of one generation, with the catalogue's offers and an adapter that does as it is told. */
import { describe, expect, test } from 'vitest';
import { readCatalog } from '../catalog/read-catalog.ts';
import type { ProviderAdapter, ProviderAnswer, ProviderCall } from '../contracts/provider.ts';
import { parseRequest } from '../core/params/parse-request.ts';
import type { FaultClass } from '../core/routing/outcomes.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import type { PastAttempt, RunParts } from './calls.ts';
import { chooseOffers } from './choose-offers.ts';
import { failureOf } from './failure-of.ts';
import { freeTraffic } from './offer-traffic.ts';
import { replanShare } from './replan-share.ts';
import { runCalls } from './run-calls.ts';

const catalog = await readCatalog();
const inputs = { images: [], mask: null };
const output = { blob_sha256: 'a', bytes: 1, content_type: 'image/png', format: 'png', width: 1, height: 1 } as const;

type Act = (call: ProviderCall, number: number) => ProviderAnswer;

interface World extends Partial<RunParts> {
  readonly act: Act;
  readonly raw?: Readonly<Record<string, unknown>>;
  readonly past?: readonly PastAttempt[];
  readonly is_asynchronous?: boolean;
}

/** Each visit's end, in order; null = it delivered. */
async function run({ act, raw, past = [], is_asynchronous = false, ...changed }: World) {
  const parsed = parseRequest(
    { model: 'seedream-4', prompt: 'a cat', size: '1024x1024', ...raw },
    { kind: 'text_to_image', encoding: 'json', mode: 'test', known_offer_params: catalog.offer_params },
  );
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  const { request } = parsed;
  const world = { catalog, liveAdapters: new Map<string, ProviderAdapter>(), traffic: () => freeTraffic };
  const choice = chooseOffers(world, 'test', request, inputs);
  const left: (FaultClass | null)[] = [];
  const calls: ProviderCall[] = [];
  const parts: RunParts = {
    now: () => 0,
    adapterFor: (provider) => ({
      provider,
      run: async (call) => {
        calls.push(call);
        return act(call, calls.length);
      },
    }),
    enter: async () => ({ leave: async (fault) => void left.push(fault?.fault ?? null) }),
    rejoin: () => ({ leave: async () => {} }),
    prepare: async () => inputs,
    store: async () => output,
    onDelivered: () => {},
    onPartial: null,
    replan: (chosen, share) => replanShare(choice, { images: [], mask: null }, chosen, share),
    onAttempt: async () => {},
    onAttemptEnd: async () => {},
    onJob: async () => {},
    keep: async () => ({ sha256: 'a', bytes: 1 }),
    newMediaId: () => 'img',
    deadline_at: 1,
    job_deadline_at: 1,
    signal: new AbortController().signal,
    leaving: changed.signal ?? new AbortController().signal,
    canceled: new AbortController().signal,
    ...changed,
  };
  const asked = { mode: 'live' as const, request, inputs, seeds: [1, 2, 3, 4], past, is_asynchronous };
  const outcome = runCalls(parts, { ...asked, offers: choice.offers });
  return { outcome, left, calls, offers: choice.offers };
}

const kept = { kind: 'kept', blob: { sha256: 'a', bytes: 1 } } as const;
const picture = ({ n }: ProviderCall): ProviderAnswer => ({ pictures: Array.from({ length: n }, () => kept) });
const fail = (fault: FaultClass): never => {
  throw new ProviderFault(fault, fault, { public_message: `words of ${fault}` });
};

test('a slot is given back when an attempt cannot be written down', async () => {
  const { outcome, left } = await run({ act: picture, onAttempt: () => Promise.reject(new Error('the database')) });
  await expect(outcome).rejects.toMatchObject({ code: 'internal_error', should_retry: false });
  expect(left).toEqual(['no_slot']);
});

test('nothing goes on after the generation has failed', async () => {
  const stored: number[] = [];
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const { outcome } = await run({
    raw: { n: 2 },
    act: picture,
    onAttempt: async (seq) => {
      if (seq === 1) throw new Error('the database');
      setImmediate(resolve);
      await late;
    },
    store: async () => {
      stored.push(1);
      return output;
    },
  });
  await expect(outcome).rejects.toThrow();
  expect(stored).toHaveLength(1);
});

test('a refused picture beside one that cannot be used is a refusal, and nobody else is asked', async () => {
  const refused = { kind: 'missing', reason: 'withheld', refused: true } as const;
  const { outcome, calls } = await run({
    raw: { n: 2, provider: { order: ['fal'] } },
    act: () => ({ pictures: [{ kind: 'link', url: 'https://dead.example/1' }, refused] }),
    store: () => Promise.reject(new ProviderFault('empty', 'the link is dead')),
  });
  expect((await outcome).attempts.map(({ error_class }) => error_class)).toEqual(['content_policy']);
  expect(calls).toHaveLength(1);
});

test.each([{ deadline_at: 0 }, { canceled: AbortSignal.abort() }])(
  'whose turn comes too late is not asked, and not blamed: %o',
  async (late) => {
    const { outcome, calls, left } = await run({ act: picture, ...late });
    expect(await outcome).toMatchObject({ delivered: [], attempts: [], faults: [{ fault: { fault: 'deadline' } }] });
    expect([calls, left]).toEqual([[], ['no_slot']]);
  },
);

test('after the deadline nobody else is asked, and nobody is blamed when the process ends', async () => {
  let now = 0;
  const { outcome, calls } = await run({
    now: () => now,
    act: () => {
      now = 1;
      return fail('server_error');
    },
  });
  expect((await outcome).faults).toMatchObject([{ provider: 'byteplus', fault: { fault: 'server_error' } }]);
  expect(calls).toHaveLength(1);
  const ended = await run({ act: () => fail('outcome_unknown'), signal: AbortSignal.abort() });
  await ended.outcome;
  expect(ended.left).toEqual(['no_slot']);
});

test.each([
  [['outcome_unknown', 'auth', 'auth', 'auth'], 'outcome_unknown', 'words of outcome_unknown'],
  [['content_policy', 'server_error', 'server_error', 'server_error'], 'content_policy_violation', 'words of content'],
  [['invalid_request', 'rate_limited', 'rate_limited', 'rate_limited'], 'invalid_value', 'words of invalid'],
  [['empty_billed', 'unavailable', 'unavailable', 'unavailable'], 'all_providers_failed', 'No provider delivered'],
] as const)('of two calls that fail as %j, %s is told, in its own words', async (faults, code, words) => {
  const { outcome } = await run({
    raw: { n: 2 },
    act: (_, number) => fail(faults[number - 1] ?? 'server_error'),
  });
  const error = failureOf('gen_1', await outcome, catalog);
  expect(error.code).toBe(code);
  expect(error.message).toContain(words);
  if (code !== 'invalid_value') expect(error.should_retry).toBe(false);
});

test('a caller who goes on after silence is not told to ask again', async () => {
  const { outcome } = await run({
    raw: { provider: { on_unknown: 'next' } },
    act: (_, number) => fail(number === 1 ? 'outcome_unknown' : 'unavailable'),
  });
  expect(failureOf('gen_1', await outcome, catalog)).toMatchObject({
    code: 'all_providers_failed',
    should_retry: false,
  });
});

test('sets that fall to other offers keep to their places, and are no more than were asked for', async () => {
  const raw = {
    n: 4,
    max_images: 8,
    sequential_image_generation: 'auto',
    provider: { order: ['fal', 'byteplus', 'replicate'] },
  };
  const { outcome, calls } = await run({
    raw,
    // The first call at fal and the first at Ark fail.
    act: (call, number) => {
      if (number === 1) fail('unavailable');
      if (number === 3) fail('unavailable');
      return picture(call);
    },
  });
  const { delivered } = await outcome;
  const places = delivered.map(({ index }) => index);
  expect(new Set(places).size).toBe(places.length);
  expect(calls.map(({ plan, n }) => [plan.offer_id, n])).toEqual([
    ['fal/seedream-4', 12],
    ['fal/seedream-4', 12],
    ['byteplus/seedream-4', 6],
    ['byteplus/seedream-4', 6],
    ['replicate/seedream-4', 6],
  ]);
  expect(places).toHaveLength(24);
});

test('one set that falls from offer to offer stays one set, as large as each can make it', async () => {
  const { outcome, calls } = await run({
    raw: { max_images: 8, sequential_image_generation: 'auto', provider: { order: ['fal', 'byteplus', 'replicate'] } },
    act: (call, number) => (number < 3 ? fail('unavailable') : picture(call)),
  });
  expect((await outcome).delivered).toHaveLength(8);
  expect(calls.map(({ plan, n }) => [plan.offer_id, n])).toEqual([
    ['fal/seedream-4', 6],
    ['byteplus/seedream-4', 8],
    ['replicate/seedream-4', 8],
  ]);
});

test('a generation that is given up does not promise that its work goes on', async () => {
  const { outcome } = await run({
    act: () => {
      throw new ProviderFault('deadline', 'the job had not ended in time');
    },
  });
  const { code, message } = failureOf('gen_1', await outcome, catalog);
  expect(code).toBe('deadline_exceeded');
  expect(message).toMatch(/given up/);
  expect(message).not.toMatch(/goes on/);
});

test('an offer that cannot take over a share is passed over', async () => {
  const { outcome, calls } = await run({
    raw: { provider: { order: ['byteplus', 'fal', 'replicate'] } },
    replan: ({ provider, plan }) => (provider === 'fal' ? null : plan),
    act: (call, number) => (number === 1 ? fail('unavailable') : picture(call)),
  });
  expect((await outcome).delivered).toHaveLength(1);
  expect(calls.map(({ plan }) => plan.offer_id)).toEqual(['byteplus/seedream-4', 'replicate/seedream-4']);
});

describe('what an earlier process has begun', () => {
  const job = { id: 'job-1', handle: {} };
  const begun = {
    seq: 1,
    provider: 'byteplus',
    offer_id: 'byteplus/seedream-4',
    outcome: 'running',
    error_class: null,
    price_micros: 30_000,
    billed_micros: null,
    possible_micros: null,
    started_at: 0,
    ended_at: null,
    first_index: 0,
    pictures: 1,
    job: null,
    outputs: null,
  } as const satisfies PastAttempt;
  const resumable = (asked: string[]): Partial<RunParts> => ({
    adapterFor: (provider) => ({
      provider,
      run: () => Promise.reject(new Error('nothing is submitted again')),
      resume: async ({ id }) => {
        asked.push(id);
        return { pictures: [kept] };
      },
    }),
  });

  test('a job is asked for, and nothing is submitted', async () => {
    const asked: string[] = [];
    const places: string[] = [];
    const rejoin: RunParts['rejoin'] = ({ offer }) => {
      places.push(`in ${offer.pin}`);
      return { leave: async () => void places.push(`out ${offer.pin}`) };
    };
    const { outcome, left } = await run({ act: picture, past: [{ ...begun, job }], rejoin, ...resumable(asked) });
    expect((await outcome).delivered).toMatchObject([{ index: 0 }]);
    expect(asked).toEqual(['job-1']);
    // It is at the provider, whether there is room or not.
    expect([left, places]).toEqual([[], ['in byteplus/seedream-4', 'out byteplus/seedream-4']]);
  });

  test('also one that had delivered, since its pictures were not written down', async () => {
    const asked: string[] = [];
    const past = [{ ...begun, outcome: 'success' as const, ended_at: 1, job }];
    const { outcome } = await run({ act: picture, past, ...resumable(asked) });
    expect((await outcome).delivered).toHaveLength(1);
    expect(asked).toEqual(['job-1']);
  });

  test('what one call had delivered is kept when another of the same generation was cut', async () => {
    const raw = { n: 2, provider: { only: ['byteplus'] } };
    const delivered = {
      ...begun,
      outcome: 'success',
      ended_at: 1,
      outputs: [{ index: 0, media_id: 'img_0', ...output }],
    } as const;
    const { outcome, calls } = await run({
      act: picture,
      raw,
      past: [delivered, { ...begun, seq: 2, first_index: 1 }],
    });
    expect(await outcome).toMatchObject({
      delivered: [{ index: 0, media_id: 'img_0', output, chosen: { provider: 'byteplus' } }],
      missing: [{ index: 1 }],
      faults: [{ fault: { fault: 'interrupted' } }],
    });
    expect(calls).toEqual([]);
  });

  test('without a job nobody is asked again, unless the caller wants the next', async () => {
    const stopped = await run({ act: picture, past: [begun] });
    expect((await stopped.outcome).faults).toMatchObject([{ fault: { fault: 'interrupted' } }]);
    expect(stopped.calls).toEqual([]);
    const next = await run({ act: picture, past: [begun], raw: { provider: { on_unknown: 'next' } } });
    expect((await next.outcome).delivered).toMatchObject([{ chosen: { provider: 'fal' } }]);
  });

  test('a job at a provider whose key was taken away is not asked for, and takes nothing else along', async () => {
    const { outcome } = await run({
      act: picture,
      raw: { n: 2, provider: { only: ['byteplus', 'fal'] } },
      past: [
        { ...begun, job },
        { ...begun, seq: 2, first_index: 1, provider: 'fal', offer_id: 'fal/seedream-4', job },
      ],
      adapterFor: (provider) => {
        if (provider === 'byteplus') throw new ProviderFault('config', 'byteplus has no adapter');
        return { provider, run: () => fail('server_error'), resume: async () => ({ pictures: [kept] }) };
      },
    });
    const { delivered, faults } = await outcome;
    expect(delivered).toMatchObject([{ index: 1, chosen: { provider: 'fal' } }]);
    expect(faults).toMatchObject([{ provider: 'byteplus', fault: { fault: 'interrupted' } }]);
  });

  test('what nobody bills is made again at the same offer', async () => {
    const { outcome, calls } = await run({ act: picture, past: [{ ...begun, price_micros: 0 }] });
    expect((await outcome).delivered).toMatchObject([{ chosen: { provider: 'byteplus' } }]);
    expect(calls).toHaveLength(1);
  });

  test('a call that had failed goes on to the next offer, one that the table stops does not', async () => {
    const failed = { ...begun, outcome: 'failed', ended_at: 1 } as const;
    const next = await run({ act: picture, past: [{ ...failed, error_class: 'unavailable' }] });
    expect((await next.outcome).delivered).toMatchObject([{ chosen: { provider: 'fal' } }]);
    const stop = await run({ act: picture, past: [{ ...failed, error_class: 'empty_billed' }] });
    expect((await stop.outcome).faults).toMatchObject([{ fault: { fault: 'empty_billed' } }]);
    expect(stop.calls).toEqual([]);
  });

  test('what was not begun is begun, beside what was', async () => {
    const asked: string[] = [];
    const raw = { n: 2, provider: { only: ['byteplus'] } };
    const one = { ...begun, first_index: 1, job };
    const { adapterFor } = resumable(asked);
    const { outcome, calls } = await run({
      act: picture,
      raw,
      past: [one],
      adapterFor: (provider) => ({
        provider,
        run: async (call) => {
          calls.push(call);
          return picture(call);
        },
        resume: adapterFor?.(provider).resume ?? (() => Promise.reject(new Error('no resume'))),
      }),
    });
    expect((await outcome).delivered.map(({ index }) => index)).toEqual([0, 1]);
    expect([asked.length, calls.length]).toEqual([1, 1]);
  });

  test('a process that ends leaves a known job, and free work that is asynchronous, to the next', async () => {
    const leaving = { signal: AbortSignal.abort(), act: () => fail('deadline') };
    const paid = await run({ ...leaving, is_asynchronous: true });
    await expect(paid.outcome).resolves.toMatchObject({ faults: [{ fault: { fault: 'deadline' } }] });
    const known = await run({
      ...leaving,
      past: [{ ...begun, job }],
      adapterFor: (provider) => ({
        provider,
        run: () => Promise.reject(new Error('no')),
        resume: () => Promise.resolve(fail('deadline')),
      }),
    });
    await expect(known.outcome).rejects.toThrow('left to another process');
  });
});
