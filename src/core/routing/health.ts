/**
 * How well an offer does, from real traffic: what counts against it, and from which figures on it is
 * tried later. Pure; decision 6 says why the thresholds are what they are.
 */
import type { Dimensions, GenerationKind } from '../../contracts/generation.ts';
import { addHistograms, addLatency, emptyHistogram, type LatencyHistogram, percentile } from './latency-histogram.ts';
import type { FaultClass } from './outcomes.ts';

/** Larger pictures take longer, so that each size has figures of its own. */
export const sizeClasses = ['1K', '2K', '4K'] as const;
export type SizeClass = (typeof sizeClasses)[number];

/**
 * `failed`: the provider did not do what it is there for. `misconfigured`: nothing will work until an operator acts.
 * `limited`: it is well and asks for a pause. `excused`: the request or the caller was at fault, and the provider answered
 * as it should. `unseen`: no call was made.
 */
export type Verdict = 'failed' | 'misconfigured' | 'limited' | 'excused' | 'unseen';

export const verdicts = {
  unreachable: 'failed',
  no_slot: 'unseen',
  rate_limited: 'limited',
  overloaded: 'failed',
  unavailable: 'failed',
  auth: 'misconfigured',
  account: 'misconfigured',
  config: 'misconfigured',
  server_error: 'failed',
  invalid_request: 'excused',
  offer_limit: 'excused',
  content_policy: 'excused',
  empty: 'failed',
  empty_billed: 'failed',
  deadline: 'failed',
  outcome_unknown: 'failed',
  interrupted: 'unseen',
} as const satisfies Record<FaultClass, Verdict>;

/** What one offer did for one kind and size in some time. */
export interface OfferCounts {
  readonly succeeded: number;
  /** The provider's own fault, wrong keys included. */
  readonly failed: number;
  readonly limited: number;
  readonly excused: number;
  /** Of what succeeded. */
  readonly latency: LatencyHistogram;
}

export type HealthState = 'healthy' | 'degraded' | 'unhealthy';

export interface OfferFigures {
  readonly state: HealthState;
  /** 0 .. 1, over what succeeded or failed; 0 of nothing. */
  readonly error_rate: number;
  /** What succeeded or failed in the window. */
  readonly judged: number;
  /** Null until there are `MEASURED_MIN` successes. */
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
}

export const WINDOW_MINUTES = 10;
/** Fewer outcomes than these say nothing. */
export const JUDGED_MIN = 5;
export const MEASURED_MIN = 5;
export const DEGRADED_RATE = 0.2;
export const UNHEALTHY_RATE = 0.5;

export const noCounts: OfferCounts = { succeeded: 0, failed: 0, limited: 0, excused: 0, latency: emptyHistogram };

const columnOf = { failed: 'failed', misconfigured: 'failed', limited: 'limited', excused: 'excused' } as const;

/** Null as the fault is a success. */
export function addOutcome(counts: OfferCounts, fault: FaultClass | null, latency_ms: number): OfferCounts {
  if (fault === null) {
    return { ...counts, succeeded: counts.succeeded + 1, latency: addLatency(counts.latency, latency_ms) };
  }
  const verdict: Verdict = verdicts[fault];
  if (verdict === 'unseen') return counts;
  const column = columnOf[verdict];
  return { ...counts, [column]: counts[column] + 1 };
}

export function addCounts(a: OfferCounts, b: OfferCounts): OfferCounts {
  return {
    succeeded: a.succeeded + b.succeeded,
    failed: a.failed + b.failed,
    limited: a.limited + b.limited,
    excused: a.excused + b.excused,
    latency: addHistograms(a.latency, b.latency),
  };
}

export function figuresOf(counts: OfferCounts): OfferFigures {
  const { succeeded, failed, latency } = counts;
  const judged = succeeded + failed;
  const error_rate = judged === 0 ? 0 : failed / judged;
  const isMeasured = succeeded >= MEASURED_MIN;
  return {
    state: stateOf(judged, error_rate),
    error_rate,
    judged,
    p50_ms: isMeasured ? percentile(latency, 0.5) : null,
    p95_ms: isMeasured ? percentile(latency, 0.95) : null,
  };
}

function stateOf(judged: number, error_rate: number): HealthState {
  if (judged < JUDGED_MIN || error_rate < DEGRADED_RATE) return 'healthy';
  return error_rate < UNHEALTHY_RATE ? 'degraded' : 'unhealthy';
}

/** Borders lie halfway between the tiers in logarithm of area, whose squares have sides of 1024, 2048 and 4096. */
export function sizeClassOf({ width, height }: Dimensions): SizeClass {
  const area = (width * height) / 1024 ** 2;
  if (area <= 2) return '1K';
  return area <= 8 ? '2K' : '4K';
}

export interface Traffic {
  readonly offer_id: string;
  readonly kind: GenerationKind;
  readonly size_class: SizeClass;
}
