import type { GenerationView, Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { requestCancel } from '../store/end-generations.ts';
import { findVisible, getGeneration } from './get-generation.ts';
import type { ServiceParts } from './parts.ts';
import { requireChanger } from './require-changer.ts';

/**
 * What waits is canceled at once and costs nothing. What runs is told so, and its provider's job too, where it has one:
 * pictures that come all the same are delivered and charged. What has ended stays as it is.
 * Throws `not_found` for a stranger's, `scope_exceeded` for a key that can only read.
 */
export async function cancelGeneration(parts: ServiceParts, principal: Principal, id: string): Promise<GenerationView> {
  requireChanger(principal, 'Canceling');
  const { account_id } = await findVisible(parts, principal, id);
  const { code, message } = new GessoError('canceled');
  const at = new Date(parts.clock.now());
  const status = await requestCancel(parts.db, { account_id, id }, { error: { code, message, param: null }, at });
  if (status === 'canceled') parts.bus.publish('ended', id);
  if (status === 'running') parts.bus.publish('cancel', id);
  return getGeneration(parts, principal, id);
}
