import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing } from './s3-fault.ts';

const PAUSES_MS = [200, 1_000, 3_000];

/** The SDK repeats requests by itself, but not those whose body is a stream: these are begun anew here. */
export async function retryPassing<T>(
  work: () => Promise<T>,
  isWorthIt: (error: unknown) => boolean = isPassing,
): Promise<T> {
  for (const pause_ms of PAUSES_MS) {
    try {
      return await work();
    } catch (error) {
      if (!isWorthIt(error)) throw error;
      await sleep(pause_ms);
    }
  }
  return work();
}
