/**
 * Latencies on a logarithmic scale: 40 buckets from 100 ms to 12.5 minutes, each a quarter wider than the one before, so
 * that a percentile read off them is at most a quarter off. Buckets of two processes or two minutes add up.
 */

/** Counts by bucket; always `BUCKETS` long. */
export type LatencyHistogram = readonly number[];

export const BUCKETS = 40;
const FIRST_MS = 100;
const GROWTH = 1.25;

export const emptyHistogram: LatencyHistogram = Array.from({ length: BUCKETS }, () => 0);

/** Everything above the last bound falls into the last bucket. */
export function bucketOf(latency_ms: number): number {
  if (latency_ms <= FIRST_MS) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(latency_ms / FIRST_MS) / Math.log(GROWTH)));
}

export function addLatency(histogram: LatencyHistogram, latency_ms: number): LatencyHistogram {
  const bucket = bucketOf(latency_ms);
  return histogram.with(bucket, (histogram[bucket] ?? 0) + 1);
}

export function addHistograms(a: LatencyHistogram, b: LatencyHistogram): LatencyHistogram {
  return a.map((count, bucket) => count + (b[bucket] ?? 0));
}

/** The upper bound, in milliseconds, of the bucket in which the share `quantile` (0 .. 1) is reached; null of nothing. */
export function percentile(histogram: LatencyHistogram, quantile: number): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const wanted = Math.max(1, Math.ceil(total * quantile));
  let seen = 0;
  for (const [bucket, count] of histogram.entries()) {
    seen += count;
    if (seen >= wanted) return Math.round(FIRST_MS * GROWTH ** bucket);
  }
  return null;
}
