/**
 * Health of offers from real traffic: counted in memory, added to the database now and then, read back with what the
 * other processes saw. What is asked while a request is routed is answered from memory.
 */
import type { Clock } from '../contracts/clock.ts';
import type { Mode } from '../contracts/generation.ts';
import { type BreakerState, breakerReason, judgeBreaker } from '../core/routing/breaker.ts';
import {
  addCounts,
  addOutcome,
  figuresOf,
  noCounts,
  type OfferCounts,
  type OfferFigures,
  type Traffic,
  verdicts,
  WINDOW_MINUTES,
} from '../core/routing/health.ts';
import type { FaultClass } from '../core/routing/outcomes.ts';
import {
  addOfferStats,
  claimProbe,
  closeBreaker,
  deleteOfferStats,
  listBreakers,
  listOfferStats,
  openBreaker,
} from '../store/offer-health.ts';
import type { Db } from '../store/tables.ts';
import type { Log } from './parts.ts';

export interface Observation extends Traffic {
  readonly mode: Mode;
  readonly provider: string;
  /** Null = it delivered. */
  readonly fault: FaultClass | null;
  readonly latency_ms: number;
  readonly retry_after_ms: number | null;
  readonly is_probe: boolean;
}

/** What is known of one offer, for operators. */
export interface OfferReport extends OfferFigures {
  readonly mode: Mode;
  readonly offer_id: string;
  readonly counts: OfferCounts;
  readonly breaker: BreakerState;
  /** Why it is open, and what to do; null while it is closed. */
  readonly reason: string | null;
}

interface KnownBreaker {
  readonly state: BreakerState;
  readonly reason: string | null;
  readonly trips: number;
  /** By this process's clock. */
  readonly probe_at: number;
}

interface Counted extends Traffic {
  readonly mode: Mode;
  readonly counts: OfferCounts;
}

/** A probe whose process died is claimed again after this; one that only takes long is joined by a second, which does no harm. */
const PROBE_LEASE_MS = 2 * 60_000;
/** How old what the other processes saw may be. */
const REFRESH_MS = 5_000;

const CLOSED: KnownBreaker = { state: 'closed', reason: null, trips: 0, probe_at: 0 };

export class OfferHealth {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #log: Log;
  /** All processes, as read last. */
  #window = new Map<string, Counted>();
  /** Ours, not added to the database yet. */
  #pending = new Map<string, Counted>();
  #breakers = new Map<string, KnownBreaker>();
  readonly #consecutive = new Map<string, number>();
  #refreshed_at = 0;
  /** Counts our own changes of breakers, so that none is overwritten by what was read before it. */
  #changes = 0;

  constructor({ db, clock, log }: { readonly db: Db; readonly clock: Clock; readonly log: Log }) {
    this.#db = db;
    this.#clock = clock;
    this.#log = log;
  }

  /** Of this kind and size. */
  figures(mode: Mode, traffic: Traffic): OfferFigures {
    const key = keyOf({ mode, ...traffic });
    return figuresOf(addCounts(this.#window.get(key)?.counts ?? noCounts, this.#pending.get(key)?.counts ?? noCounts));
  }

  /** `due`: it is open, and the time has come for one request to try it. */
  breaker(mode: Mode, offer_id: string): BreakerState | 'due' {
    const { state, probe_at } = this.#breakers.get(offerKey(mode, offer_id)) ?? CLOSED;
    return state !== 'closed' && probe_at <= this.#clock.now() ? 'due' : state;
  }

  reason(mode: Mode, offer_id: string): string | null {
    return this.#breakers.get(offerKey(mode, offer_id))?.reason ?? null;
  }

  /**
   * `ours` for the one request of all processes that may try an open offer, `taken` for the others; `closed` where
   * another process has closed it meanwhile. `early` = before its time, since nothing else is left.
   */
  async claimProbe(mode: Mode, offer_id: string, early: boolean): Promise<'ours' | 'taken' | 'closed'> {
    const isOurs = await claimProbe(this.#db, { mode, offer_id }, { early, lease_ms: PROBE_LEASE_MS });
    if (!isOurs) await this.refresh();
    const known = this.#breakers.get(offerKey(mode, offer_id));
    if (!isOurs && known === undefined) return 'closed';
    const probe_at = this.#clock.now() + (isOurs ? PROBE_LEASE_MS : REFRESH_MS);
    this.#setBreaker(mode, offer_id, { ...(known ?? CLOSED), state: 'half_open', probe_at });
    return isOurs ? 'ours' : 'taken';
  }
  /** Counts at once; resolves when a change of the breaker, if there is one, is known to all. Never throws. */
  async record(seen: Observation): Promise<void> {
    const { mode, offer_id, provider, fault, is_probe, retry_after_ms } = seen;
    this.#count(seen);
    const consecutive = this.#countInARow(mode, offer_id, fault);
    const known = this.#breakers.get(offerKey(mode, offer_id)) ?? CLOSED;
    // What was under way when it opened says nothing new.
    if (known.state !== 'closed' && !is_probe) return;
    const { judged, error_rate } = figuresOf(this.#countsOfOffer(mode, offer_id));
    const { trips } = known;
    const change = judgeBreaker({ fault, is_probe, consecutive, judged, error_rate, trips, retry_after_ms });
    if (change === null) return;
    try {
      if (change.to === 'closed') await this.#close(mode, offer_id);
      else await this.#open(mode, offer_id, reasonOf(fault, provider, known.reason), change.open_ms);
    } catch (error) {
      this.#log.error({ err: error, offer_id }, 'the state of a circuit breaker could not be stored');
    }
  }

  /** Adds what was counted since the last time, and reads what others have counted. */
  async flush(): Promise<void> {
    const pending = [...this.#pending.entries()];
    for (const [key, { counts, ...traffic }] of pending) {
      const { latency, ...numbers } = counts;
      await addOfferStats(this.#db, { ...traffic, ...numbers, latency });
      // What was counted while this was written stays for the next time.
      const rest = this.#pending.get(key);
      if (rest === undefined || rest.counts === counts) this.#pending.delete(key);
      else this.#pending.set(key, { ...rest, counts: withoutCounts(rest.counts, counts) });
      const known = this.#window.get(key);
      this.#window.set(key, { ...traffic, counts: addCounts(known?.counts ?? noCounts, counts) });
    }
    if (pending.length > 0 || this.#clock.now() - this.#refreshed_at >= REFRESH_MS) await this.refresh();
  }

  /** Reads the window and the breakers of all processes. */
  async refresh(): Promise<void> {
    const changes = this.#changes;
    const [rows, breakers] = [await listOfferStats(this.#db, WINDOW_MINUTES), await listBreakers(this.#db)];
    const window = new Map<string, Counted>();
    for (const { mode, offer_id, kind, size_class, bucket_start: _, ...counts } of rows) {
      const traffic = { mode, offer_id, kind, size_class };
      const sum = window.get(keyOf(traffic))?.counts ?? noCounts;
      window.set(keyOf(traffic), { ...traffic, counts: addCounts(sum, counts) });
    }
    const now = this.#clock.now();
    this.#refreshed_at = now;
    if (changes !== this.#changes) return;
    this.#window = window;
    this.#breakers = new Map(
      breakers
        .filter(({ state }) => state !== 'closed')
        .map(({ mode, offer_id, state, reason, trips, probe_in_ms }) => [
          offerKey(mode, offer_id),
          { state, reason, trips, probe_at: now + probe_in_ms },
        ]),
    );
  }

  /** Drops what no window will ask for again. */
  async dropOld(): Promise<void> {
    await deleteOfferStats(this.#db, 2 * WINDOW_MINUTES);
  }

  /** Every offer that was seen lately or whose breaker is not closed. */
  report(mode: Mode): OfferReport[] {
    const seen = [...this.#window.values(), ...this.#pending.values()].filter((one) => one.mode === mode);
    const broken = [...this.#breakers.keys()].filter((key) => key.startsWith(`${mode} `));
    const ids = new Set([...seen.map(({ offer_id }) => offer_id), ...broken.map((key) => key.slice(mode.length + 1))]);
    return [...ids].sort().map((offer_id) => {
      const counts = this.#countsOfOffer(mode, offer_id);
      const { state: breaker, reason } = this.#breakers.get(offerKey(mode, offer_id)) ?? CLOSED;
      return { mode, offer_id, counts, ...figuresOf(counts), breaker, reason };
    });
  }

  #count({ mode, offer_id, kind, size_class, fault, latency_ms }: Observation): void {
    const traffic = { mode, offer_id, kind, size_class };
    const key = keyOf(traffic);
    const counts = this.#pending.get(key)?.counts ?? noCounts;
    const added = addOutcome(counts, fault, latency_ms);
    if (added !== counts) this.#pending.set(key, { ...traffic, counts: added });
  }

  #countInARow(mode: Mode, offer_id: string, fault: FaultClass | null): number {
    const key = offerKey(mode, offer_id);
    const isFailed = fault !== null && verdicts[fault] === 'failed';
    const isWell = fault === null || verdicts[fault] === 'excused';
    const before = this.#consecutive.get(key) ?? 0;
    const consecutive = isFailed ? before + 1 : isWell ? 0 : before;
    this.#consecutive.set(key, consecutive);
    return consecutive;
  }

  #countsOfOffer(mode: Mode, offer_id: string): OfferCounts {
    return [...this.#window.values(), ...this.#pending.values()]
      .filter((one) => one.mode === mode && one.offer_id === offer_id)
      .reduce((sum, { counts }) => addCounts(sum, counts), noCounts);
  }

  async #open(mode: Mode, offer_id: string, reason: string, open_ms: number): Promise<void> {
    const trips = (this.#breakers.get(offerKey(mode, offer_id))?.trips ?? 0) + 1;
    this.#setBreaker(mode, offer_id, { state: 'open', reason, trips, probe_at: this.#clock.now() + open_ms });
    this.#consecutive.delete(offerKey(mode, offer_id));
    this.#log.warn({ mode, offer_id, reason, open_ms }, 'a circuit breaker opened: the offer is tried last');
    await openBreaker(this.#db, { mode, offer_id }, { reason, open_ms });
    // Whoever closes it forgives what is counted in the database: what opened it must not come there later.
    await this.flush();
  }

  async #close(mode: Mode, offer_id: string): Promise<void> {
    this.#changes += 1;
    this.#breakers.delete(offerKey(mode, offer_id));
    for (const counted of [this.#window, this.#pending]) {
      for (const [key, one] of counted) {
        if (one.mode === mode && one.offer_id === offer_id)
          counted.set(key, { ...one, counts: { ...one.counts, failed: 0 } });
      }
    }
    this.#log.info({ mode, offer_id }, 'a circuit breaker closed: the offer works again');
    await closeBreaker(this.#db, { mode, offer_id });
  }

  #setBreaker(mode: Mode, offer_id: string, breaker: KnownBreaker): void {
    this.#changes += 1;
    this.#breakers.set(offerKey(mode, offer_id), breaker);
  }
}

/** A probe that was not sent, or was asked to wait, says nothing new of what is wrong. */
function reasonOf(fault: FaultClass | null, provider: string, known: string | null): string {
  const isNew = fault !== null && (verdicts[fault] === 'failed' || verdicts[fault] === 'misconfigured');
  return isNew || known === null ? breakerReason(fault ?? 'server_error', provider) : known;
}

function withoutCounts(sum: OfferCounts, part: OfferCounts): OfferCounts {
  return {
    succeeded: Math.max(0, sum.succeeded - part.succeeded),
    failed: Math.max(0, sum.failed - part.failed),
    limited: Math.max(0, sum.limited - part.limited),
    excused: Math.max(0, sum.excused - part.excused),
    latency: sum.latency.map((count, bucket) => Math.max(0, count - (part.latency[bucket] ?? 0))),
  };
}

function offerKey(mode: Mode, offer_id: string): string {
  return `${mode} ${offer_id}`;
}

function keyOf({ mode, offer_id, kind, size_class }: Traffic & { readonly mode: Mode }): string {
  return `${offerKey(mode, offer_id)} ${kind} ${size_class}`;
}
