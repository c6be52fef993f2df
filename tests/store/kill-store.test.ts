import { expect, test } from 'vitest';
import { killStoreLoop } from '../soak/kill-store.ts';
import { testDatabaseKind } from './database-under-test.ts';

const kind = testDatabaseKind();

/** Three rounds of what `npm run soak` does for long. */
test.runIf(kind !== 'external')(
  'no acknowledged row is lost when the owner is killed while it writes',
  async () => {
    const result = await killStoreLoop({ rounds: 3, kind: kind === 'pglite' ? 'pglite' : 'embedded', seed: 20261120 });
    expect(result).toMatchObject({ lost: [], halves: [] });
    expect(result.acknowledged).toBeGreaterThan(0);
    expect(result.starts).toBeGreaterThan(1);
  },
  60_000,
);
