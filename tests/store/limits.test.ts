/** Budgets and rate limits where they are kept: exact whoever asks at the same time. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RateLimit, rateLimit } from '../../src/core/limits/rate.ts';
import { budgetShortageOf, setKeyBudget, setTagBudget } from '../../src/store/budgets.ts';
import { admitGenerations, type NewGeneration } from '../../src/store/generations.ts';
import { insertKey } from '../../src/store/keys.ts';
import type { Database } from '../../src/store/open-database.ts';
import { type BucketState, takeFromBuckets } from '../../src/store/rate-buckets.ts';
import type { Db } from '../../src/store/tables.ts';
import { openTestDatabase } from './database-under-test.ts';
import { at, completeGeneration, failGeneration, generationSample, keySample, makeAccount } from './samples.ts';

let database: Database;
let db: Db;
beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
  await makeAccount(db, 'acc_1');
  await insertKey(db, keySample({ id: 'key_parent' }));
  await insertKey(db, keySample({ id: 'key_child', parent_id: 'key_parent' }));
});
afterAll(() => database.close());

const lease = { runner_id: 'run_1', lease_ms: 60_000 };
let count = 0;

function wish(change: Partial<NewGeneration>): NewGeneration {
  count += 1;
  return generationSample({ id: `gen_${count}`, mode: 'live', held_micros: 30_000, ...change });
}

async function admit(change: Partial<NewGeneration>): Promise<{ id: string; error: unknown }> {
  const generation = wish(change);
  return admitGenerations(db, generation, [generation], lease).then(
    () => ({ id: generation.id, error: null }),
    (error: unknown) => ({ id: generation.id, error }),
  );
}

async function spent(spender: string): Promise<{ month: number; total: number }> {
  const row = await db.selectFrom('budgets').selectAll().where('spender', '=', spender).executeTakeFirst();
  return { month: row?.month_micros ?? 0, total: row?.total_micros ?? 0 };
}

test('a hold counts for the key, for the key above it and for the tag; what is released and charged moves along', async () => {
  const first = await admit({ key_id: 'key_child', tag: 'shop' });
  const second = await admit({ key_id: 'key_child', tag: 'shop' });
  const spenders = ['key:key_child', 'key:key_parent', 'tag:acc_1:live:shop'];
  for (const spender of spenders) expect(await spent(spender)).toEqual({ month: 60_000, total: 60_000 });
  await failGeneration(db, first.id, lease.runner_id, { error: { code: 'x', message: 'y' }, completed_at: at });
  const done = {
    executed_model: 'a/b',
    provider: 'a',
    applied: [],
    warnings: [],
    cost_micros: 20_000,
    completed_at: at,
  };
  await completeGeneration(db, second.id, lease.runner_id, done);
  for (const spender of spenders) expect(await spent(spender)).toEqual({ month: 20_000, total: 20_000 });
  await db.deleteFrom('generations').where('id', 'in', [first.id, second.id]).execute();
  for (const spender of spenders) expect(await spent(spender)).toEqual({ month: 20_000, total: 20_000 });
});

test('a month begins anew, and what was held in the last one is released there', async () => {
  await insertKey(db, keySample({ id: 'key_months' }));
  const november = await admit({ key_id: 'key_months', created_at: new Date('2026-11-30T23:59:59Z') });
  await admit({ key_id: 'key_months', created_at: new Date('2026-12-01T00:00:00Z') });
  expect(await spent('key:key_months')).toEqual({ month: 30_000, total: 60_000 });
  await failGeneration(db, november.id, lease.runner_id, { error: { code: 'x', message: 'y' }, completed_at: at });
  expect(await spent('key:key_months')).toEqual({ month: 30_000, total: 30_000 });
});

test.each([
  ['its own total', 'key_own', { total_budget_micros: 3_000_000, monthly_budget_micros: null }],
  ['its own month', 'key_month', { monthly_budget_micros: 3_000_000 }],
])('of 150 at once exactly 100 pass the budget of a key: %s', async (_name, id, budget) => {
  await insertKey(db, keySample({ id }));
  await setKeyBudget(db, id, budget);
  const ended = await Promise.all(Array.from({ length: 150 }, () => admit({ key_id: id })));
  const refused = ended.filter(({ error }) => error !== null);
  expect(refused).toHaveLength(50);
  for (const { error } of refused) {
    expect(budgetShortageOf(error)).toMatchObject({ key_id: id, required_micros: 30_000, available_micros: 0 });
  }
  expect((await spent(`key:${id}`)).total).toBe(3_000_000);
});

test('a budget of the key above binds, and so does that of a tag; a free request passes', async () => {
  await insertKey(db, keySample({ id: 'key_over' }));
  await insertKey(db, keySample({ id: 'key_under', parent_id: 'key_over' }));
  await setKeyBudget(db, 'key_over', { total_budget_micros: 50_000 });
  expect((await admit({ key_id: 'key_under' })).error).toBeNull();
  const { error } = await admit({ key_id: 'key_under' });
  expect(budgetShortageOf(error)).toEqual({
    key_id: 'key_over',
    tag: null,
    period: 'total',
    required_micros: 30_000,
    available_micros: 20_000,
  });
  expect((await admit({ key_id: 'key_under', held_micros: 0 })).error).toBeNull();

  await setTagBudget(db, { account_id: 'acc_1', mode: 'live', tag: 'small' }, { monthly_budget_micros: 0 });
  const tagged = await admit({ tag: 'small' });
  expect(budgetShortageOf(tagged.error)).toMatchObject({ key_id: null, tag: 'small', period: 'monthly' });
  expect(budgetShortageOf(new Error('another'))).toBeNull();
});

async function take(subject: string, limit: RateLimit, amount = 1): Promise<BucketState | undefined> {
  return (await takeFromBuckets(db, [{ subject, limit, amount }]))[0];
}

test('of many at once as many are taken as the bucket holds', async () => {
  const limit = rateLimit(60, 7);
  const taken = await Promise.all(Array.from({ length: 30 }, () => take('many', limit)));
  expect(taken.filter((one) => one?.is_taken)).toHaveLength(7);
  expect((await take('many', limit))?.full_at_us).toBeGreaterThan(0);
});

test('of several buckets all give or none does', async () => {
  const wide = { subject: 'wide', limit: rateLimit(60, 5), amount: 1 };
  const narrow = { subject: 'narrow', limit: rateLimit(60, 1), amount: 1 };
  expect((await takeFromBuckets(db, [wide, narrow])).map(({ is_taken }) => is_taken)).toEqual([true, true]);
  for (let index = 0; index < 10; index += 1) {
    const states = await takeFromBuckets(db, [narrow, wide]);
    expect(states.map(({ is_taken }) => is_taken)).toEqual([false, false]);
  }
  const left = await Promise.all(Array.from({ length: 8 }, () => take('wide', wide.limit)));
  expect(left.filter((one) => one?.is_taken)).toHaveLength(4);
});
