import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { insertAttempts, listAttempts, setProviderJob } from '../../src/store/attempts.ts';
import { failInterrupted } from '../../src/store/end-generations.ts';
import { findGeneration, type Lease } from '../../src/store/generations.ts';
import type { Database } from '../../src/store/open-database.ts';
import { claimQueued, putBack, releaseLease, renewLeases, takeOver } from '../../src/store/queue.ts';
import type { Db } from '../../src/store/tables.ts';
import { openTestDatabase } from './database-under-test.ts';
import {
  at,
  cancelGeneration,
  completeGeneration,
  endAttempt,
  failGeneration,
  generationSample,
  insertAttempt,
  insertQueuedGeneration,
  insertRunningGeneration,
  later,
  makeAccount,
} from './samples.ts';

let database: Database;
let db: Db;
beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
  await makeAccount(db, 'acc_1');
  await makeAccount(db, 'acc_2');
});
afterAll(() => database.close());
beforeEach(async () => {
  await db.deleteFrom('generations').execute();
});

const lease: Lease = { runner_id: 'run_1', lease_ms: 60_000 };
const error = { code: 'internal_error', message: 'It broke.' };
const completion = {
  executed_model: 'gesso/sketch',
  provider: 'gesso',
  applied: [{ param: 'size', behaviour: 'passthrough' as const, from: '1024x768', to: '1024x768' }],
  warnings: ['one', 'two'],
  cost_micros: 30_000,
  pictures: 2,
  completed_at: later(900),
};

describe('states', () => {
  test('a generation is queued, started and completed, and reads as it was written', async () => {
    await insertQueuedGeneration(db, generationSample({ held_micros: 30_000 }));
    expect(await claimQueued(db, lease, 1)).toMatchObject([{ id: 'gen_1', status: 'running', runs: 1 }]);
    expect(await completeGeneration(db, 'gen_1', 'run_1', completion)).toBe(true);
    expect(await findGeneration(db, 'acc_1', 'gen_1')).toEqual({
      ...generationSample(),
      ...completion,
      asynchronous: true,
      priority: 0,
      runs: 1,
      offers: [],
      seed: 0,
      progress: 100,
      not_before: null,
      webhook_url: null,
      cancel_requested_at: null,
      deleted_at: null,
      batch_id: null,
      batch_line: null,
      price: [],
      error: null,
      currency: 'USD',
      held_micros: 0,
      authorized_micros: 30_000,
      status: 'completed',
      runner_id: 'run_1',
      payloads_dropped_at: null,
      lease_until: expect.any(Date),
      tag: null,
      started_at: expect.any(Date),
    });
  });

  test('a final state is final', async () => {
    const changes = [
      async () => (await claimQueued(db, lease, 1)).length > 0,
      () => completeGeneration(db, 'gen_1', 'run_1', completion),
      () => failGeneration(db, 'gen_1', 'run_1', { error, completed_at: at }),
      () => cancelGeneration(db, 'gen_1', { error, completed_at: at }),
    ];
    for (const finish of changes.slice(1)) {
      await db.deleteFrom('generations').execute();
      await insertRunningGeneration(db, generationSample({ held_micros: 30_000 }), lease);
      expect(await finish()).toBe(true);
      for (const change of changes) expect(await change()).toBe(false);
      expect(await failInterrupted(db, { error, completed_at: at, alone_as: 'run_9' })).toEqual([]);
    }
  });

  test('of many that would end it at once, exactly one does', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = `gen_race_${round}`;
      await insertRunningGeneration(db, generationSample({ id, held_micros: 30_000 }), lease);
      const moved = await Promise.all([
        completeGeneration(db, id, 'run_1', completion),
        failGeneration(db, id, 'run_1', { error, completed_at: at }),
        cancelGeneration(db, id, { error, completed_at: at }),
        completeGeneration(db, id, 'run_1', completion),
        cancelGeneration(db, id, { error, completed_at: at }),
      ]);
      expect(moved.filter(Boolean)).toHaveLength(1);
    }
  });

  test('of many runners, exactly one starts it, and only that one may end it', async () => {
    await insertQueuedGeneration(db, generationSample());
    const runners = ['run_1', 'run_2', 'run_3', 'run_4'];
    const started = await Promise.all(runners.map((runner_id) => claimQueued(db, { runner_id, lease_ms: 60_000 }, 1)));
    expect(started.flat()).toHaveLength(1);
    const winner = started.flat()[0]?.runner_id;
    for (const runner of runners) {
      expect(await failGeneration(db, 'gen_1', runner, { error, completed_at: at })).toBe(runner === winner);
    }
  });
});

describe('interruption', () => {
  test('a process that is alone fails what others left running, and nothing of its own', async () => {
    await insertRunningGeneration(db, generationSample({ id: 'gen_dead' }), {
      runner_id: 'run_dead',
      lease_ms: 60_000,
    });
    await insertRunningGeneration(db, generationSample({ id: 'gen_mine' }), lease);
    await insertQueuedGeneration(db, generationSample({ id: 'gen_queued' }));
    expect(await failInterrupted(db, { error, completed_at: at, alone_as: 'run_1' })).toEqual(['gen_dead']);
    expect(await findGeneration(db, 'acc_1', 'gen_dead')).toMatchObject({ status: 'failed', error, completed_at: at });
  });

  test('among several processes, a lease that ran out is what tells the dead', async () => {
    await insertRunningGeneration(db, generationSample({ id: 'gen_late' }), { runner_id: 'run_2', lease_ms: -1 });
    await insertRunningGeneration(db, generationSample({ id: 'gen_kept' }), { runner_id: 'run_3', lease_ms: -1 });
    expect(await renewLeases(db, { runner_id: 'run_3', lease_ms: 60_000 }, ['gen_kept', 'gen_late'])).toBe(1);
    expect(await failInterrupted(db, { error, completed_at: at })).toEqual(['gen_late']);
  });

  test('what can be gone on with is taken over, by one, and the slow runner is locked out', async () => {
    const dead = { runner_id: 'run_2', lease_ms: -1 };
    await insertQueuedGeneration(db, generationSample({ id: 'gen_async' }));
    await claimQueued(db, dead, 1);
    for (const id of ['gen_job', 'gen_sync']) {
      await insertRunningGeneration(db, generationSample({ id }), dead);
      await insertAttempt(db, {
        generation_id: id,
        seq: 1,
        provider: 'fal',
        offer_id: 'fal/x',
        price_micros: 1,
        started_at: at,
      });
    }
    await setProviderJob(db, 'gen_job', 1, { id: 'job-1', handle: {} });
    const others = ['run_3', 'run_4'].map((runner_id) => ({ runner_id, lease_ms: 60_000 }));
    const taken = await Promise.all(others.map((other) => takeOver(db, other, { limit: 10, alone: false })));
    expect(
      taken
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['gen_async', 'gen_job']);
    expect(await completeGeneration(db, 'gen_async', 'run_2', completion)).toBe(false);
    expect(await failInterrupted(db, { error, completed_at: at })).toEqual(['gen_sync']);
  });
});

test('what an orderly end leaves to others is taken over at once, and counts as no run', async () => {
  await insertQueuedGeneration(db, generationSample());
  await claimQueued(db, lease, 1);
  for (const runner_id of ['run_2', 'run_3', 'run_4']) {
    const before = await findGeneration(db, 'acc_1', 'gen_1');
    await releaseLease(db, 'gen_1', before?.runner_id ?? '');
    const [taken] = await takeOver(db, { runner_id, lease_ms: 60_000 }, { limit: 10, alone: false });
    expect(taken).toMatchObject({ id: 'gen_1', runs: 1, runner_id });
  }
});

describe('a process that was held up for longer than its lease', () => {
  const slow = { runner_id: 'run_slow', lease_ms: -1 };
  const other = { runner_id: 'run_other', lease_ms: 60_000 };
  const attempt = (seq: number) => ({
    generation_id: 'gen_1',
    seq,
    provider: 'fal',
    offer_id: 'fal/x',
    price_micros: 1,
    started_at: at,
  });
  const begin = async (): Promise<void> => {
    await insertQueuedGeneration(db, generationSample());
    await claimQueued(db, slow, 1);
  };

  test('does not take over from itself what it is still at', async () => {
    await begin();
    expect(await takeOver(db, slow, { limit: 10, alone: false, at_hand: ['gen_1'] })).toEqual([]);
    await putBack(db, 'gen_1', 'run_slow', 0);
    expect(await claimQueued(db, other, 10, ['gen_1'])).toEqual([]);
    expect(await claimQueued(db, other, 10, ['gen_2'])).toHaveLength(1);
  });

  test('does not fail what it is still at', async () => {
    await insertRunningGeneration(db, generationSample(), slow);
    expect(await failInterrupted(db, { error, completed_at: at, at_hand: ['gen_1'] })).toEqual([]);
    expect(await failInterrupted(db, { error, completed_at: at })).toEqual(['gen_1']);
  });

  test('begins no call for what another has by now, or what has ended', async () => {
    await begin();
    expect(await insertAttempts(db, 'run_slow', [attempt(1)])).toEqual([true]);
    await takeOver(db, other, { limit: 10, alone: false });
    expect(await insertAttempts(db, 'run_slow', [attempt(2), attempt(3)])).toEqual([false, false]);
    expect(await insertAttempts(db, 'run_other', [attempt(2)])).toEqual([true]);
    await failGeneration(db, 'gen_1', 'run_other', { error, completed_at: at });
    expect(await insertAttempts(db, 'run_other', [attempt(3)])).toEqual([false]);
    expect((await listAttempts(db, 'gen_1')).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test('keeps nothing alive that it has no more at hand', async () => {
    await insertRunningGeneration(db, generationSample(), slow);
    expect(await renewLeases(db, { ...slow, lease_ms: 60_000 }, [])).toBe(0);
    expect(await failInterrupted(db, { error, completed_at: at })).toEqual(['gen_1']);
  });
});

describe('reading', () => {
  test("another account's generation is not found", async () => {
    await insertQueuedGeneration(db, generationSample());
    expect(await findGeneration(db, 'acc_2', 'gen_1')).toBeUndefined();
  });
});

describe('constraints', () => {
  test('text that JSON allows and PostgreSQL does not is stored readable', async () => {
    const prompt = 'nul \0 and half \uD83D';
    const expected = 'nul \uFFFD and half \uFFFD';
    await insertQueuedGeneration(
      db,
      generationSample({ request: { prompt, list: [prompt] }, labels: { [prompt]: prompt }, user: prompt }),
    );
    expect(await findGeneration(db, 'acc_1', 'gen_1')).toMatchObject({
      request: { prompt: expected, list: [expected] },
      labels: { [expected]: expected },
      user: expected,
    });
  });

  test.each([
    ['a picture in the request', { request: JSON.stringify({ image: 'A'.repeat(600_000) }) }],
    ['no such account', { account_id: 'acc_none' }],
    ['n of none', { n: 0 }],
    ['a negative hold', { held_micros: -1 }],
    ['an unknown mode', { mode: 'admin' as 'live' }], // What the types forbid, the database must too.
  ])('refused: %s', async (_name, change) => {
    await insertQueuedGeneration(db, generationSample());
    await expect(db.updateTable('generations').set(change).execute()).rejects.toThrow(/violates/);
  });

  test.each([
    ['an unknown status', { status: 'done' as 'failed' }], // What the types forbid, the database must too.
    ['completed without a time', { status: 'completed' as const }],
    ['failed without an error', { status: 'failed' as const, completed_at: at }],
    ['running without a runner', { status: 'running' as const, started_at: at }],
  ])('refused: %s', async (_name, change) => {
    await insertQueuedGeneration(db, generationSample());
    await expect(db.updateTable('generations').set(change).execute()).rejects.toThrow(/violates check constraint/);
  });
});

test('attempts are kept in order, end once, and go with their generation', async () => {
  await insertQueuedGeneration(db, generationSample());
  const attempt = {
    generation_id: 'gen_1',
    provider: 'fal',
    offer_id: 'fal/seedream-4',
    price_micros: 30_000,
    started_at: at,
  };
  const place = { first_index: 0, pictures: 1, units: 1, outputs: null };
  await insertAttempt(db, { ...attempt, seq: 2 });
  await insertAttempt(db, { ...attempt, seq: 1 });
  await expect(insertAttempt(db, { ...attempt, seq: 1 })).rejects.toThrow('attempts_pkey');
  expect(await setProviderJob(db, 'gen_1', 1, { id: 'job-7', handle: { url: 'u' } })).toBe(true);
  const end = {
    outcome: 'failed' as const,
    error_class: 'overloaded',
    latency_ms: 12.5,
    billed_micros: null,
    possible_micros: null,
    ended_at: later(12),
  };
  await endAttempt(db, 'gen_1', 1, end);
  await endAttempt(db, 'gen_1', 1, { ...end, outcome: 'success' });
  expect(await setProviderJob(db, 'gen_1', 1, { id: 'job-8', handle: {} })).toBe(false);
  expect(await listAttempts(db, 'gen_1')).toEqual([
    { ...attempt, ...place, seq: 1, ...end, provider_job_id: 'job-7', job_handle: { url: 'u' } },
    {
      ...attempt,
      ...place,
      seq: 2,
      job_handle: null,
      outcome: 'running',
      error_class: null,
      latency_ms: null,
      billed_micros: null,
      possible_micros: null,
      provider_job_id: null,
      ended_at: null,
    },
  ]);
  await db.deleteFrom('generations').execute();
  expect(await listAttempts(db, 'gen_1')).toEqual([]);
});
