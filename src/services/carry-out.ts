/** The work on one generation, whoever asked for it and whoever began it: calls, then one of its ends. */
import type { GenerateHooks, GenerationResult } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import type { NamedAttemptEnd } from '../store/attempts.ts';
import { releaseLease } from '../store/queue.ts';
import type { Admitted } from './admitted.ts';
import type { PastAttempt } from './calls.ts';
import { failGeneration } from './fail-generation.ts';
import { HandedOver } from './handed-over.ts';
import type { ServiceParts } from './parts.ts';
import { runCalls } from './run-calls.ts';
import { runParts } from './run-parts.ts';
import { settleGeneration } from './settle-generation.ts';

export interface WorkHooks extends GenerateHooks {
  /** Every provider was at its limit, and may be better after so long; true = it waits for that, and has not ended. */
  readonly onSaturated?: (wait_ms: number) => Promise<boolean>;
  /** Somebody wanted it stopped before this process had it. */
  readonly isCanceled?: boolean;
}

/** Rejects with what became of it in place of pictures; the row tells the same, whoever still listens. */
export async function carryOut(
  parts: ServiceParts,
  admitted: Admitted,
  hooks: WorkHooks,
  past: readonly PastAttempt[] = [],
): Promise<GenerationResult> {
  return parts.workAtHand.during(admitted.id, async (canceled) => {
    if (hooks.isCanceled === true) parts.workAtHand.cancel(admitted.id);
    const delivering: NamedAttemptEnd[] = [];
    try {
      const { mode, request, inputs, choice, is_asynchronous } = admitted;
      const seeds = seedsOf(admitted);
      const run = { mode, request, inputs, offers: choice.offers, seeds, past, is_asynchronous };
      const outcome = await runCalls(
        runParts(parts, admitted, hooks, { canceled, delivering, was_begun: past.length > 0 }),
        run,
      );
      if (canceled.aborted && outcome.delivered.length === 0) throw new GessoError('canceled');
      return await settleGeneration(parts, admitted, outcome, delivering);
    } catch (error) {
      if (error instanceof HandedOver) {
        await leaveToOthers(parts, admitted.id);
        // As where a caller's time is up: it goes on, and must not be asked for again.
        const message = `This server is shutting down. The work goes on: fetch it with GET /v1/generations/${admitted.id}.`;
        throw new GessoError('deadline_exceeded', message, { cause: error, generation_id: admitted.id });
      }
      const isSaturated = error instanceof GessoError && error.code === 'providers_saturated';
      if (isSaturated && (await hooks.onSaturated?.(error.retry_after_ms ?? 0)) === true) throw error;
      await failGeneration(parts, admitted, canceled.aborted ? new GessoError('canceled') : error, delivering);
      if (error instanceof GessoError || delivering.length === 0) throw error;
      // A provider delivered, and bills: what failed on our side after that is not for SDKs to ask for again by themselves.
      throw new GessoError('internal_error', undefined, { cause: error, should_retry: false });
    }
  });
}

/** Where it cannot be said, it is found out when the lease has run out: that must not end what goes on elsewhere. */
async function leaveToOthers({ db, lease, log }: ServiceParts, id: string): Promise<void> {
  await releaseLease(db, id, lease.runner_id).catch((error: unknown) =>
    log.warn({ generation_id: id, err: error }, 'a lease could not be given back; it runs out by itself'),
  );
}

/** One a picture, counted up from the first. */
function seedsOf({ seed, request }: Admitted): number[] {
  return Array.from({ length: request.n }, (_, index) => (seed + index) >>> 0);
}
