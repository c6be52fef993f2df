/**
 * Rate limits as token buckets in the form of GCRA (ITU-T I.371): a bucket is one number, the time at which it is full
 * again. In any span of time no more is let through than the bucket holds and than drips into it meanwhile. Times are
 * whole microseconds.
 */
export interface RateLimit {
  readonly per_minute: number;
  /** What the bucket holds: so much at once. At least 1. */
  readonly burst: number;
}

export interface RateState {
  readonly limit: RateLimit;
  /** What could be taken at once now. */
  readonly remaining: number;
  /** Milliseconds until the bucket is full. */
  readonly reset_ms: number;
}

const MINUTE_US = 60_000_000;
const BURST_LEAST = 10;
/** Without word of it, what comes in ten seconds may come at once. */
const BURST_SHARE = 6;

export function rateLimit(per_minute: number, burst?: number): RateLimit {
  return { per_minute, burst: burst ?? Math.max(BURST_LEAST, Math.ceil(per_minute / BURST_SHARE)) };
}

/** Rounded up, so that no more than the limit is ever let through. */
export function intervalUs({ per_minute }: RateLimit): number {
  return Math.ceil(MINUTE_US / per_minute);
}

/** When the bucket will be full after `amount` is taken now; null = it does not hold so much now. */
export function takeFrom(limit: RateLimit, full_at_us: number, now_us: number, amount: number): number | null {
  const interval = intervalUs(limit);
  const full_at = Math.max(full_at_us, now_us) + amount * interval;
  return full_at <= now_us + limit.burst * interval ? full_at : null;
}

export function rateState(limit: RateLimit, full_at_us: number, now_us: number): RateState {
  const missing_us = Math.max(0, full_at_us - now_us);
  return {
    limit,
    remaining: Math.max(0, Math.floor(limit.burst - missing_us / intervalUs(limit))),
    reset_ms: missing_us / 1000,
  };
}

/** Milliseconds until `amount` can be taken, if nobody else takes any; at most the burst. */
export function waitForMs(limit: RateLimit, full_at_us: number, now_us: number, amount: number): number {
  return Math.max(0, full_at_us - now_us - (limit.burst - amount) * intervalUs(limit)) / 1000;
}
