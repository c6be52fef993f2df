import type { RateSettings } from '../contracts/keys.ts';
import type { Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { findAccount } from '../store/accounts.ts';
import { setAccountLimits as setRow } from '../store/rate-buckets.ts';
import { requireOperator } from './manage-accounts.ts';
import type { ServiceParts } from './parts.ts';

/** The limits of all keys of an account together, in place of those that it had. Throws `not_found`. */
export async function setAccountLimits(
  { db, bus }: Pick<ServiceParts, 'db' | 'bus'>,
  principal: Principal,
  account_id: string,
  limits: RateSettings,
): Promise<void> {
  await requireOperator(db, principal);
  if ((await findAccount(db, account_id)) === undefined)
    throw new GessoError('not_found', `There is no account ${account_id}.`, { param: 'id' });
  await setRow(db, account_id, limits);
  bus.publish('keys', '');
}
