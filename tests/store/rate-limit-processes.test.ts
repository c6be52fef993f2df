import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../src/store/open-database.ts';
import { mostOver, RATE_ROUNDING, runRateLimit } from '../soak/rate-limit.ts';
import { openTestDatabase } from './database-under-test.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test('the measure itself sees a span that has too much', () => {
  const second = 1_000_000;
  expect(mostOver([0, second, 2 * second], 60, 1)).toBeCloseTo(0);
  expect(mostOver([0, second, second], 60, 1)).toBeCloseTo(1);
  expect(mostOver([0, 0, 9 * second, 9 * second, 9 * second], 60, 2)).toBeCloseTo(1);
});

test('four processes share one limit: in no span too much, and 95 % of it usable', async () => {
  const { url_for_children: database_url } = database;
  // PGlite lives in one process.
  if (database_url === undefined) return;
  const { admitted, over, share } = await runRateLimit({
    database_url,
    processes: 4,
    per_minute: 1200,
    // Three seconds' worth: a machine that is busy with other tests may leave all four waiting for a while.
    burst: 60,
    duration_ms: 3000,
  });
  expect(admitted).toBeGreaterThan(50);
  expect(over).toBeLessThanOrEqual(RATE_ROUNDING);
  expect(share).toBeGreaterThan(0.95);
}, 60_000);
