import { expect, test } from 'vitest';
import { addCounts, addOutcome, figuresOf, noCounts, type OfferCounts, sizeClassOf, verdicts } from './health.ts';
import { addLatency, BUCKETS, bucketOf, emptyHistogram, percentile } from './latency-histogram.ts';
import { type FaultClass, outcomes } from './outcomes.ts';

function counts(succeeded: number, failed: number): OfferCounts {
  let sum = noCounts;
  for (let index = 0; index < succeeded; index++) sum = addOutcome(sum, null, 1000);
  for (let index = 0; index < failed; index++) sum = addOutcome(sum, 'server_error', 1000);
  return sum;
}

test.each([
  [0, 0, 'healthy', 0],
  [0, 4, 'healthy', 1], // too few to say
  [100, 0, 'healthy', 0],
  [81, 19, 'healthy', 0.19],
  [80, 20, 'degraded', 0.2],
  [51, 49, 'degraded', 0.49],
  [50, 50, 'unhealthy', 0.5],
  [0, 5, 'unhealthy', 1],
])('%i successes and %i failures: %s', (succeeded, failed, state, rate) => {
  const figures = figuresOf(counts(succeeded, failed));
  expect(figures.state).toBe(state);
  expect(figures.error_rate).toBe(rate);
  expect(figures.judged).toBe(succeeded + failed);
});

test("what is the caller's fault, or no call at all, never hurts", () => {
  let sum = counts(5, 0);
  for (const fault of ['content_policy', 'invalid_request', 'offer_limit', 'rate_limited', 'no_slot'] as const) {
    for (let index = 0; index < 50; index++) sum = addOutcome(sum, fault, 1000);
  }
  expect(figuresOf(sum)).toMatchObject({ state: 'healthy', error_rate: 0, judged: 5 });
  expect(sum).toMatchObject({ excused: 150, limited: 50 });
});

test('every class of fault has a verdict', () => {
  expect(Object.keys(verdicts).sort()).toEqual(Object.keys(outcomes).sort());
});

test.each(Object.entries(verdicts))('%s is %s', (fault, verdict) => {
  // The names come from the table itself.
  const after = addOutcome(noCounts, fault as FaultClass, 1000);
  const expected = { failed: 'failed', misconfigured: 'failed', limited: 'limited', excused: 'excused', unseen: null };
  const column = expected[verdict];
  expect(after).toEqual(column === null ? noCounts : { ...noCounts, [column]: 1 });
});

test('times are known after five successes, and failures have no part in them', () => {
  expect(figuresOf(counts(4, 0)).p95_ms).toBeNull();
  let sum = noCounts;
  for (let index = 0; index < 95; index++) sum = addOutcome(sum, null, 2000);
  for (let index = 0; index < 5; index++) sum = addOutcome(sum, null, 60_000);
  for (let index = 0; index < 50; index++) sum = addOutcome(sum, 'server_error', 1);
  const { p50_ms, p95_ms } = figuresOf(sum);
  expect(p50_ms).toBeGreaterThanOrEqual(2000);
  expect(p50_ms).toBeLessThanOrEqual(2500);
  expect(p95_ms).toBe(p50_ms);
  const slower = figuresOf(addOutcome(sum, null, 60_000)).p95_ms;
  expect(slower).toBeGreaterThanOrEqual(60_000);
  expect(slower).toBeLessThanOrEqual(75_000);
});

test('counts of two processes add up', () => {
  expect(addCounts(counts(3, 2), counts(4, 1))).toEqual(counts(7, 3));
});

test.each([
  [0, 0],
  [100, 0],
  [101, 1],
  [125, 1],
  [126, 2],
  [10_000_000, BUCKETS - 1],
])('%i ms falls into bucket %i', (latency_ms, bucket) => {
  expect(bucketOf(latency_ms)).toBe(bucket);
});

test('a percentile is never below what was measured, and at most a quarter above', () => {
  for (const latency_ms of [100, 333, 1000, 7777, 59_999, 300_000]) {
    const read = percentile(addLatency(emptyHistogram, latency_ms), 0.5) ?? 0;
    expect(read).toBeGreaterThanOrEqual(latency_ms);
    expect(read).toBeLessThanOrEqual(latency_ms * 1.2501 + 1);
  }
  expect(percentile(emptyHistogram, 0.5)).toBeNull();
});

test.each([
  [512, 512, '1K'],
  [1024, 1024, '1K'],
  [1536, 1024, '1K'],
  [2048, 2048, '2K'],
  [2560, 1440, '2K'],
  [4096, 4096, '4K'],
  [3840, 2160, '2K'],
])('%ix%i is of size %s', (width, height, size_class) => {
  expect(sizeClassOf({ width, height })).toBe(size_class);
});
