/** What a runner does with one generation that it has: brings it to its end, or back to the queue. */
import { GessoError } from '../core/errors.ts';
import { type ClaimedGeneration, putBack } from '../store/queue.ts';
import type { GenerationRow } from '../store/tables.ts';
import { announceEnd } from './announce-end.ts';
import { carryOut } from './carry-out.ts';
import { HandedOver } from './handed-over.ts';
import { loadWork, type Work } from './load-work.ts';
import type { ServiceParts } from './parts.ts';
import { walletName } from './write-groups.ts';

/** What ends every process that begins it, or never comes to an end, is given up. */
const RUNS_MAX = 6;
const WAIT_MS_MIN = 1_000;
const WAIT_MS_MAX = 60_000;

/** Never throws: what became of it is in its row. */
export async function runQueued(parts: ServiceParts, row: ClaimedGeneration): Promise<void> {
  parts.bus.publish('progressed', row.id);
  let isLoaded = false;
  try {
    if (row.runs > RUNS_MAX) throw new GessoError('interrupted', `It was begun ${RUNS_MAX} times and never ended.`);
    const work = await loadWork(parts, row);
    isLoaded = true;
    const hooks = {
      onSaturated: (wait_ms: number) => waitForBetterTimes(parts, row, work, wait_ms),
      isCanceled: row.cancel_requested_at !== null,
    };
    await carryOut(parts, work.admitted, hooks, work.past);
  } catch (error) {
    const isLeft =
      error instanceof GessoError && (error.cause instanceof HandedOver || error.code === 'providers_saturated');
    if (isLeft) return;
    if (!isLoaded && !(error instanceof GessoError)) {
      // A database or a store that stumbles: its lease runs out, and whoever finds it then tries again.
      parts.log.warn({ generation_id: row.id, err: error }, 'a generation could not be read; it is begun again later');
      return;
    }
    // Most often it has ended by now, with this error in its row; then this changes nothing.
    await endUnable(parts, row, error);
  }
}

/** True where it went back to the queue: every provider was at its limit, and nothing can have been billed. */
async function waitForBetterTimes(
  parts: ServiceParts,
  { id, runner_id, asynchronous, created_at }: GenerationRow,
  { past }: Work,
  asked_ms: number,
): Promise<boolean> {
  if (!asynchronous || runner_id === null) return false;
  // A provider that has had no room for as long as any job may take will not have it tomorrow.
  if (parts.clock.now() - created_at.getTime() > parts.job_deadline_ms) return false;
  // The longer it has been tried, the longer it waits.
  const wait_ms = Math.min(WAIT_MS_MAX, Math.max(WAIT_MS_MIN, asked_ms, past.length * WAIT_MS_MIN));
  return putBack(parts.db, id, runner_id, wait_ms);
}

async function endUnable(parts: ServiceParts, row: GenerationRow, error: unknown): Promise<void> {
  const told = error instanceof GessoError ? error : new GessoError('internal_error');
  if (!(error instanceof GessoError))
    parts.log.error({ generation_id: row.id, err: error }, 'a generation could not be run');
  const { code, message, param } = told;
  try {
    const wasOpen = await parts.writes.ends.run(walletName(row), {
      id: row.id,
      status: 'failed',
      error: { code, message, param },
      completed_at: new Date(parts.clock.now()),
    });
    if (wasOpen) announceEnd(parts, { id: row.id, is_asynchronous: true });
  } catch (failure) {
    parts.log.error({ generation_id: row.id, err: failure }, 'a failed generation could not be marked as such');
  }
}
