/** While lines are made, by whoever works on generations: how far it is, and what is given up. */
import { cancelQueuedLines, countLines, hasUnfinishedLines } from '../../store/batch-lines.ts';
import { moveBatch, noteCounts } from '../../store/batches.ts';
import type { BatchRow } from '../../store/batches-tables.ts';
import type { GenerationError } from '../../store/tables.ts';
import { BatchLost, type BatchParts, type Stepped } from './parts.ts';

/** A wallet moves with each row: a statement over more would make others wait for it. */
const CANCELED_AT_ONCE = 200;
const COUNT_EVERY_MS = 1_000;
/** Counting has a twentieth of the time at most. */
const COUNT_SHARE = 20;

const expired: GenerationError = {
  code: 'batch_expired',
  message: 'This request could not be executed before the completion window expired.',
};
const canceled: GenerationError = {
  code: 'canceled',
  message: 'This request was not executed, since the batch was cancelled.',
};

/** `in_progress`: until every line has ended. */
export async function awaitLines(parts: BatchParts, batch: BatchRow): Promise<Stepped> {
  const { db, clock, lease } = parts;
  const { id } = batch;
  if (clock.now() >= batch.expires_at.getTime()) await giveUp(parts, id, expired);
  if (await hasUnfinishedLines(db, id)) {
    await count(parts, batch);
    return null;
  }
  const at = new Date(clock.now());
  const moved = await moveBatch(db, { id, to: 'finalizing', at, runner_id: lease.runner_id });
  if (moved === undefined) throw new BatchLost(id);
  return moved;
}

/** `cancelling`: returns whether every line has ended. */
export async function endLines(parts: BatchParts, batch: BatchRow): Promise<boolean> {
  await giveUp(parts, batch.id, canceled);
  const isWaiting = await hasUnfinishedLines(parts.db, batch.id);
  if (isWaiting) await count(parts, batch);
  return !isWaiting;
}

/** What nobody has begun is not made; what runs is let end, since it may be billed. */
async function giveUp({ db, clock }: BatchParts, batch_id: string, error: GenerationError): Promise<void> {
  for (let last = CANCELED_AT_ONCE; last >= CANCELED_AT_ONCE; ) {
    last = await cancelQueuedLines(db, batch_id, {
      error,
      completed_at: new Date(clock.now()),
      limit: CANCELED_AT_ONCE,
    });
  }
}

/** At most once a second, and less often where it takes long: it is only to look at. */
async function count({ db, lease, clock, nextCount }: BatchParts, batch: BatchRow): Promise<void> {
  const { id, total_count } = batch;
  const began_at = clock.now();
  if (began_at < (nextCount.get(id) ?? 0)) return;
  const { unfinished, failed } = await countLines(db, id);
  const took_ms = clock.now() - began_at;
  nextCount.set(id, began_at + Math.max(COUNT_EVERY_MS, COUNT_SHARE * took_ms));
  const counts = { completed_count: total_count - unfinished - failed, failed_count: failed };
  if (counts.completed_count === batch.completed_count && failed === batch.failed_count) return;
  await noteCounts(db, { id, runner_id: lease.runner_id }, counts);
}
