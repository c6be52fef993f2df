/** What must happen now and then: leases renewed, the work of dead processes ended, expired pictures dropped. */

import { failInterrupted, renewLeases } from '../store/generations.ts';
import { deleteExpiredMedia, deleteUnreferencedBlobs, knownBlobs } from '../store/media.ts';
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

/**
 * Removes bytes that no row ever named: an answer that was refused after its pictures had come, a process that died
 * between bytes and row.
 */
export async function collectStrays({ db, media, clock, log }: TidyParts): Promise<void> {
  const before = new Date(clock.now() - UNREFERENCED_AFTER_MS);
  let batch: string[] = [];
  let removed = 0;
  const removeUnknown = async (): Promise<void> => {
    const known = await knownBlobs(db, batch);
    const strays = batch.filter((sha256) => !known.has(sha256));
    for (const sha256 of strays) await media.delete(sha256, before);
    removed += strays.length;
    batch = [];
  };
  for await (const sha256 of media.storedBefore(before)) {
    batch.push(sha256);
    if (batch.length === BATCH) await removeUnknown();
  }
  await removeUnknown();
  if (removed > 0) log.info({ blobs: removed }, 'removed stored bytes that nothing named');
}

type TidyParts = Pick<ServiceParts, 'db' | 'media' | 'clock' | 'lease' | 'log'>;

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
