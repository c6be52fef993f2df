import { createHash, timingSafeEqual } from 'node:crypto';
import type { Bound, Scope } from '../contracts/keys.ts';
import type { Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { findOwnerAccount } from '../store/accounts.ts';
import { type Ancestor, endRotation, type FoundKey, touchKey } from '../store/keys.ts';
import type { ServiceParts } from './parts.ts';

type AuthenticateParts = Pick<ServiceParts, 'db' | 'bus' | 'knownKeys' | 'clock' | 'localTokens' | 'log'>;

/** What a key is known by in the database. Keys have 256 random bits, so a plain hash cannot be searched backwards. */
export function hashKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

const LOCAL_SCOPES: readonly Scope[] = ['generate', 'read', 'manage', 'admin'];

/**
 * Every check works on hashes, so that its time says nothing about how much of a key was right. Throws
 * `invalid_api_key`, in the same words for a wrong, a revoked and an expired key.
 */
export async function authenticate(parts: AuthenticateParts, token: string | null): Promise<Principal> {
  if (token === null || token === '') {
    throw new GessoError('invalid_api_key', 'There is no API key in this request. Send "Authorization: Bearer sk-…".');
  }
  const hash = hashKey(token);
  const local = await localPrincipal(parts, hash);
  if (local !== null) return local;
  const known = await parts.knownKeys.find(hash);
  const now = parts.clock.now();
  if (known === undefined || !isGood(known.row, hash, now)) {
    throw new GessoError('invalid_api_key', 'This API key is not valid here. Make one with "gesso keys create".');
  }
  // The first use of a key's successor ends the old one, before the request that it came with does anything.
  const { row } = known;
  if (isNext(row, hash)) {
    await endRotation(parts.db, row.id, hash);
    parts.bus.publish('keys', '');
  }
  if (known.is_fresh) {
    touchKey(parts.db, row.id, new Date(now)).catch((error: unknown) => {
      parts.log.warn({ err: error, key_id: row.id }, 'the use of a key could not be noted');
    });
  }
  const { account_id, id: key_id, mode } = row;
  const scopes = row.scopes.filter((scope) => row.ancestors.every((ancestor) => ancestor.scopes.includes(scope)));
  const tag = row.ancestors.find(({ settings }) => settings.tag !== undefined)?.settings.tag;
  const settings = tag === undefined ? row.settings : { ...row.settings, tag };
  return { account_id, key_id, mode, scopes, settings, bounds: boundsOf(row) };
}

/** A key lives no longer than those that it was made under; while it is rotated, the old one until its grace ends. */
function isGood(row: FoundKey, hash: Buffer, now: number): boolean {
  const isOld = timingSafeEqual(row.hash, hash) && (row.hash_until === null || row.hash_until.getTime() > now);
  return (isOld || isNext(row, hash)) && row.ancestors.every((ancestor) => lives(ancestor, now));
}

function isNext({ next_hash }: FoundKey, hash: Buffer): boolean {
  return next_hash !== null && timingSafeEqual(next_hash, hash);
}

function lives({ is_revoked, expires_at_ms }: Ancestor, now: number): boolean {
  return !is_revoked && (expires_at_ms === null || expires_at_ms > now);
}

function boundsOf({ account_id, ancestors, account_limits }: FoundKey): Bound[] {
  return [
    ...ancestors.map(({ id, settings }) => ({ kind: 'key' as const, id, settings })),
    ...(account_limits === null ? [] : [{ kind: 'account' as const, id: account_id, settings: account_limits }]),
  ];
}

/** The owner at this machine's command line, known by the token in the data directory. */
async function localPrincipal({ db, localTokens }: AuthenticateParts, hash: Buffer): Promise<Principal | null> {
  for (const mode of ['live', 'test'] as const) {
    if (!timingSafeEqual(hashKey(localTokens[mode]), hash)) continue;
    const owner = await findOwnerAccount(db);
    if (owner === undefined) return null;
    return { account_id: owner.id, key_id: null, mode, scopes: LOCAL_SCOPES, settings: {} };
  }
  return null;
}
