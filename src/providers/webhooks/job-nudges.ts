/**
 * What providers say of their jobs, for whoever waits for one: a nudge to ask now, never an answer. That makes a nudge that
 * comes twice, too early or for nothing cost one question, and one that is lost some seconds.
 */
import type { Bus } from '../../contracts/bus.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { JobHooks } from '../../contracts/provider.ts';

export interface JobNudgesParts {
  readonly bus: Pick<Bus, 'subscribe'>;
  readonly clock: Clock;
}

/** A provider may speak of a job before it has told us the job's id. */
const KEPT_MS = 10 * 60_000;
const KEPT_MAX = 10_000;

/** Lives as long as the bus. */
export class JobNudges {
  readonly #clock: Clock;
  /** `provider/job id` that nobody waited for, oldest first, and when it was said. */
  readonly #unheard = new Map<string, number>();
  readonly #waiting = new Map<string, Set<() => void>>();
  /** When each provider last said anything. */
  readonly #spoke = new Map<string, number>();

  constructor({ bus, clock }: JobNudgesParts) {
    this.#clock = clock;
    bus.subscribe('job', (job) => this.#hear(job));
  }

  /** What an adapter is given; `url` is where its provider shall call. */
  hooksOf(provider: string, url: string): JobHooks {
    return {
      url,
      next: (job_id, signal) => this.#next(`${provider}/${job_id}`, signal),
      speaks: () => this.#clock.now() - (this.#spoke.get(provider) ?? Number.NEGATIVE_INFINITY) < KEPT_MS,
    };
  }

  #hear(job: string): void {
    const now = this.#clock.now();
    this.#spoke.set(job.slice(0, job.indexOf('/')), now);
    const waiting = this.#waiting.get(job);
    if (waiting !== undefined) {
      for (const wake of waiting) wake();
      return;
    }
    this.#unheard.delete(job);
    this.#unheard.set(job, now);
    for (const [oldest, said_at] of this.#unheard) {
      if (this.#unheard.size <= KEPT_MAX && now - said_at <= KEPT_MS) break;
      this.#unheard.delete(oldest);
    }
  }

  #next(job: string, signal: AbortSignal): Promise<void> {
    if (this.#unheard.delete(job)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(job) ?? new Set();
      this.#waiting.set(job, waiting);
      const leave = (): void => {
        signal.removeEventListener('abort', giveUp);
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(job);
      };
      const wake = (): void => {
        leave();
        resolve();
      };
      const giveUp = (): void => {
        leave();
        reject(signal.reason);
      };
      waiting.add(wake);
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp);
    });
  }
}
