/**
 * Which generation an idempotency key stands for. Keys of an account's live and test books are apart. A key is written
 * by the statement that admits its generation (`admitGenerations`), so that there is never one without the other.
 */
import { sql } from 'kysely';
import type { Db, IdempotencyKeyRow } from './tables.ts';

export type IdempotencyScope = Pick<IdempotencyKeyRow, 'account_id' | 'mode' | 'key'>;

/** What a new generation brings to be known by. */
export interface NewIdempotencyKey extends Pick<IdempotencyKeyRow, 'key' | 'body_sha256' | 'replaces' | 'expires_at'> {}

/** Undefined when the key was never used, or so long ago that it is free again. */
export async function findIdempotencyKey(
  db: Db,
  { account_id, mode, key }: IdempotencyScope,
  now: Date,
): Promise<IdempotencyKeyRow | undefined> {
  return db
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('account_id', '=', account_id)
    .where('mode', '=', mode)
    .where('key', '=', key)
    .where('expires_at', '>', now)
    .executeTakeFirst();
}

/** Returns how many, which is below `limit` when none is left. */
export async function deleteExpiredIdempotencyKeys(db: Db, now: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from idempotency_keys where (account_id, mode, key) in (
      select account_id, mode, key from idempotency_keys where expires_at <= ${now} limit ${limit} for update skip locked
    )
  `.execute(db);
  return Number(result.numAffectedRows ?? 0);
}
