import { GessoError } from '../../core/errors.ts';
import { formatMicros } from '../../core/money.ts';
import { admitLines, isOverdraft, sumStagedLines } from '../../store/batch-lines.ts';
import { moveBatch } from '../../store/batches.ts';
import type { BatchRow } from '../../store/batches-tables.ts';
import { findWallet } from '../../store/ledger.ts';
import { toldOfBudget } from '../budget-exceeded.ts';
import { noticeBudgetReached } from '../webhooks/notice-budget-reached.ts';
import { endBatch } from './end-batch.ts';
import { BatchLost, type BatchParts, type Stepped } from './parts.ts';

/** Behind everything that somebody waits for. */
const PRIORITY = -10;

/**
 * All lines are held and queued, or none is: where wallet or budgets have not enough for all of them together, the batch
 * fails with that error.
 */
export async function startBatch(parts: BatchParts, batch: BatchRow): Promise<Stepped> {
  const { db, clock, lease, bus } = parts;
  const { id, account_id } = batch;
  const { lines, held_micros, model } = await sumStagedLines(db, id);
  // Long enough, whenever it ends: then it is counted from there.
  const expires_at = await parts.retention.expiryOf(account_id, batch.expires_at);
  try {
    const started = await db.transaction().execute(async (transaction) => {
      const at = new Date(clock.now());
      const set = { total_count: lines, authorized_micros: held_micros, model };
      const moved = await moveBatch(transaction, { id, to: 'in_progress', at, runner_id: lease.runner_id, set });
      if (moved === undefined) throw new BatchLost(id);
      await admitLines(transaction, id, { created_at: at, expires_at, priority: PRIORITY });
      return moved;
    });
    bus.publish('queued', '');
    return started;
  } catch (error) {
    await noticeBudgetReached(parts, batch, error);
    const told = isOverdraft(error) ? await tooLittle(parts, batch, held_micros) : toldOfBudget(error);
    if (!(told instanceof GessoError)) throw error;
    const { code, message } = told;
    const errors = [{ code, message, param: null, line: null }];
    return endBatch(parts, batch, { to: 'failed', set: { errors, total_count: lines } });
  }
}

async function tooLittle(
  { db }: Pick<BatchParts, 'db'>,
  { account_id, mode }: BatchRow,
  required_micros: number,
): Promise<GessoError> {
  const wallet = await findWallet(db, account_id, mode);
  const available_micros = wallet === undefined ? 0 : wallet.balance_micros - wallet.held_micros;
  return new GessoError(
    'insufficient_credits',
    `This batch may cost $${formatMicros(required_micros)} (required) and the wallet has $${formatMicros(available_micros)} left (available). ` +
      'Nothing is held. Top it up, wait for running requests to end, or send fewer requests.',
  );
}
