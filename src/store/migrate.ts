/** Brings a database to the schema of this version: forward only, all or nothing, one process at a time. */
import { type Kysely, sql } from 'kysely';
import { accountsAndGenerations } from './migrations/0001-accounts-and-generations.ts';
import { offerHealth } from './migrations/0002-offer-health.ts';
import { money } from './migrations/0003-money.ts';
import { keysAndLimits } from './migrations/0004-keys-and-limits.ts';
import { requests } from './migrations/0005-requests.ts';
import { jobs } from './migrations/0006-jobs.ts';
import { webhooks } from './migrations/0007-webhooks.ts';
import { filesAndBatches } from './migrations/0008-files-and-batches.ts';
import { providerSlots } from './migrations/0009-provider-slots.ts';
import { StoreError } from './store-error.ts';
import type { Tables } from './tables.ts';

export interface Migration {
  readonly id: number;
  readonly name: string;
  run(db: Kysely<unknown>): Promise<void>;
}

/** Append only: a migration that has been released is never changed, since databases out there have run it. */
export const migrations: readonly Migration[] = [
  { id: 1, name: 'accounts-and-generations', run: accountsAndGenerations },
  { id: 2, name: 'offer-health', run: offerHealth },
  { id: 3, name: 'money', run: money },
  { id: 4, name: 'keys-and-limits', run: keysAndLimits },
  { id: 5, name: 'requests', run: requests },
  { id: 6, name: 'jobs', run: jobs },
  { id: 7, name: 'webhooks', run: webhooks },
  { id: 8, name: 'files-and-batches', run: filesAndBatches },
  { id: 9, name: 'provider-slots', run: providerSlots },
];

/** Any number that no other program on the same server is likely to lock. */
const LOCK_ID = 4_737_550_911;

/**
 * Returns the names of the migrations that were run. Safe to call from several processes at once; inside a transaction,
 * part of it.
 */
export async function migrate(
  { db }: { readonly db: Kysely<Tables> },
  list: readonly Migration[] = migrations,
): Promise<readonly string[]> {
  const run = async (transaction: Kysely<Tables>): Promise<readonly string[]> => {
    await sql`select pg_advisory_xact_lock(${LOCK_ID}::bigint)`.execute(transaction);
    await transaction.schema
      .createTable('schema_migrations')
      .ifNotExists()
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('applied_at', sql`timestamptz(3)`, (column) => column.notNull().defaultTo(sql`now()`))
      .execute();
    const done = await transaction.selectFrom('schema_migrations').select(['id', 'name']).orderBy('id').execute();
    checkHistory(done, list);
    const missing = list.slice(done.length);
    for (const migration of missing) {
      // A migration speaks SQL: today's tables, which the types describe, are not those of its day.
      await migration.run(transaction as unknown as Kysely<unknown>);
      await transaction.insertInto('schema_migrations').values({ id: migration.id, name: migration.name }).execute();
    }
    return missing.map(({ name }) => name);
  };
  return db.isTransaction ? run(db) : db.transaction().execute(run);
}

function checkHistory(done: readonly Pick<Migration, 'id' | 'name'>[], list: readonly Migration[]): void {
  const newer = done[list.length];
  if (newer !== undefined) {
    throw new StoreError(
      `The database was set up by a newer Gesso (its schema has "${newer.name}"): start that version or a later one.`,
    );
  }
  for (const [index, { id, name }] of done.entries()) {
    const ours = list[index];
    if (ours?.id === id && ours.name === name) continue;
    throw new StoreError(
      `The database has "${name}" as change ${id} of its schema, where this Gesso has "${ours?.name}": it belongs to another program or version.`,
    );
  }
}
