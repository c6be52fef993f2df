/** Asking for a job until it ends: once a job is known nothing is submitted again, so that a failed question is asked anew. */
import type { AdapterParts, CallContext } from '../../contracts/provider.ts';
import type { FaultClass } from '../../core/routing/outcomes.ts';
import { ProviderFault } from '../../core/routing/provider-fault.ts';

type Clocked = Pick<AdapterParts, 'now' | 'delay'>;
type Bounds = Pick<CallContext, 'signal' | 'deadline_at'>;

export interface Pace {
  readonly first_ms: number;
  readonly longest_ms: number;
}

const usual: Pace = { first_ms: 500, longest_ms: 2_000 };
/** Faults of a question, not of the job. */
const passing: ReadonlySet<FaultClass> = new Set([
  'unreachable',
  'rate_limited',
  'overloaded',
  'unavailable',
  'server_error',
]);
const growth = 1.5;

/**
 * `ask` resolves to null while the job runs. Throws `deadline` when time is up or the process must end, `outcome_unknown`
 * when the provider does not know the job or does not let us ask.
 */
export async function askUntil<T>(
  { now, delay }: Clocked,
  { signal, deadline_at }: Bounds,
  ask: () => Promise<T | null>,
  { first_ms, longest_ms }: Pace = usual,
): Promise<T> {
  const late = (cause?: unknown) => new ProviderFault('deadline', 'the job had not ended in time', { cause });
  for (let wait_ms = first_ms; ; wait_ms = Math.min(longest_ms, wait_ms * growth)) {
    if (signal.aborted || now() >= deadline_at) throw late();
    let asked_wait_ms = 0;
    try {
      const found = await ask();
      if (found !== null) return found;
    } catch (error) {
      if (!(error instanceof ProviderFault)) throw error;
      if (!passing.has(error.fault)) {
        throw new ProviderFault('outcome_unknown', `the job cannot be asked for: ${error.message}`, { cause: error });
      }
      asked_wait_ms = error.retry_after_ms ?? 0;
    }
    const left_ms = Math.max(0, deadline_at - now());
    await delay(Math.min(left_ms, Math.max(wait_ms, asked_wait_ms)), signal).catch((error: unknown) => {
      throw late(error);
    });
  }
}

/** How long a request may take: `most_ms`, or what is left until the deadline. Throws `unreachable` where nothing is. */
export function timeLeft(
  { now }: Pick<Clocked, 'now'>,
  { deadline_at }: Pick<Bounds, 'deadline_at'>,
  most_ms: number,
): number {
  const left_ms = Math.min(most_ms, deadline_at - now());
  if (left_ms <= 0) throw new ProviderFault('unreachable', 'no time was left to send the request');
  return left_ms;
}
