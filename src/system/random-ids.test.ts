import { expect, test } from 'vitest';
import { createRandomIds } from './random-ids.ts';

test('an id is its prefix and 26 letters that say all 128 bits', () => {
  const of = (fill: number): string => createRandomIds((count) => new Uint8Array(count).fill(fill)).next('img');
  expect(of(0)).toBe(`img_${'0'.repeat(26)}`);
  expect(of(255)).toBe(`img_${'z'.repeat(25)}w`);
});

test('ids differ', () => {
  const ids = createRandomIds();
  const made = new Set(Array.from({ length: 1000 }, () => ids.next('x')));
  expect(made.size).toBe(1000);
});
