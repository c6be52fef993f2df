import { deleteLines } from '../../store/batch-lines.ts';
import { type BatchMove, moveBatch } from '../../store/batches.ts';
import type { BatchRow } from '../../store/batches-tables.ts';
import type { Db } from '../../store/tables.ts';
import { insertEvent } from '../../store/webhook-events.ts';
import { BatchLost, type BatchParts } from './parts.ts';

type End = Omit<BatchMove, 'id' | 'at' | 'runner_id' | 'to'> & {
  readonly to: 'completed' | 'failed' | 'expired' | 'cancelled';
  /** Written in the same transaction. */
  readonly write?: (transaction: Db) => Promise<void>;
};

/** The last step of every batch, told to whoever asked. Throws BatchLost, and then nothing is written. */
export async function endBatch(parts: BatchParts, batch: BatchRow, { write, ...end }: End): Promise<BatchRow> {
  const { db, clock, lease, bus, log } = parts;
  const { id, account_id, mode } = batch;
  const ended = await db.transaction().execute(async (transaction) => {
    const at = new Date(clock.now());
    const moved = await moveBatch(transaction, { ...end, id, at, runner_id: lease.runner_id });
    if (moved === undefined) throw new BatchLost(id);
    await write?.(transaction);
    await deleteLines(transaction, id);
    await insertEvent(transaction, {
      account_id,
      mode,
      type: `batch.${end.to}`,
      data: { object: 'batch', id },
      dedupe_key: `${id}:${end.to}`,
    });
    return moved;
  });
  parts.nextCount.delete(id);
  bus.publish('delivery', '');
  const { total_count, completed_count, failed_count } = ended;
  log.info({ batch_id: id, status: end.to, total_count, completed_count, failed_count }, 'a batch has ended');
  return ended;
}
