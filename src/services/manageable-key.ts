/** Who may do what with which key. */
import type { Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { findOwnerAccount } from '../store/accounts.ts';
import { findKeyAccount, type ListedKey, listKeys } from '../store/keys.ts';
import type { Db } from '../store/tables.ts';

/**
 * Admin keys manage the keys of their account, the operator's those of every account, and a key with the scope
 * `manage` those that were made under it. Any other key is `not_found`.
 */
export async function manageableKey(db: Db, principal: Principal, id: string): Promise<ListedKey> {
  requireManager(principal);
  const account_id = await findKeyAccount(db, id);
  const [key] = account_id === undefined ? [] : await listKeys(db, account_id, { id });
  if (key !== undefined && (await mayManage(db, principal, key))) return key;
  throw new GessoError('not_found', `There is no key ${id}.`, { param: 'id' });
}

async function mayManage(db: Db, principal: Principal, key: ListedKey): Promise<boolean> {
  const isOwn = key.account_id === principal.account_id;
  if (isAdmin(principal)) return isOwn || (await findOwnerAccount(db))?.id === principal.account_id;
  const { key_id } = principal;
  return isOwn && key_id !== null && key.id !== key_id && key.lineage.includes(key_id);
}

export function isAdmin({ scopes }: Principal): boolean {
  return scopes.includes('admin');
}

export function requireAdmin(principal: Principal): void {
  if (!isAdmin(principal)) throw new GessoError('scope_exceeded', 'This is managed with an admin key.');
}

/** Throws `scope_exceeded` for who may manage no key at all. */
export function requireManager(principal: Principal): void {
  if (isAdmin(principal) || principal.scopes.includes('manage')) return;
  throw new GessoError(
    'scope_exceeded',
    'Keys are managed with an admin key, or with one that has the scope "manage".',
  );
}
