import type { GenerationView, Principal, WaitWish } from '../contracts/services.ts';
import { isFinal } from '../core/generation/states.ts';
import { getGeneration, unknownGeneration } from './get-generation.ts';
import type { ServiceParts } from './parts.ts';
import { visibleModes } from './visible-modes.ts';

/**
 * The generation when it has ended, or as it is when the time is up or the caller has gone. Between the two looks at its
 * row nothing is asked of the database. Throws `not_found` for a stranger's generation.
 */
export async function waitForGeneration(
  parts: ServiceParts,
  principal: Principal,
  id: string,
  { wait_ms, signal }: WaitWish,
): Promise<GenerationView> {
  if (wait_ms <= 0) return getGeneration(parts, principal, id);
  const { promise: over, resolve } = Promise.withResolvers<void>();
  // Before the first look, so that an end in between is not missed.
  const waiting = parts.ends.wait(id, wait_ms, resolve);
  signal.addEventListener('abort', waiting.stop, { once: true });
  if (signal.aborted) waiting.stop();
  try {
    if (!(await hasEnded(parts, principal, id))) await over;
    return await getGeneration(parts, principal, id);
  } finally {
    waiting.stop();
  }
}

/** Of one that goes on no more is read than that it does: thousands may wait. */
async function hasEnded(parts: ServiceParts, principal: Principal, id: string): Promise<boolean> {
  const state = await parts.reads.states.run(principal.account_id, id);
  if (state === null || !visibleModes(principal).includes(state.mode)) throw unknownGeneration(id);
  return isFinal(state.status);
}
