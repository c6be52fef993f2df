/** What must happen now and then: leases renewed, the work of dead processes ended, expired pictures dropped. */

import { failInterrupted, renewLeases } from '../store/generations.ts';
import { deleteExpiredMedia, deleteUnreferencedBlobs } from '../store/media.ts';
import type { GenerationError } from '../store/tables.ts';
import type { ServiceParts } from './parts.ts';

const BATCH = 500;
/** Longer than any picture takes from the media store to its row. */
const UNREFERENCED_AFTER_MS = 60 * 60 * 1000;

const interrupted: GenerationError = {
  code: 'internal_error',
  message: 'The server stopped while this was being made. Nothing is charged; send it again.',
  param: null,
};

type TidyParts = Pick<ServiceParts, 'db' | 'clock' | 'lease' | 'log'>;

/** At start and then with the leases. `alone` = no other process can be working on this database. */
export async function endInterrupted({ db, clock, lease, log }: TidyParts, alone: boolean): Promise<void> {
  const ids = await failInterrupted(db, {
    error: interrupted,
    completed_at: new Date(clock.now()),
    ...(alone ? { alone_as: lease.runner_id } : {}),
  });
  if (ids.length > 0) log.warn({ generations: ids.length }, 'ended what a stopped process had left running');
}

export async function keepLeases(parts: TidyParts): Promise<void> {
  await renewLeases(parts.db, parts.lease);
}

/**
 * Drops expired pictures, then bytes that nothing points to, in batches so that nothing is blocked for long.
 * `removeBytes` removes a blob that was not stored again since, and what was made from it.
 */
export async function dropExpired(
  { db, clock, log }: TidyParts,
  removeBytes: (sha256: string, stored_before: Date) => Promise<void>,
): Promise<void> {
  const now = new Date(clock.now());
  let dropped = 0;
  for (let last = BATCH; last === BATCH; dropped += last) last = await deleteExpiredMedia(db, now, BATCH);
  const stored_before = new Date(now.getTime() - UNREFERENCED_AFTER_MS);
  for (let last = BATCH; last === BATCH; ) {
    const blobs = await deleteUnreferencedBlobs(db, stored_before, BATCH);
    for (const sha256 of blobs) await removeBytes(sha256, stored_before);
    last = blobs.length;
  }
  if (dropped > 0) log.info({ pictures: dropped }, 'dropped expired pictures');
}
