import { expect, test } from 'vitest';
import { goDuration, rateHeaders } from './rate-headers.ts';

test.each([
  [0, '0s'],
  [11.2, '12ms'],
  [999.5, '1s'],
  [1000, '1s'],
  [1500, '1.5s'],
  [59_999, '59.999s'],
  [360_000, '6m0s'],
  [3_661_001, '1h1m1.001s'],
])('%d ms is %s', (milliseconds, text) => {
  expect(goDuration(milliseconds)).toBe(text);
});

test('each kind of limit has its three headers', () => {
  expect(rateHeaders([{ unit: 'requests', per_minute: 60, remaining: 59, reset_ms: 1000 }])).toEqual({
    'x-ratelimit-limit-requests': '60',
    'x-ratelimit-remaining-requests': '59',
    'x-ratelimit-reset-requests': '1s',
  });
  expect(rateHeaders([])).toEqual({});
});
