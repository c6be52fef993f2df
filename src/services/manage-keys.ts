/** Keys are shown once, when they are made; afterwards only their ends are known. */
import { randomBytes } from 'node:crypto';
import type { KeyChange, KeySettings, KeyView, KeyWish, Scope } from '../contracts/keys.ts';
import type { Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { formatKey, type KeyMode, keyEnds } from '../core/keys/key-format.ts';
import { findAccount } from '../store/accounts.ts';
import { setKeyBudget } from '../store/budgets.ts';
import {
  insertKey,
  type ListedKey,
  listKeys as listKeyRows,
  revokeKey as revokeKeyRow,
  updateKey,
} from '../store/keys.ts';
import type { Db } from '../store/tables.ts';
import { hashKey } from './authenticate.ts';
import { keyView } from './key-view.ts';
import { requireOperator } from './manage-accounts.ts';
import { isAdmin, manageableKey, requireManager } from './manageable-key.ts';
import type { ServiceParts } from './parts.ts';

type KeyParts = Pick<ServiceParts, 'db' | 'bus' | 'ids' | 'clock'>;

const scopesOf: Readonly<Record<KeyMode, { readonly usual: readonly Scope[]; readonly possible: readonly Scope[] }>> = {
  live: { usual: ['generate', 'read'], possible: ['generate', 'read', 'manage'] },
  test: { usual: ['generate', 'read'], possible: ['generate', 'read', 'manage'] },
  admin: { usual: ['read', 'manage', 'admin'], possible: ['read', 'manage', 'admin'] },
};

const KEY_BYTES = 32;

/** Returns the whole key, this once. */
export async function createKey(
  parts: KeyParts,
  principal: Principal,
  asked: KeyWish,
): Promise<{ readonly key: string; readonly view: KeyView }> {
  requireManager(principal);
  const { account_id = principal.account_id } = asked;
  if (account_id !== principal.account_id) await requireCustomer(parts.db, principal, account_id, asked.mode);
  // Who is no admin makes keys under its own, however it asks.
  const parent_id = asked.parent_id ?? (isAdmin(principal) ? null : principal.key_id);
  const wish = { ...asked, parent_id };
  const parent = parent_id === null ? null : await parentOf(parts, principal, parent_id);
  if (parent !== null) checkUnder(parent, account_id, wish);
  checkScopes(wish.mode, wish.scopes ?? []);
  const key = formatKey(wish.mode, randomBytes(KEY_BYTES));
  const view = await parts.db
    .transaction()
    .execute((transaction) =>
      storeKey(transaction, parts, account_id, key, { ...wish, scopes: scopesFor(wish, parent) }),
    );
  if (view === null) throw new GessoError('internal_error', 'A key could not be made. Try again.');
  return { key, view };
}

/** Returns null when this very key is stored already (a preset on a second start). */
export async function storeKey(
  db: Db,
  { ids, clock }: Pick<KeyParts, 'ids' | 'clock'>,
  account_id: string,
  key: string,
  { mode, name, settings = {}, expires_at = null, scopes, parent_id = null, budget }: KeyWish,
): Promise<KeyView | null> {
  const id = ids.next('key');
  const now = clock.now();
  const row = { id, account_id, mode, name, ...keyEnds(key), settings, expires_at, parent_id };
  const stored = await insertKey(db, {
    ...row,
    scopes: scopes ?? scopesOf[mode].usual,
    created_at: new Date(now),
    hash: hashKey(key),
  });
  if (!stored) return null;
  if (budget !== undefined) await setKeyBudget(db, id, budget);
  const [made] = await listKeyRows(db, account_id, { id });
  return made === undefined ? null : keyView(made, now);
}

/** Those that the caller may manage. */
export async function listKeys(
  { db, clock }: KeyParts,
  principal: Principal,
  account_id: string = principal.account_id,
): Promise<KeyView[]> {
  requireManager(principal);
  if (account_id !== principal.account_id) await requireOperator(db, principal);
  const under = isAdmin(principal) ? {} : { under: principal.key_id ?? '' };
  return (await listKeyRows(db, account_id, under)).map((row) => keyView(row, clock.now()));
}

export async function getKey(
  { db, clock }: Pick<KeyParts, 'db' | 'clock'>,
  principal: Principal,
  id: string,
): Promise<KeyView> {
  return keyView(await manageableKey(db, principal, id), clock.now());
}

/** Holds from the next request on, in all processes. */
export async function changeKey(
  parts: KeyParts,
  principal: Principal,
  id: string,
  change: KeyChange,
): Promise<KeyView> {
  const { scopes, name, expires_at, settings, budget = {} } = change;
  const view = await parts.db.transaction().execute(async (transaction) => {
    const key = await manageableKey(transaction, principal, id);
    if (scopes !== undefined) {
      checkScopes(key.mode, scopes);
      const parent = key.parent_id === null ? null : await manageableOrOwn(transaction, principal, key.parent_id);
      if (parent !== null) requireSubset(scopes, parent.scopes);
    }
    await updateKey(transaction, id, {
      ...(name === undefined ? {} : { name }),
      ...(scopes === undefined ? {} : { scopes }),
      ...(expires_at === undefined ? {} : { expires_at }),
      ...(settings === undefined ? {} : { settings: changed(key.settings, settings) }),
    });
    await setKeyBudget(transaction, id, budget);
    return getKey({ ...parts, db: transaction }, principal, id);
  });
  parts.bus.publish('keys', '');
  return view;
}

/** Throws `not_found` for a stranger's key and for one that was revoked before. */
export async function revokeKey({ db, bus, clock }: KeyParts, principal: Principal, id: string): Promise<void> {
  const { account_id } = await manageableKey(db, principal, id);
  const revoked = await revokeKeyRow(db, account_id, id, new Date(clock.now()));
  if (!revoked) throw new GessoError('not_found', `There is no key ${id} that could be revoked.`, { param: 'id' });
  bus.publish('keys', '');
}

function changed(settings: KeySettings, change: NonNullable<KeyChange['settings']>): KeySettings {
  return Object.fromEntries(Object.entries({ ...settings, ...change }).filter(([, value]) => value !== null));
}

/** Another account's keys are the operator's to make, and none of them administers. */
async function requireCustomer(db: Db, principal: Principal, account_id: string, mode: KeyMode): Promise<void> {
  await requireOperator(db, principal);
  if (mode === 'admin')
    throw new GessoError('invalid_value', "Admin keys are for the owner's account.", { param: 'mode' });
  if ((await findAccount(db, account_id)) === undefined)
    throw new GessoError('not_found', `There is no account ${account_id}.`, { param: 'account_id' });
}

async function parentOf({ db, clock }: KeyParts, principal: Principal, id: string): Promise<ListedKey> {
  const parent = await manageableOrOwn(db, principal, id);
  const { revoked_at, expires_at } = parent;
  const isAlive = revoked_at === null && (expires_at === null || expires_at.getTime() > clock.now());
  if (isAlive) return parent;
  throw new GessoError('invalid_value', `The key ${id} has ended: nothing can be made under it.`, {
    param: 'parent_id',
  });
}

async function manageableOrOwn(db: Db, principal: Principal, id: string): Promise<ListedKey> {
  const own = id === principal.key_id ? (await listKeyRows(db, principal.account_id, { id }))[0] : undefined;
  return own ?? manageableKey(db, principal, id);
}

function checkUnder(parent: ListedKey, account_id: string, { mode, scopes = [] }: KeyWish): void {
  if (parent.account_id !== account_id)
    throw new GessoError('invalid_value', `The key ${parent.id} is of another account.`, { param: 'parent_id' });
  if (parent.mode === 'admin')
    throw new GessoError('invalid_value', 'Keys are made under live and test keys alone.', { param: 'parent_id' });
  if (parent.mode !== mode)
    throw new GessoError('invalid_value', `A key under a ${parent.mode} key is a ${parent.mode} key.`, {
      param: 'mode',
    });
  requireSubset(scopes, parent.scopes);
}

function checkScopes(mode: KeyMode, scopes: readonly Scope[]): void {
  const { possible } = scopesOf[mode];
  const foreign = scopes.find((scope) => !possible.includes(scope));
  if (foreign === undefined) return;
  const message = `A ${mode} key cannot have the scope "${foreign}": it may have ${possible.join(', ')}.`;
  throw new GessoError('invalid_value', message, { param: 'scopes' });
}

function requireSubset(scopes: readonly Scope[], ofParent: readonly Scope[]): void {
  const beyond = scopes.find((scope) => !ofParent.includes(scope));
  if (beyond === undefined) return;
  const message = `The key above does not have the scope "${beyond}" itself.`;
  throw new GessoError('scope_exceeded', message, { param: 'scopes' });
}

/** A key under another begins with no more than that one has. */
function scopesFor({ mode, scopes }: KeyWish, parent: ListedKey | null): readonly Scope[] {
  return scopes ?? scopesOf[mode].usual.filter((scope) => parent === null || parent.scopes.includes(scope));
}
