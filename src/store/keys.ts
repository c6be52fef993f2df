/** API keys. The database knows a key by the hash of it, and has nothing that could be used as one. */
import { sql } from 'kysely';
import { json, storable } from './json.ts';
import type { Db, KeyRow } from './tables.ts';

export type NewKey = Omit<KeyRow, 'revoked_at' | 'last_used_at'>;

/** How stale `last_used_at` may be: one write a minute for a busy key, not one for each request. */
const TOUCH_EVERY_MS = 60_000;

/** Returns false when the hash or the id exists already (a preset key on a second start). */
export async function insertKey(db: Db, key: NewKey): Promise<boolean> {
  const result = await db
    .insertInto('keys')
    .values({ ...key, name: storable(key.name), settings: json(key.settings) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Also finds revoked and expired keys: the caller judges by its clock. */
export async function findKeyByHash(db: Db, hash: Uint8Array): Promise<KeyRow | undefined> {
  return db.selectFrom('keys').selectAll().where('hash', '=', hash).executeTakeFirst();
}

/** Oldest first. */
export async function listKeys(db: Db, account_id: string): Promise<KeyRow[]> {
  return db
    .selectFrom('keys')
    .selectAll()
    .where('account_id', '=', account_id)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** Returns false when the account has no such key, or it was revoked before. */
export async function revokeKey(db: Db, account_id: string, id: string, at: Date): Promise<boolean> {
  const result = await db
    .updateTable('keys')
    .set({ revoked_at: at })
    .where('account_id', '=', account_id)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Notes that the key was used, to the minute. */
export async function touchKey(db: Db, id: string, at: Date): Promise<void> {
  const stale = new Date(at.getTime() - TOUCH_EVERY_MS);
  await db
    .updateTable('keys')
    .set({ last_used_at: at })
    .where('id', '=', id)
    .where(sql<boolean>`coalesce(last_used_at < ${stale}, true)`)
    .execute();
}
