import { expect, it } from 'vitest';
import { plainPixels } from '../../tests/media/make-pictures.ts';
import { compositeOutsideMask } from './composite-masked.ts';

const original = plainPixels(2, 1, [200, 100, 0, 255]);

it.each([
  [0, [0, 0, 100, 255]],
  [255, [200, 100, 0, 255]],
  [51, [40, 20, 80, 255]],
])('a mask alpha of %i', (alpha, expected) => {
  const edited = plainPixels(2, 1, [0, 0, 100, 255]);
  const result = compositeOutsideMask(original, edited, plainPixels(2, 1, [0, 0, 0, alpha]));
  expect(result).toBe(edited);
  expect([...result.data]).toEqual([...expected, ...expected]);
});

it('refuses pictures of different sizes', () => {
  const wide = plainPixels(3, 1, [0, 0, 0, 0]);
  expect(() => compositeOutsideMask(original, wide, wide)).toThrow(RangeError);
  expect(() => compositeOutsideMask(original, plainPixels(2, 1, [0, 0, 0, 0]), wide)).toThrow(RangeError);
});
