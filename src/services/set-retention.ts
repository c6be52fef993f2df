import type { RetentionView } from '../contracts/requests.ts';
import type { Principal } from '../contracts/services.ts';
import { getAccount } from './manage-accounts.ts';
import type { ServiceParts } from './parts.ts';

/** Another account's rule is the operator's to set: throws `scope_exceeded` for everybody else, and `not_found`. */
export async function setRetention(
  parts: ServiceParts,
  principal: Principal,
  retention_days: number | null,
  account_id = principal.account_id,
): Promise<RetentionView> {
  if (account_id !== principal.account_id) await getAccount(parts, principal, account_id);
  return parts.retention.set(account_id, retention_days);
}
