import { expect, test } from 'vitest';
import { nextRetryMs, retryDelays_ms } from './retry-schedule.ts';

const seconds = (tries: number, chance = 0.5): number | null => {
  const delay_ms = nextRetryMs(tries, chance);
  return delay_ms === null ? null : delay_ms / 1000;
};

test.each([
  [1, 5],
  [2, 30],
  [3, 120],
  [4, 600],
  [5, 1800],
  [6, 3600],
  [7, 10_800],
  [8, 21_600],
  [9, 43_200],
  [10, null],
  [11, null],
])('after %i failed tries the next follows in %s seconds', (tries, delay_s) => {
  expect(seconds(tries)).toBe(delay_s);
});

test('chance moves it by a tenth to either side', () => {
  expect(seconds(4, 0)).toBe(540);
  expect(seconds(4, 1)).toBe(660);
});

test('the last try comes within about a day', () => {
  const hours = retryDelays_ms.reduce((sum, delay_ms) => sum + delay_ms, 0) / 3_600_000;
  expect(hours).toBeGreaterThan(22);
  expect(hours * 1.1).toBeLessThan(25);
});
