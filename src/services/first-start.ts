/** Makes the owner's account and keys on the first start; later starts find them and only add presets that are new. */
import { randomBytes } from 'node:crypto';
import type { FirstKeys } from '../contracts/app.ts';
import { formatKey, type KeyMode } from '../core/keys/key-format.ts';
import { findOwnerAccount, insertAccount } from '../store/accounts.ts';
import { storeKey } from './manage-keys.ts';
import type { ServiceParts } from './parts.ts';

export type PresetKeys = Readonly<Record<KeyMode, string | undefined>>;

const OWNER_ID = 'acc_owner';
const KEY_BYTES = 32;
const modes = ['admin', 'live', 'test'] as const;

/** Returns the keys that were made just now and must be shown; null when there was nothing to make. */
export async function firstStart(
  { db, ids, clock }: Pick<ServiceParts, 'db' | 'ids' | 'clock'>,
  presets: PresetKeys,
): Promise<FirstKeys | null> {
  return db.transaction().execute(async (transaction) => {
    const owner = await findOwnerAccount(transaction);
    const account_id = owner?.id ?? OWNER_ID;
    if (owner === undefined) {
      const created_at = new Date(clock.now());
      const isFirst = await insertAccount(transaction, {
        id: account_id,
        name: 'Owner',
        billing: 'unmetered',
        created_at,
      });
      // Another process of a new cluster was quicker: the keys are its to show.
      if (!isFirst) return null;
    }
    const made: Partial<Record<KeyMode, string>> = {};
    for (const mode of modes) {
      const preset = presets[mode];
      if (preset === undefined && owner !== undefined) continue;
      const key = preset ?? formatKey(mode, randomBytes(KEY_BYTES));
      await storeKey(transaction, { ids, clock }, account_id, key, { mode, name: `Owner's ${mode} key` });
      if (preset === undefined) made[mode] = key;
    }
    const { admin, live, test } = { ...presets, ...made };
    const anyMade = Object.keys(made).length > 0;
    return anyMade && admin && live && test ? { admin, live, test } : null;
  });
}
