/** Asking for a job until it ends: once a job is known nothing is submitted again, so that a failed question is asked anew. */
import type { AdapterParts, CallContext } from '../../contracts/provider.ts';
import type { FaultClass } from '../../core/routing/outcomes.ts';
import { ProviderFault } from '../../core/routing/provider-fault.ts';

type Clocked = Pick<AdapterParts, 'now' | 'delay' | 'hooks'>;
type Bounds = Pick<CallContext, 'signal' | 'deadline_at'>;

export interface Pace {
  readonly first_ms: number;
  readonly longest_ms: number;
}

export interface Asking {
  readonly pace?: Pace;
  /** The job, where its provider may say that it has ended: then it is asked at once. */
  readonly job_id?: string;
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
/** Where the provider says when a job has ended, questions are for what it said in vain. */
const LONGEST_WITH_HOOKS_MS = 15_000;

/**
 * `ask` resolves to null while the job runs. Throws `deadline` when time is up or the process must end, `outcome_unknown`
 * when the provider does not know the job or does not let us ask.
 */
export async function askUntil<T>(
  parts: Clocked,
  { signal, deadline_at }: Bounds,
  ask: () => Promise<T | null>,
  { pace: { first_ms, longest_ms } = usual, job_id }: Asking = {},
): Promise<T> {
  const { now, delay, hooks } = parts;
  const late = (cause?: unknown) => new ProviderFault('deadline', 'the job had not ended in time', { cause });
  for (let wait_ms = first_ms; ; ) {
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
    const rest_ms = Math.min(left_ms, Math.max(wait_ms, asked_wait_ms));
    // Who asks us to wait is not asked sooner, whatever else it says.
    const isNudgeable = hooks !== undefined && job_id !== undefined && asked_wait_ms === 0;
    const isNudged = await (isNudgeable
      ? restUntilNudged({ delay, hooks }, rest_ms, job_id, signal)
      : delay(rest_ms, signal)
    ).catch((error: unknown) => {
      throw late(error);
    });
    const most_ms = job_id !== undefined && hooks?.speaks() === true ? LONGEST_WITH_HOOKS_MS : longest_ms;
    // It may have been said a moment before it can be seen.
    wait_ms = isNudged === true ? first_ms : Math.min(most_ms, wait_ms * growth);
  }
}

/** True where the provider said something of the job before the time was up. */
async function restUntilNudged(
  { delay, hooks }: Required<Pick<Clocked, 'delay' | 'hooks'>>,
  rest_ms: number,
  job_id: string,
  signal: AbortSignal,
): Promise<boolean> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    return await Promise.race([hooks.next(job_id, either).then(() => true), delay(rest_ms, either).then(() => false)]);
  } finally {
    over.abort();
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
