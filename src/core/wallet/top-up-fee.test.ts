import { expect, test } from 'vitest';
import { topUpFee } from './top-up-fee.ts';

test.each([
  [10_000_000, 500, 500_000],
  [1, 500, 100],
  [123_456, 500, 6_200],
  [2_000, 500, 100],
  [2_001, 500, 200],
  [10_000_000, 0, 0],
  [10_000_000, 250, 250_000],
  // Exact where a product of numbers would not be.
  [900_000_000_000_001, 9_999, 899_910_000_000_100],
])('on %i micro-dollars at %i basis points: %i', (amount, basis_points, fee) => {
  expect(topUpFee(amount, basis_points)).toBe(fee);
});
