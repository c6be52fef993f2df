import { expect, test } from 'vitest';
import { killServerLoop } from '../soak/kill-server.ts';
import { testDatabaseKind } from '../store/database-under-test.ts';

/** The short form of `npm run soak`; against an external server there is no database process of ours to lose. */
test('a server killed while it writes starts again, has lost nothing and charged nothing twice', {
  timeout: 120_000,
}, async () => {
  const kind = testDatabaseKind() === 'pglite' ? 'pglite' : 'embedded';
  const result = await killServerLoop({ rounds: 2, kind, seed: 7 });
  expect(result.faults).toEqual([]);
  expect(result.left_running).toBe(0);
  expect(result.acknowledged).toBeGreaterThan(0);
  expect(result.paid_micros).toBeGreaterThan(0);
  expect(result.planted_found).toBe(true);
});
