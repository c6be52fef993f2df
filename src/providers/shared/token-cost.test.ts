import { expect, test } from 'vitest';
import { tokenCost } from './token-cost.ts';

const none = { text_in: 0, image_in: 0, text_out: 0, image_out: 0 };
const prices = { text_in: '5', image_in: '8', image_out: '30' };

test.each([
  [{ ...none }, 0],
  [{ ...none, text_in: 20, image_out: 1756 }, 52_780],
  [{ text_in: 1_000_000, image_in: 1_000_000, text_out: 0, image_out: 1_000_000 }, 43_000_000],
])('%j costs %i micro-dollars', (used, cost) => {
  expect(tokenCost(prices, used)).toBe(cost);
});

test('parts of a micro-dollar are rounded up once, over all kinds', () => {
  expect(tokenCost({ text_in: '0.3', image_out: '0.1' }, { ...none, text_in: 8, image_out: 1 })).toBe(3);
});

test('a kind that was used and has no price makes the whole unknown', () => {
  expect(tokenCost(prices, { ...none, text_out: 1 })).toBeNull();
  expect(tokenCost(undefined, { ...none, text_in: 1 })).toBeNull();
});
