import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { endAttempt, insertAttempt, listAttempts, setProviderJob } from '../../src/store/attempts.ts';
import {
  cancelGeneration,
  completeGeneration,
  failGeneration,
  failInterrupted,
  findGeneration,
  insertQueuedGeneration,
  type Lease,
  listGenerations,
  renewLeases,
  startGeneration,
} from '../../src/store/generations.ts';
import type { Database } from '../../src/store/open-database.ts';
import type { Db } from '../../src/store/tables.ts';
import { openTestDatabase } from './database-under-test.ts';
import { at, generationSample, insertRunningGeneration, later, makeAccount } from './samples.ts';

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
    expect(await startGeneration(db, 'gen_1', lease, later(100))).toBe(true);
    expect(await completeGeneration(db, 'gen_1', 'run_1', completion)).toBe(true);
    expect(await findGeneration(db, 'acc_1', 'gen_1')).toEqual({
      ...generationSample(),
      ...completion,
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
      started_at: later(100),
    });
  });

  test('a final state is final', async () => {
    const changes = [
      () => startGeneration(db, 'gen_1', lease, at),
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
    const started = await Promise.all(
      runners.map((runner_id) => startGeneration(db, 'gen_1', { runner_id, lease_ms: 60_000 }, at)),
    );
    expect(started.filter(Boolean)).toHaveLength(1);
    const winner = runners[started.indexOf(true)];
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
    expect(await renewLeases(db, { runner_id: 'run_3', lease_ms: 60_000 })).toBe(1);
    expect(await failInterrupted(db, { error, completed_at: at })).toEqual(['gen_late']);
  });
});

describe('reading', () => {
  test("another account's generation is not found", async () => {
    await insertQueuedGeneration(db, generationSample());
    expect(await findGeneration(db, 'acc_2', 'gen_1')).toBeUndefined();
  });

  test('pages follow each other without gap or repeat, also among rows of one millisecond', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => `gen_${letter}`);
    for (const [index, id] of ids.entries()) {
      await insertQueuedGeneration(db, generationSample({ id, created_at: later(Math.floor(index / 3)) }));
    }
    await insertQueuedGeneration(db, generationSample({ id: 'gen_other', account_id: 'acc_2' }));
    const seen: string[] = [];
    let after: { created_at: Date; id: string } | undefined;
    for (;;) {
      const rows = await listGenerations(
        db,
        { account_id: 'acc_1' },
        { limit: 2, ...(after === undefined ? {} : { after }) },
      );
      if (rows.length === 0) break;
      seen.push(...rows.map(({ id }) => id));
      after = rows.at(-1);
    }
    expect(seen).toEqual(ids.toReversed());
  });

  test('filters', async () => {
    await insertQueuedGeneration(db, generationSample({ id: 'gen_live', mode: 'live' }));
    await insertRunningGeneration(db, generationSample({ id: 'gen_test' }), lease);
    const ids = async (filter: object) =>
      (await listGenerations(db, { account_id: 'acc_1', ...filter }, { limit: 10 })).map(({ id }) => id);
    expect(await ids({ mode: 'live' })).toEqual(['gen_live']);
    expect(await ids({ status: 'running' })).toEqual(['gen_test']);
    expect(await ids({ model: 'no/such' })).toEqual([]);
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
    ['a picture in the request', { request: { image: 'A'.repeat(600_000) } }],
    ['no such account', { account_id: 'acc_none' }],
    ['n of none', { n: 0 }],
    ['a negative hold', { held_micros: -1 }],
    ['an unknown mode', { mode: 'admin' as 'live' }], // What the types forbid, the database must too.
  ])('refused: %s', async (_name, change) => {
    await expect(insertQueuedGeneration(db, generationSample(change))).rejects.toThrow(/violates/);
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
  await insertAttempt(db, { ...attempt, seq: 2 });
  await insertAttempt(db, { ...attempt, seq: 1 });
  await expect(insertAttempt(db, { ...attempt, seq: 1 })).rejects.toThrow('attempts_pkey');
  expect(await setProviderJob(db, 'gen_1', 1, 'job-7')).toBe(true);
  const end = {
    outcome: 'failed' as const,
    error_class: 'overloaded',
    latency_ms: 12.5,
    billed_micros: null,
    possible_micros: null,
    ended_at: later(12),
  };
  expect(await endAttempt(db, 'gen_1', 1, end)).toBe(true);
  expect(await endAttempt(db, 'gen_1', 1, { ...end, outcome: 'success' })).toBe(false);
  expect(await setProviderJob(db, 'gen_1', 1, 'job-8')).toBe(false);
  expect(await listAttempts(db, 'gen_1')).toEqual([
    { ...attempt, seq: 1, ...end, provider_job_id: 'job-7' },
    {
      ...attempt,
      seq: 2,
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
