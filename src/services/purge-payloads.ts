import type { PurgeReport } from '../contracts/requests.ts';
import type { Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { type DroppedPicture, dropPayloads, dropPictures, forgetBytes } from '../store/payloads.ts';
import { findVisible } from './get-generation.ts';
import type { ServiceParts } from './parts.ts';
import { requireChanger } from './require-changer.ts';

type PurgeParts = Pick<ServiceParts, 'db' | 'clock' | 'removeBytes'>;

const COME_BACK_MS = 1_000;

/**
 * Prompt, parameters, words of errors and pictures are gone when it resolves, the pictures' bytes too unless another
 * request has the same; what it cost and who did it stays. Harmless to repeat. Throws `not_found` for a stranger's
 * request, `request_in_progress` for one that runs, `scope_exceeded` for a key that can only read.
 */
export async function purgePayloads(parts: PurgeParts, principal: Principal, id: string): Promise<PurgeReport> {
  requireChanger(principal, 'Deleting payloads');
  const { status } = await findVisible(parts, principal, id);
  if (status === 'queued' || status === 'running') {
    throw new GessoError('request_in_progress', `${id} has not ended. Cancel it first, or wait until it has.`, {
      generation_id: id,
      retry_after_ms: COME_BACK_MS,
    });
  }
  const now = new Date(parts.clock.now());
  const dropped = await parts.db.transaction().execute(async (transaction) => {
    await dropPayloads(transaction, [id], now);
    return dropPictures(transaction, id, now);
  });
  await removeDropped(parts, dropped);
  return { id, pictures: dropped.length };
}

/** Takes the bytes of dropped pictures away, where no other request has them. */
export async function removeDropped(
  { db, removeBytes }: Pick<PurgeParts, 'db' | 'removeBytes'>,
  dropped: readonly DroppedPicture[],
): Promise<void> {
  for (const { sha256, stored_before } of await forgetBytes(db, dropped)) await removeBytes(sha256, stored_before);
}
