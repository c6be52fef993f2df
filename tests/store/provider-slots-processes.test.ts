/** Real processes before one gate, one of which is killed. PGlite lives in one process: there nothing is shared. */
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/store/open-database.ts';
import {
  mostInside,
  mostWithin,
  runProviderSlots,
  type Span,
  shareUsed,
  startSlotsChild,
} from '../soak/provider-slots.ts';
import { openTestDatabase, testDatabaseKind } from './database-under-test.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const usual = { window_ms: 60_000, lease_ms: 30_000, pause: null };

test('the measures themselves see what is too much', () => {
  const visits: Span[] = [
    [0, 10],
    [10, 20],
    [5, 12],
    [30, 40],
  ];
  expect([mostInside(visits), shareUsed(visits, 2, [0, 20]), mostWithin(visits, 10), mostWithin(visits, 11)]).toEqual([
    2,
    27 / 40,
    2,
    3,
  ]);
});

describe.runIf(testDatabaseKind() !== 'pglite')('four processes', () => {
  const url = (): string => database.url_for_children ?? '';

  test('five at once: never more, and 95 % of that under pressure', async () => {
    const { visits } = await runProviderSlots(
      database.db,
      { ...usual, database_url: url(), limits: { concurrent_max: 5 }, workers: 4, hold_ms: 700, duration_ms: 3_500 },
      4,
    );
    const all = visits.flat();
    expect(mostInside(all)).toBe(5);
    // From when all places were first taken until the last call came in, which had waited.
    const began = all.map(([from]) => from).toSorted((a, b) => a - b);
    const [from, until] = [began[4] ?? 0, began.at(-1) ?? 0];
    expect(until - from).toBeGreaterThan(1_000);
    expect(visits.every((own) => own.length > 0)).toBe(true);
    expect(shareUsed(all, 5, [from, until])).toBeGreaterThan(0.95);
  }, 30_000);

  test('twenty in any second: never more, hardly fewer', async () => {
    // Each process sees a moment later when it was let in: the witness is the database, which lets in.
    await sql`create table witness (at_ms float8, requests bigint)`.execute(database.db);
    await sql`
      create function witness_pass() returns trigger language plpgsql as $$ begin
        insert into witness values (extract(epoch from new.last_at) * 1000,
          new.requests - case when tg_op = 'UPDATE' then old.requests else 0 end);
        return null;
      end $$`.execute(database.db);
    await sql`create trigger witness_pass after insert or update on provider_passes for each row
      execute function witness_pass()`.execute(database.db);
    const limits = { requests_per_minute: 20 };
    const { visits } = await runProviderSlots(
      database.db,
      { ...usual, database_url: url(), window_ms: 1_000, limits, workers: 3, hold_ms: 0, duration_ms: 2_200 },
      4,
    );
    const { rows } = await sql<{ at_ms: number; requests: number }>`select * from witness`.execute(database.db);
    const passes = rows.flatMap(({ at_ms, requests }) => Array.from({ length: requests }, (): Span => [at_ms, at_ms]));
    // Each of the four may end before it hears of the last one that was let in.
    expect(visits.flat().length).toBeLessThanOrEqual(passes.length);
    expect(visits.flat().length).toBeGreaterThanOrEqual(passes.length - 4);
    expect(mostWithin(passes, 1_000)).toBe(20);
    const times = passes.map(([at]) => at);
    const lasted_s = (Math.max(...times) - Math.min(...times)) / 1_000;
    expect(passes.length).toBeGreaterThanOrEqual(20 * Math.floor(lasted_s));
  }, 30_000);

  test('a pause that one is asked for holds for all', async () => {
    const { visits, paused } = await runProviderSlots(
      database.db,
      {
        ...usual,
        database_url: url(),
        limits: { concurrent_max: 5 },
        workers: 3,
        hold_ms: 20,
        duration_ms: 2_000,
        pause: { after_ms: 700, pause_ms: 600 },
      },
      4,
    );
    const [from, until] = paused ?? [0, 0];
    const began = visits.flat().map(([at]) => at);
    // What was let in just before may come in just after.
    expect(began.filter((at) => at > from + 100 && at < until - 5)).toEqual([]);
    for (const own of visits) expect(own.some(([at]) => at > until)).toBe(true);
  }, 30_000);

  test('the places of one that is killed come back when its lease ends, and not before', async () => {
    const lease_ms = 1_200;
    const child = { ...usual, database_url: url(), gate: 'killed', limits: { concurrent_max: 2 }, lease_ms };
    const killed = await startSlotsChild({ ...child, workers: 2, hold_ms: 60_000, duration_ms: 60_000 });
    await delay(300);
    await killed.kill();
    const killed_at = Number(process.hrtime.bigint()) / 1e6;
    const next = await startSlotsChild({ ...child, workers: 2, hold_ms: 10, duration_ms: 2_000 });
    const { visits } = JSON.parse((await next.lines.next()).value ?? '{}') as { visits: Span[] }; // Our own child's.
    const first_ms = (visits[0]?.[0] ?? 0) - killed_at;
    // It had said that it lived at most a third of a lease before.
    expect(first_ms).toBeGreaterThan(lease_ms / 2);
    expect(first_ms).toBeLessThan(lease_ms + 400);
  }, 30_000);
});
