/** Two processes on one database: what one sees, the other knows; and what each does to an offer that is down. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openTestDatabase } from '../../tests/store/database-under-test.ts';
import type { FaultClass } from '../core/routing/outcomes.ts';
import type { Database } from '../store/open-database.ts';
import { type Observation, OfferHealth } from './offer-health.ts';

const silent = { error() {}, warn() {}, info() {}, debug() {} };
let database: Database;
let one: OfferHealth;
let other: OfferHealth;
let now = Date.now();
let offer_id = '';
let count = 0;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  offer_id = `fal/offer-${++count}`;
  const parts = { db: database.db, clock: { now: () => now }, log: silent };
  one = new OfferHealth(parts);
  other = new OfferHealth(parts);
});

const traffic = () => ({ offer_id, kind: 'edit' as const, size_class: '2K' as const });

function seen(fault: FaultClass | null, change: Partial<Observation> = {}): Observation {
  return {
    ...traffic(),
    mode: 'live',
    provider: 'fal',
    fault,
    latency_ms: 2000,
    retry_after_ms: null,
    is_probe: false,
    ...change,
  };
}

async function record(health: OfferHealth, times: number, fault: FaultClass | null): Promise<void> {
  for (let index = 0; index < times; index++) await health.record(seen(fault));
}

/** As if the time until the probe had passed for all. */
async function letTimePass(): Promise<void> {
  await database.db
    .updateTable('offer_breakers')
    .set({ probe_until: new Date(0) })
    .where('offer_id', '=', offer_id)
    .execute();
  now += 10 * 60_000;
  await one.refresh();
  await other.refresh();
}

test('what one process counts, it knows at once, and the other after both have talked to the database', async () => {
  await record(one, 6, null);
  await record(one, 4, 'server_error');
  expect(one.figures('live', traffic())).toMatchObject({ state: 'degraded', judged: 10, error_rate: 0.4 });
  expect(other.figures('live', traffic()).judged).toBe(0);
  await one.flush();
  expect(one.figures('live', traffic()).judged).toBe(10);
  await record(other, 2, 'unavailable');
  await other.flush();
  expect(other.figures('live', traffic())).toMatchObject({ state: 'unhealthy', judged: 12, error_rate: 0.5 });
  expect(other.figures('live', traffic()).p95_ms).toBeGreaterThanOrEqual(2000);
  expect(other.figures('test', traffic()).judged).toBe(0);
  expect(other.figures('live', { ...traffic(), size_class: '4K' }).judged).toBe(0);
});

test('nothing that is counted while the database is written to is lost or counted twice', async () => {
  await record(one, 5, null);
  const flushing = one.flush();
  await record(one, 3, null);
  await flushing;
  expect(one.figures('live', traffic()).judged).toBe(8);
  await one.flush();
  expect(one.figures('live', traffic()).judged).toBe(8);
  await other.refresh();
  expect(other.figures('live', traffic()).judged).toBe(8);
});

test('one opens the breaker, both keep away, one of both probes, and its success closes it for both', async () => {
  await record(one, 5, 'server_error');
  expect(one.breaker('live', offer_id)).toBe('open');
  await other.refresh();
  expect(other.breaker('live', offer_id)).toBe('open');
  expect(other.reason('live', offer_id)).toMatch(/failed too often/);
  expect(await other.claimProbe('live', offer_id, false)).toBe('taken'); // its time has not come
  await letTimePass();
  expect(one.breaker('live', offer_id)).toBe('due');
  const claims = await Promise.all([one, other, one, other].map((each) => each.claimProbe('live', offer_id, false)));
  expect(claims.toSorted()).toEqual(['ours', 'taken', 'taken', 'taken']);
  const prober = claims.indexOf('ours') % 2 === 0 ? one : other;
  await prober.record(seen(null, { is_probe: true }));
  for (const each of [one, other]) {
    await each.flush();
    await each.refresh();
    expect(each.breaker('live', offer_id)).toBe('closed');
    // Forgiven: or else the next failure would open it again.
    expect(each.figures('live', traffic()).error_rate).toBe(0);
  }
});

test('what opened a breaker is forgiven also where another process closes it', async () => {
  await record(one, 5, 'server_error');
  await other.refresh();
  await letTimePass();
  expect(await other.claimProbe('live', offer_id, false)).toBe('ours');
  await other.record(seen(null, { is_probe: true }));
  await one.flush();
  await one.refresh();
  expect(one.figures('live', traffic()).error_rate).toBe(0);
});

test('a probe that fails reopens for longer', async () => {
  await record(one, 5, 'server_error');
  await letTimePass();
  expect(await one.claimProbe('live', offer_id, false)).toBe('ours');
  await one.record(seen('unavailable', { is_probe: true }));
  expect(one.breaker('live', offer_id)).toBe('open');
  now += 59_000;
  expect(one.breaker('live', offer_id)).toBe('open');
  now += 1_000;
  expect(one.breaker('live', offer_id)).toBe('due');
});

test('whoever does not know yet that the other has closed it finds out when it asks', async () => {
  await record(one, 1, 'auth');
  await other.refresh();
  expect(await one.claimProbe('live', offer_id, true)).toBe('ours');
  await one.record(seen(null, { is_probe: true }));
  expect(other.breaker('live', offer_id)).toBe('open');
  expect(await other.claimProbe('live', offer_id, true)).toBe('closed');
});

test('what was under way when it opened does not keep it open for longer', async () => {
  await record(one, 5, 'server_error');
  now += 29_000;
  await record(one, 15, 'server_error');
  expect(one.breaker('live', offer_id)).toBe('open');
  now += 1_000;
  expect(one.breaker('live', offer_id)).toBe('due');
  const row = await database.db.selectFrom('offer_breakers').selectAll().where('offer_id', '=', offer_id).execute();
  expect(row).toMatchObject([{ state: 'open', trips: 1 }]);
});

test('the report tells an operator what to do', async () => {
  await record(one, 3, null);
  await record(one, 1, 'account');
  expect(one.report('live').find((report) => report.offer_id === offer_id)).toMatchObject({
    breaker: 'open',
    reason: expect.stringContaining('account'),
    counts: { succeeded: 3, failed: 1 },
    judged: 4,
  });
  expect(one.report('test')).toEqual([]);
});
