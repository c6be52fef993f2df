import { createHash, timingSafeEqual } from 'node:crypto';
import type { Principal, Scope } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { findOwnerAccount } from '../store/accounts.ts';
import { findKeyByHash, touchKey } from '../store/keys.ts';
import type { ServiceParts } from './parts.ts';

type AuthenticateParts = Pick<ServiceParts, 'db' | 'clock' | 'localTokens' | 'log'>;

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
  const row = await findKeyByHash(parts.db, hash);
  const now = parts.clock.now();
  const dead =
    row === undefined || row.revoked_at !== null || (row.expires_at !== null && row.expires_at.getTime() <= now);
  if (dead || !timingSafeEqual(row.hash, hash)) {
    throw new GessoError('invalid_api_key', 'This API key is not valid here. Make one with "gesso keys create".');
  }
  touchKey(parts.db, row.id, new Date(now)).catch((error: unknown) => {
    parts.log.warn({ err: error, key_id: row.id }, 'the use of a key could not be noted');
  });
  const { account_id, id: key_id, mode, scopes, settings } = row;
  return { account_id, key_id, mode, scopes, settings };
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
