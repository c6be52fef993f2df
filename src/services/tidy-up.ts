/** What must happen now and then: leases renewed, the work of dead processes ended, expired pictures dropped. */

import { endLostAttempts } from '../store/attempts.ts';
import { failInterrupted } from '../store/end-generations.ts';
import { deleteExpiredIdempotencyKeys } from '../store/idempotency-keys.ts';
import { deleteUnreferencedBlobs, knownBlobs } from '../store/media.ts';
import { dropExpiredPayloads, dropExpiredPictures } from '../store/payloads.ts';
import { cancelsRequested, renewLeases } from '../store/queue.ts';
import type { GenerationError } from '../store/tables.ts';
import type { ServiceParts } from './parts.ts';
import { removeDropped } from './purge-payloads.ts';

const BATCH = 500;
/** Beside the time for which a job is asked for: its first picture waits so long for its last, and for their rows. */
const UNREFERENCED_AFTER_MS = 60 * 60 * 1000;

const interrupted: GenerationError = {
  code: 'interrupted',
  message:
    'The server stopped while this was being made. Nothing is charged, and whether the provider made it is not known: send it again, with a new Idempotency-Key, if you want it.',
  param: null,
};

/**
 * Removes bytes that no row ever named: an answer that was refused after its pictures had come, a process that died
 * between bytes and row.
 */
export async function collectStrays({ db, media, clock, log, job_deadline_ms }: TidyParts): Promise<void> {
  const before = new Date(clock.now() - job_deadline_ms - UNREFERENCED_AFTER_MS);
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

type TidyParts = Pick<
  ServiceParts,
  'db' | 'media' | 'clock' | 'lease' | 'log' | 'work_deadline_ms' | 'job_deadline_ms'
>;

/** Longer than any picture takes from its answer to its row: a link to one is fetched three times, a minute each. */
const SETTLING_MS = 5 * 60_000;
/** Longer than the end of a call takes to its row, when its generation has ended. */
const ENDING_MS = 60_000;

/**
 * At start and then with the leases: no hold outlives its work. What a dead process left running, and what ran past the
 * time that any work is given, has failed; its hold is released, and what the provider may bill for it is booked to the
 * house. `alone` = no other process can be working on this database.
 */
export async function endInterrupted(
  { db, bus, clock, lease, log, work_deadline_ms, workAtHand }: TidyParts & Pick<ServiceParts, 'bus' | 'workAtHand'>,
  alone: boolean,
): Promise<void> {
  const now = clock.now();
  const ids = await failInterrupted(db, {
    error: interrupted,
    completed_at: new Date(now),
    started_before: new Date(now - work_deadline_ms - SETTLING_MS),
    at_hand: workAtHand.ids,
    ...(alone ? { alone_as: lease.runner_id } : {}),
  });
  if (ids.length > 0) log.warn({ generations: ids.length }, 'ended what a stopped process had left running');
  for (const id of ids) bus.publish('ended', id);
  const settled_before = new Date(now - work_deadline_ms - ENDING_MS);
  const lost = await endLostAttempts(db, { settled_before, ended_at: new Date(now) });
  if (lost > 0) log.warn({ attempts: lost }, 'ended attempts whose outcome nobody knows');
}

/** Of what is at hand. Word of a wish to cancel may have been lost, so that the rows are looked at as well. */
export async function keepLeases({
  db,
  lease,
  workAtHand,
}: Pick<ServiceParts, 'db' | 'lease' | 'workAtHand'>): Promise<void> {
  const kept = await renewLeases(db, lease, workAtHand.ids);
  if (kept > 0) for (const id of await cancelsRequested(db, lease.runner_id)) workAtHand.cancel(id);
}

/**
 * Drops expired pictures with their bytes, expired prompts and parameters, old idempotency keys, then bytes that nothing
 * points to, in batches so that nothing is blocked for long.
 */
export async function dropExpired(
  parts: Pick<ServiceParts, 'db' | 'clock' | 'log' | 'removeBytes' | 'job_deadline_ms'>,
): Promise<void> {
  const { db, clock, log, removeBytes } = parts;
  const now = new Date(clock.now());
  let dropped = 0;
  for (let last = BATCH; last === BATCH; dropped += last) {
    const pictures = await dropExpiredPictures(db, now, BATCH);
    await removeDropped(parts, pictures);
    last = pictures.length;
  }
  for (let last = BATCH; last === BATCH; ) last = await dropExpiredPayloads(db, now, BATCH);
  for (let last = BATCH; last === BATCH; ) last = await deleteExpiredIdempotencyKeys(db, now, BATCH);
  const stored_before = new Date(now.getTime() - parts.job_deadline_ms - UNREFERENCED_AFTER_MS);
  for (let last = BATCH; last === BATCH; ) {
    const blobs = await deleteUnreferencedBlobs(db, stored_before, BATCH);
    for (const sha256 of blobs) await removeBytes(sha256, stored_before);
    last = blobs.length;
  }
  if (dropped > 0) log.info({ pictures: dropped }, 'dropped expired pictures');
}
