import type { GenerationView, Principal, WaitWish } from '../contracts/services.ts';
import { isFinal } from '../core/generation/states.ts';
import { getGeneration } from './get-generation.ts';
import type { ServiceParts } from './parts.ts';

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
  // Before the first look, so that an end in between is not missed.
  const ended = new AbortController();
  const over = AbortSignal.any([signal, ended.signal]);
  const waiting = wait_ms > 0 ? parts.ends.wait(id, wait_ms, over) : Promise.resolve();
  try {
    const view = await getGeneration(parts, principal, id);
    if (wait_ms <= 0 || isFinal(view.status)) return view;
    await waiting;
    return signal.aborted ? view : await getGeneration(parts, principal, id);
  } finally {
    ended.abort();
  }
}
