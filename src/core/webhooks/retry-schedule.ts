const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long after each failed try the next one follows: ten tries within about a day. */
export const retryDelays_ms: readonly number[] = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  1 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
];

/** So that what failed together does not come back together: a tenth to either side. */
const JITTER = 0.1;

/** Milliseconds until the next try after `tries` failed ones, or null after the last. `chance` is in 0 .. 1. */
export function nextRetryMs(tries: number, chance: number): number | null {
  const delay_ms = retryDelays_ms[tries - 1];
  return delay_ms === undefined ? null : Math.round(delay_ms * (1 - JITTER + 2 * JITTER * chance));
}
