/**
 * The circuit breaker of one offer. Closed: everything passes. Open: tried last, and by one request at a time. When its
 * time has come, or nothing else is left, one request claims the probe (half open): what it meets closes or reopens.
 */
import { UNHEALTHY_RATE, type Verdict, verdicts } from './health.ts';
import type { FaultClass } from './outcomes.ts';

export type BreakerState = 'closed' | 'open' | 'half_open';

/** What a breaker is judged by when an attempt has ended. */
export interface BreakerEvidence {
  /** Null = it delivered. */
  readonly fault: FaultClass | null;
  /** Was this attempt the probe of a half-open breaker? */
  readonly is_probe: boolean;
  /** Failures in a row at this process, this one included. */
  readonly consecutive: number;
  /** Over all processes and the window, this one included. */
  readonly judged: number;
  readonly error_rate: number;
  /** How often it opened since it last closed. */
  readonly trips: number;
  /** The provider's own wish for a pause. */
  readonly retry_after_ms: number | null;
}

export type BreakerChange = { readonly to: 'closed' } | { readonly to: 'open'; readonly open_ms: number } | null;

export const CONSECUTIVE_MAX = 5;
export const RATE_JUDGED_MIN = 10;
const OPEN_MS = 30_000;
/** Each failed probe doubles the time, up to this many times. */
const DOUBLINGS_MAX = 4;
/** A wrong key or an empty account is mended by a person. */
const MISCONFIGURED_OPEN_MS = 5 * 60_000;

/** Null where nothing changes. */
export function judgeBreaker(evidence: BreakerEvidence): BreakerChange {
  const { fault, is_probe, consecutive, judged, error_rate, trips, retry_after_ms } = evidence;
  const verdict: Verdict | 'succeeded' = fault === null ? 'succeeded' : verdicts[fault];
  switch (verdict) {
    case 'misconfigured':
      return { to: 'open', open_ms: MISCONFIGURED_OPEN_MS };
    case 'succeeded':
    case 'excused':
      // Whoever refuses a request has read it: the way there and the key are right.
      return is_probe ? { to: 'closed' } : null;
    case 'limited':
      return is_probe ? { to: 'open', open_ms: Math.max(OPEN_MS, retry_after_ms ?? 0) } : null;
    case 'unseen':
      return is_probe ? { to: 'open', open_ms: 0 } : null;
    case 'failed': {
      const isTooMuch = judged >= RATE_JUDGED_MIN && error_rate >= UNHEALTHY_RATE;
      if (!is_probe && consecutive < CONSECUTIVE_MAX && !isTooMuch) return null;
      return { to: 'open', open_ms: OPEN_MS * 2 ** Math.min(trips, DOUBLINGS_MAX) };
    }
  }
}

/** For operators: why it is open, and what to do. */
export function breakerReason(fault: FaultClass, provider: string): string {
  switch (fault) {
    case 'auth':
      return `${provider} does not accept the key: check the key that is set for it.`;
    case 'account':
      return `${provider} has locked the account or it has no credit left: look at the account there.`;
    case 'config':
      return `${provider} cannot be called as it is set up: check its settings and the offer's page.`;
    default:
      return `${provider} failed too often (last: ${fault}).`;
  }
}
