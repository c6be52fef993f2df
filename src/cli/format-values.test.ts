import { expect, test } from 'vitest';
import { formatBytes, formatCost, formatSeconds } from './format-values.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [1_234_567, '1.2 MB'],
  [999_600, '1.0 MB'],
  [24_300_000_000, '24.3 GB'],
  [311_000, '311 kB'],
])('%i bytes is %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, 'free'],
  [30_000, '$0.03'],
  [1_234, '$0.001234'],
  [1, '$0.000001'],
  [1_500_000, '$1.50'],
  [12_000_000, '$12.00'],
])('%i micro-dollars is %s', (micros, text) => {
  expect(formatCost(micros)).toBe(text);
});

test.each([
  [412, '0.41 s'],
  [12_345, '12.3 s'],
])('%i ms is %s', (milliseconds, text) => {
  expect(formatSeconds(milliseconds)).toBe(text);
});
