/** API keys. The database knows a key by the hash of it, and has nothing that could be used as one. */
import { type Selectable, sql } from 'kysely';
import type { BoundSettings, RateSettings, Scope } from '../contracts/keys.ts';
import { json, storable } from './json.ts';
import type { BudgetRow, Db, KeyRow, KeysTable } from './tables.ts';

export type NewKey = Pick<
  KeyRow,
  | 'id'
  | 'account_id'
  | 'mode'
  | 'name'
  | 'hash'
  | 'prefix'
  | 'last_four'
  | 'scopes'
  | 'settings'
  | 'created_at'
  | 'expires_at'
> &
  Partial<Pick<KeyRow, 'parent_id'>>;

/** One of the keys that a key was made under, or the key itself. */
export interface Ancestor {
  readonly id: string;
  readonly settings: BoundSettings;
  readonly scopes: readonly Scope[];
  readonly is_revoked: boolean;
  /** Milliseconds since the epoch. */
  readonly expires_at_ms: number | null;
}

export interface FoundKey extends KeyRow {
  /** The key itself first. */
  readonly ancestors: readonly Ancestor[];
  readonly account_limits: RateSettings | null;
}

/** A key with its budget; an admin key has none. */
export type ListedKey = Omit<KeyRow, 'hash' | 'next_hash'> & {
  readonly spending: Omit<BudgetRow, 'spender' | 'account_id' | 'mode' | 'key_id' | 'tag'> | null;
};

export type KeyUpdate = Partial<Pick<Selectable<KeysTable>, 'name' | 'scopes' | 'settings' | 'expires_at'>>;

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

/** Also finds revoked and expired keys, and one by the hash that it is being rotated to: the caller judges by its clock. */
export async function findKeyByHash(db: Db, hash: Uint8Array): Promise<FoundKey | undefined> {
  return db
    .selectFrom('keys')
    .selectAll('keys')
    .select([
      sql<readonly Ancestor[]>`(
        select jsonb_agg(jsonb_build_object('id', id, 'settings', settings, 'scopes', scopes, 'is_revoked', revoked_at is not null,
          'expires_at_ms', (extract(epoch from expires_at) * 1000)::bigint) order by cardinality(lineage) desc)
        from keys as ancestor where id = any(keys.lineage)
      )`.as('ancestors'),
      sql<RateSettings | null>`(select settings from account_limits where account_id = keys.account_id)`.as(
        'account_limits',
      ),
    ])
    .where((where) => where.or([where('hash', '=', hash), where('next_hash', '=', hash)]))
    .executeTakeFirst();
}

/** Oldest first; `under` = only those that were made under this key. */
export async function listKeys(
  db: Db,
  account_id: string,
  only: { readonly id?: string; readonly under?: string } = {},
): Promise<ListedKey[]> {
  let query = db
    .selectFrom('keys')
    .select(['id', 'account_id', 'mode', 'name', 'prefix', 'last_four', 'scopes', 'settings', 'created_at'])
    .select(['expires_at', 'revoked_at', 'last_used_at', 'parent_id', 'lineage', 'next_last_four', 'hash_until'])
    .select(
      sql<ListedKey['spending']>`(
        select to_jsonb(budgets) - array['spender', 'account_id', 'mode', 'key_id', 'tag'] from budgets where key_id = keys.id
      )`.as('spending'),
    )
    .where('account_id', '=', account_id)
    .orderBy('created_at')
    .orderBy('id');
  if (only.id !== undefined) query = query.where('id', '=', only.id);
  if (only.under !== undefined) {
    query = query.where(sql<boolean>`${only.under} = any(lineage)`).where('id', '<>', only.under);
  }
  return query.execute();
}

/** Whose key it is. */
export async function findKeyAccount(db: Db, id: string): Promise<string | undefined> {
  return (await db.selectFrom('keys').select('account_id').where('id', '=', id).executeTakeFirst())?.account_id;
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

export async function updateKey(db: Db, id: string, { settings, name, ...rest }: KeyUpdate): Promise<void> {
  const changes = {
    ...rest,
    ...(name === undefined ? {} : { name: storable(name) }),
    ...(settings === undefined ? {} : { settings: json(settings) }),
  };
  if (Object.keys(changes).length > 0) await db.updateTable('keys').set(changes).where('id', '=', id).execute();
}

/**
 * A second key for the same row; one that was never used is replaced. Where the grace of the old one has ended by `at`,
 * the second has taken its place already: a dead key never comes back.
 */
export async function beginRotation(
  db: Db,
  id: string,
  next: Pick<KeyRow, 'next_hash' | 'next_last_four' | 'hash_until'>,
  at: Date,
): Promise<void> {
  await db
    .updateTable('keys')
    .set({
      ...next,
      hash: sql<Uint8Array>`case when hash_until <= ${at} then next_hash else hash end`,
      last_four: sql<string>`case when hash_until <= ${at} then next_last_four else last_four end`,
    })
    .where('id', '=', id)
    .execute();
}

/** The new key takes the place of the old one, which is dead in all processes with this statement. */
export async function endRotation(db: Db, id: string, next_hash: Uint8Array): Promise<void> {
  await db
    .updateTable('keys')
    .set({
      hash: sql<Uint8Array>`next_hash`,
      last_four: sql<string>`next_last_four`,
      next_hash: null,
      next_last_four: null,
      hash_until: null,
    })
    .where('id', '=', id)
    .where('next_hash', '=', next_hash)
    .execute();
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
