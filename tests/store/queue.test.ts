/** Who comes next: priorities, turns of accounts, and the state that each row is in. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { requestCancel } from '../../src/store/end-generations.ts';
import { admitGenerations, findGeneration, type Lease } from '../../src/store/generations.ts';
import type { Database } from '../../src/store/open-database.ts';
import { cancelsRequested, claimQueued, nextNotBefore, putBack } from '../../src/store/queue.ts';
import type { Db } from '../../src/store/tables.ts';
import { openTestDatabase, testDatabaseKind } from './database-under-test.ts';
import { at, generationSample, insertQueuedGeneration, later, makeAccount } from './samples.ts';

let database: Database;
let db: Db;
beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
  for (const id of ['acc_a', 'acc_b', 'acc_c']) await makeAccount(db, id);
});
afterAll(() => database.close());
beforeEach(async () => {
  await db.deleteFrom('generations').execute();
});

const lease: Lease = { runner_id: 'run_1', lease_ms: 60_000 };
const error = { code: 'canceled', message: 'It was canceled.' };

async function queue(
  account_id: string,
  ids: readonly string[],
  change: { readonly priority?: number } = {},
  from = 0,
) {
  const rows = ids.map((id, index) =>
    generationSample({ id, account_id, created_at: later(from + index), asynchronous: true, ...change }),
  );
  await admitGenerations(db, { account_id, mode: 'test' }, rows, lease);
}

const claimed = async (limit: number, by = lease) => (await claimQueued(db, by, limit)).map(({ id }) => id).sort();

test("ten thousand of one account do not keep another's one waiting", async () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `gen_a${String(index).padStart(5, '0')}`);
  for (let from = 0; from < many.length; from += 1_000) await queue('acc_a', many.slice(from, from + 1_000), {}, from);
  expect(await claimed(3)).toEqual(many.slice(0, 3));
  await queue('acc_b', ['gen_b']);
  expect(await claimed(1)).toEqual(['gen_b']);
  await queue('acc_c', ['gen_c0', 'gen_c1', 'gen_c2', 'gen_c3']);
  // acc_a has three at work, so the other has its turns first.
  expect(await claimed(3)).toEqual(['gen_c0', 'gen_c1', 'gen_c2']);
});

test('a higher priority goes first, whoever has waited longer', async () => {
  await queue('acc_a', ['gen_low'], { priority: -10 });
  await queue('acc_b', ['gen_high']);
  expect(await claimed(1)).toEqual(['gen_high']);
  expect(await claimed(5)).toEqual(['gen_low']);
});

test('many that claim at once share what there is and take nothing twice', async () => {
  const ids = Array.from({ length: 200 }, (_, index) => `gen_${index}`);
  await queue('acc_a', ids);
  const taken: string[] = [];
  await Promise.all(
    Array.from({ length: 6 }, async (_, worker) => {
      while (taken.length < ids.length)
        taken.push(...(await claimed(7, { runner_id: `run_${worker}`, lease_ms: 60_000 })));
    }),
  );
  expect(taken.sort()).toEqual([...ids].sort());
});

test.runIf(testDatabaseKind() !== 'pglite')('what one process is just taking sends no other away empty', async () => {
  await queue('acc_a', ['gen_0', 'gen_1', 'gen_2', 'gen_3', 'gen_4', 'gen_5']);
  await db.transaction().execute(async (transaction) => {
    const other = { runner_id: 'run_2', lease_ms: 60_000 };
    expect((await claimQueued(transaction, other, 2)).map(({ id }) => id).sort()).toEqual(['gen_0', 'gen_1']);
    expect(await claimed(2)).toEqual(['gen_2', 'gen_3']);
  });
});

test('what is put back waits its time, and counts as not begun', async () => {
  await queue('acc_a', ['gen_1']);
  await claimed(1);
  await db.updateTable('generations').set({ started_at: at }).execute();
  expect(await putBack(db, 'gen_1', 'run_2', 0)).toBe(false);
  expect(await putBack(db, 'gen_1', 'run_1', 60_000)).toBe(true);
  expect(await claimed(1)).toEqual([]);
  expect(await nextNotBefore(db)).toBeGreaterThan(50_000);
  await db.updateTable('generations').set({ not_before: at }).execute();
  const [again] = await claimQueued(db, lease, 1);
  expect(again).toMatchObject({ id: 'gen_1', runs: 1, not_before: null });
  // With all the time that work is given.
  expect(again?.started_at?.getTime()).toBeGreaterThan(at.getTime());
});

test('canceled at once while it waits; while it runs, the runner is told and nobody puts it back', async () => {
  await insertQueuedGeneration(db, generationSample({ id: 'gen_1', account_id: 'acc_a', held_micros: 5 }));
  const wish = { error, at };
  expect(await requestCancel(db, { account_id: 'acc_b', id: 'gen_1' }, wish)).toBeUndefined();
  expect(await requestCancel(db, { account_id: 'acc_a', id: 'gen_1' }, wish)).toBe('canceled');
  expect(await findGeneration(db, 'acc_a', 'gen_1')).toMatchObject({ status: 'canceled', held_micros: 0, error });
  expect(await requestCancel(db, { account_id: 'acc_a', id: 'gen_1' }, wish)).toBeUndefined();
  await queue('acc_a', ['gen_2']);
  await claimed(1);
  expect(await requestCancel(db, { account_id: 'acc_a', id: 'gen_2' }, wish)).toBe('running');
  expect(await cancelsRequested(db, 'run_1')).toEqual(['gen_2']);
  expect(await putBack(db, 'gen_2', 'run_1', 0)).toBe(false);
});
