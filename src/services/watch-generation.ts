import type { GenerationView, Principal } from '../contracts/services.ts';
import { isFinal } from '../core/generation/states.ts';
import { getGeneration } from './get-generation.ts';
import type { ServiceParts } from './parts.ts';

/** A word may be lost, and words of progress are not told twice. */
const LOOK_EVERY_MS = 5_000;

/** Calls with the generation as it is, and again with every change until it has ended, the signal aborts or the process must end. */
export async function watchGeneration(
  parts: ServiceParts,
  principal: Principal,
  id: string,
  signal: AbortSignal,
  onChange: (view: GenerationView) => void,
): Promise<void> {
  let changed = Promise.withResolvers<void>();
  const wake = (word: string): void => void (word === id && changed.resolve());
  const unsubscribe = [parts.bus.subscribe('progressed', wake), parts.bus.subscribe('ended', wake)];
  const stop = (): void => changed.resolve();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (let told = ''; !signal.aborted && !parts.draining.aborted; ) {
      changed = Promise.withResolvers<void>();
      const waiting = parts.ends.wait(id, LOOK_EVERY_MS, changed.resolve);
      const view = await getGeneration(parts, principal, id);
      const state = `${view.status} ${view.progress}`;
      if (state !== told) onChange(view);
      told = state;
      if (!isFinal(view.status)) await changed.promise;
      waiting.stop();
      if (isFinal(view.status)) return;
    }
  } finally {
    for (const end of unsubscribe) end();
  }
}
