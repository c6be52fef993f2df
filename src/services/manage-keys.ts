/** Keys are shown once, when they are made; afterwards only their ends are known. */
import { randomBytes } from 'node:crypto';
import type { KeyView, KeyWish, Principal, Scope } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { formatKey, type KeyMode, keyEnds } from '../core/keys/key-format.ts';
import { findAccount } from '../store/accounts.ts';
import { insertKey, listKeys as listKeyRows, revokeKey as revokeKeyRow } from '../store/keys.ts';
import type { Db } from '../store/tables.ts';
import { hashKey } from './authenticate.ts';
import { requireOperator } from './manage-accounts.ts';
import type { ServiceParts } from './parts.ts';

type KeyParts = Pick<ServiceParts, 'db' | 'ids' | 'clock'>;

const scopesOf: Readonly<Record<KeyMode, readonly Scope[]>> = {
  live: ['generate', 'read'],
  test: ['generate', 'read'],
  admin: ['read', 'manage', 'admin'],
};

const KEY_BYTES = 32;

/** Returns the whole key, this once. */
export async function createKey(
  parts: KeyParts,
  principal: Principal,
  wish: KeyWish,
): Promise<{ readonly key: string; readonly view: KeyView }> {
  requireAdmin(principal);
  const { account_id = principal.account_id } = wish;
  if (account_id !== principal.account_id) await requireCustomer(parts.db, principal, account_id, wish.mode);
  const key = formatKey(wish.mode, randomBytes(KEY_BYTES));
  const view = await storeKey(parts.db, parts, account_id, key, wish);
  if (view === null) throw new GessoError('internal_error', 'A key could not be made. Try again.');
  return { key, view };
}

/** Returns null when this very key is stored already (a preset on a second start). */
export async function storeKey(
  db: Db,
  { ids, clock }: Omit<KeyParts, 'db'>,
  account_id: string,
  key: string,
  { mode, name, settings = {}, expires_at = null }: KeyWish,
): Promise<KeyView | null> {
  const row = {
    id: ids.next('key'),
    account_id,
    mode,
    name,
    ...keyEnds(key),
    scopes: scopesOf[mode],
    settings,
    created_at: new Date(clock.now()),
    expires_at,
  };
  const stored = await insertKey(db, { ...row, hash: hashKey(key) });
  return stored ? { ...row, revoked_at: null, last_used_at: null } : null;
}

export async function listKeys({ db }: KeyParts, principal: Principal): Promise<KeyView[]> {
  requireAdmin(principal);
  const rows = await listKeyRows(db, principal.account_id);
  return rows.map(({ hash: _hash, ...view }) => view);
}

/** Throws `not_found` for a stranger's key and for one that was revoked before. */
export async function revokeKey({ db, clock }: KeyParts, principal: Principal, id: string): Promise<void> {
  requireAdmin(principal);
  const revoked = await revokeKeyRow(db, principal.account_id, id, new Date(clock.now()));
  if (!revoked) throw new GessoError('not_found', `There is no key ${id} that could be revoked.`, { param: 'id' });
}

/** Another account's keys are the operator's to make, and none of them administers. */
async function requireCustomer(db: Db, principal: Principal, account_id: string, mode: KeyMode): Promise<void> {
  await requireOperator(db, principal);
  if (mode === 'admin')
    throw new GessoError('invalid_value', "Admin keys are for the owner's account.", { param: 'mode' });
  if ((await findAccount(db, account_id)) === undefined)
    throw new GessoError('not_found', `There is no account ${account_id}.`, { param: 'account_id' });
}

function requireAdmin({ scopes }: Principal): void {
  if (!scopes.includes('admin')) throw new GessoError('scope_exceeded', 'Keys are managed with an admin key.');
}
