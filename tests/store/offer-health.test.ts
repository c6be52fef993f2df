import { afterAll, beforeAll, expect, test } from 'vitest';
import { addLatency, emptyHistogram } from '../../src/core/routing/latency-histogram.ts';
import {
  addOfferStats,
  claimProbe,
  closeBreaker,
  deleteOfferStats,
  listBreakers,
  listOfferStats,
  openBreaker,
} from '../../src/store/offer-health.ts';
import type { Database } from '../../src/store/open-database.ts';
import { openTestDatabase } from './database-under-test.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const stats = (offer_id: string) => ({
  mode: 'live' as const,
  offer_id,
  kind: 'edit' as const,
  size_class: '2K' as const,
  succeeded: 2,
  failed: 1,
  limited: 0,
  excused: 3,
  latency: addLatency(addLatency(emptyHistogram, 1000), 90_000),
});

async function breakerOf(offer_id: string) {
  return (await listBreakers(database.db)).find((breaker) => breaker.offer_id === offer_id);
}

test('what several processes count in a minute adds up, latencies included', async () => {
  const { db } = database;
  await Promise.all([1, 2, 3].map(() => addOfferStats(db, stats('fal/added'))));
  const rows = (await listOfferStats(db, 10)).filter(({ offer_id }) => offer_id === 'fal/added');
  const sum = (column: 'succeeded' | 'failed' | 'excused') => rows.reduce((total, row) => total + row[column], 0);
  expect([sum('succeeded'), sum('failed'), sum('excused')]).toEqual([6, 3, 9]);
  const latency = rows.reduce(
    (total, row) => total.map((count, place) => count + (row.latency[place] ?? 0)),
    [...emptyHistogram],
  );
  expect(latency).toEqual(stats('').latency.map((count) => count * 3));
});

test('old minutes are out of the window and can be dropped', async () => {
  const { db } = database;
  await addOfferStats(db, stats('fal/old'));
  await db
    .updateTable('offer_stats')
    .set({ bucket_start: new Date('2020-01-01T00:00:00Z') })
    .where('offer_id', '=', 'fal/old')
    .execute();
  expect((await listOfferStats(db, 10)).filter(({ offer_id }) => offer_id === 'fal/old')).toEqual([]);
  await deleteOfferStats(db, 60);
  const left = await db.selectFrom('offer_stats').select('offer_id').where('offer_id', '=', 'fal/old').execute();
  expect(left).toEqual([]);
});

test('of many requests, one may probe, and only when the time has come', async () => {
  const { db } = database;
  const key = { mode: 'live', offer_id: 'fal/probed' } as const;
  const claim = (early: boolean) => claimProbe(db, key, { early, lease_ms: 60_000 });
  expect(await claim(true)).toBe(false); // closed: nothing to probe
  await openBreaker(db, key, { reason: 'it failed', open_ms: 60_000 });
  expect((await breakerOf('fal/probed'))?.probe_in_ms).toBeGreaterThan(50_000);
  expect(await claim(false)).toBe(false);
  await openBreaker(db, key, { reason: 'it failed', open_ms: 0 });
  const claims = await Promise.all(Array.from({ length: 8 }, () => claim(false)));
  expect(claims.filter(Boolean)).toHaveLength(1);
  expect(await claim(true)).toBe(false); // one is under way
});

test('the last resort may probe before its time, and a probe whose process died is claimed again', async () => {
  const { db } = database;
  const key = { mode: 'live', offer_id: 'fal/early' } as const;
  await openBreaker(db, key, { reason: 'it failed', open_ms: 60_000 });
  expect(await claimProbe(db, key, { early: true, lease_ms: -10 })).toBe(true);
  expect(await claimProbe(db, key, { early: false, lease_ms: 60_000 })).toBe(true);
});

test('a probe that delivers closes the breaker and forgives, one that fails counts as another trip', async () => {
  const { db } = database;
  const key = { mode: 'live', offer_id: 'fal/closing' } as const;
  await addOfferStats(db, stats('fal/closing'));
  for (const _ of [1, 2, 3]) await openBreaker(db, key, { reason: 'it failed', open_ms: 0 });
  expect(await breakerOf('fal/closing')).toMatchObject({ state: 'open', trips: 1, reason: 'it failed' });
  expect(await closeBreaker(db, key)).toBe(false); // only a probe closes
  await claimProbe(db, key, { early: true, lease_ms: 60_000 });
  await openBreaker(db, key, { reason: 'again', open_ms: 0 });
  expect(await breakerOf('fal/closing')).toMatchObject({ state: 'open', trips: 2 });
  await claimProbe(db, key, { early: true, lease_ms: 60_000 });
  expect(await closeBreaker(db, key)).toBe(true);
  expect(await breakerOf('fal/closing')).toMatchObject({ state: 'closed', trips: 0, reason: null });
  const rows = (await listOfferStats(db, 10)).filter(({ offer_id }) => offer_id === 'fal/closing');
  expect(rows).toMatchObject([{ succeeded: 2, failed: 0 }]);
});

test('live and test mode know nothing of each other', async () => {
  const { db } = database;
  await openBreaker(db, { mode: 'test', offer_id: 'fal/apart' }, { reason: 'simulated', open_ms: 0 });
  expect(await claimProbe(db, { mode: 'live', offer_id: 'fal/apart' }, { early: true, lease_ms: 1 })).toBe(false);
});
