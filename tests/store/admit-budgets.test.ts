/** Admissions in groups against budgets: exact, and nobody is refused for the sake of another. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAdmissionGroups } from '../../src/services/admit.ts';
import { setKeyBudget, setTagBudget } from '../../src/store/budgets.ts';
import { insertKey } from '../../src/store/keys.ts';
import type { Database } from '../../src/store/open-database.ts';
import { openTestDatabase } from './database-under-test.ts';
import { generationSample, keySample, makeAccount } from './samples.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  await makeAccount(database.db, 'acc_1');
  await insertKey(database.db, keySample({ id: 'key_1' }));
  await insertKey(database.db, keySample({ id: 'key_free' }));
  await setKeyBudget(database.db, 'key_1', { total_budget_micros: 3_000_000 });
  await setTagBudget(
    database.db,
    { account_id: 'acc_1', mode: 'live', tag: 'spring' },
    { monthly_budget_micros: 3_000_000 },
  );
});
afterAll(() => database.close());

test.each([
  ['a key', { key_id: 'key_1' }],
  ['a tag', { tag: 'spring' }],
])(
  '500 requests of $0.03 at once against a budget of $3.00 of %s: exactly 100 are admitted, and all others that have none',
  async (name, whose) => {
    const groups = createAdmissionGroups(database.db, { runner_id: 'run_1', lease_ms: 60_000 });
    const admit = (id: string, change: object): Promise<boolean> =>
      groups
        .run(
          'acc_1 live',
          generationSample({
            id: `${name} ${id}`,
            mode: 'live',
            held_micros: 30_000,
            created_at: new Date(),
            ...change,
          }),
        )
        .then(
          ({ is_admitted }) => is_admitted,
          () => false,
        );
    const [budgeted, free] = await Promise.all([
      Promise.all(Array.from({ length: 500 }, (_, index) => admit(`budgeted ${index}`, whose))),
      Promise.all(Array.from({ length: 50 }, (_, index) => admit(`free ${index}`, { key_id: 'key_free' }))),
    ]);
    expect(budgeted.filter(Boolean)).toHaveLength(100);
    expect(free.filter(Boolean)).toHaveLength(50);
  },
);
