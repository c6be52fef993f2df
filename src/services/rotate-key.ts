import { randomBytes } from 'node:crypto';
import type { KeyView } from '../contracts/keys.ts';
import type { Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { formatKey, keyEnds } from '../core/keys/key-format.ts';
import { beginRotation } from '../store/keys.ts';
import { hashKey } from './authenticate.ts';
import { getKey } from './manage-keys.ts';
import { manageableKey } from './manageable-key.ts';
import type { ServiceParts } from './parts.ts';

const KEY_BYTES = 32;

/**
 * A new key for the same id, so that settings, budgets, history and the keys under it stay. The old one dies when the new
 * one is first used, or when its grace ends. Returns the whole new key, this once.
 */
export async function rotateKey(
  { db, bus, clock }: Pick<ServiceParts, 'db' | 'bus' | 'clock'>,
  principal: Principal,
  id: string,
  grace_ms: number,
): Promise<{ readonly key: string; readonly view: KeyView }> {
  const { mode, revoked_at } = await manageableKey(db, principal, id);
  if (revoked_at !== null) {
    throw new GessoError('not_found', `The key ${id} was revoked: make a new one.`, { param: 'id' });
  }
  const now = clock.now();
  const key = formatKey(mode, randomBytes(KEY_BYTES));
  const next = {
    next_hash: hashKey(key),
    next_last_four: keyEnds(key).last_four,
    hash_until: new Date(now + grace_ms),
  };
  await beginRotation(db, id, next, new Date(now));
  bus.publish('keys', '');
  return { key, view: await getKey({ db, clock }, principal, id) };
}
