import type { RateView } from '../../contracts/keys.ts';

/** OpenAI's headers for each kind of limit that the caller has; who has none gets none. */
export function rateHeaders(views: readonly RateView[]): Record<string, string> {
  return Object.fromEntries(
    views.flatMap(({ unit, per_minute, remaining, reset_ms }) => [
      [`x-ratelimit-limit-${unit}`, String(per_minute)],
      [`x-ratelimit-remaining-${unit}`, String(remaining)],
      [`x-ratelimit-reset-${unit}`, goDuration(reset_ms)],
    ]),
  );
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** As Go writes durations, and OpenAI with it: `12ms`, `1.5s`, `6m0s`. To the millisecond, rounded up. */
export function goDuration(milliseconds: number): string {
  const whole = Math.ceil(milliseconds);
  if (whole === 0) return '0s';
  if (whole < 1000) return `${whole}ms`;
  const seconds = `${(whole % MINUTE_MS) / 1000}s`;
  const minutes = `${Math.floor((whole % HOUR_MS) / MINUTE_MS)}m${seconds}`;
  if (whole < MINUTE_MS) return seconds;
  return whole < HOUR_MS ? minutes : `${Math.floor(whole / HOUR_MS)}h${minutes}`;
}
