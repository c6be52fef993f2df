import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverWithin, holds, nearestInLog, nearestWithin, type PixelRules, pixelsOf } from './pixels.ts';
import { parseRatio } from './shape.ts';

const none: PixelRules = {
  area_min: 1,
  area_max: 2 ** 32,
  side_min: 1,
  side_max: 65_536,
  multiple: 1,
  ratio_min: 0,
  ratio_max: Infinity,
};

describe('the table that users know', () => {
  test.each([
    ['4:3', 1183, 887],
    ['1:1', 1024, 1024],
    ['3:4', 887, 1182],
    ['2:3', 836, 1254],
    ['3:2', 1254, 836],
    ['9:16', 768, 1365],
    ['16:9', 1365, 768],
    ['21:9', 1563, 670],
  ])('%s at 1K is %dx%d', (ratio, width, height) => {
    expect(pixelsOf(Number(parseRatio(ratio)), 1)).toEqual({ width, height });
  });
});

test('"up to 4096x4096" is a limit of area: a wide picture shrinks by single pixels until it fits', () => {
  const rules = { ...none, area_max: 4096 * 4096 };
  for (const ratio of [4 / 3, 3 / 2, 16 / 9, 21 / 9, 3 / 4, 2 / 3, 9 / 16, 9 / 21, 7]) {
    const size = nearestWithin(pixelsOf(ratio, 4), rules);
    expect(size).not.toBeNull();
    const area = (size?.width ?? 0) * (size?.height ?? 0);
    expect(area).toBeLessThanOrEqual(4096 * 4096);
    expect(area).toBeGreaterThan(4096 * 4096 * 0.995);
  }
});

test('a side limit keeps the shape', () => {
  expect(nearestWithin(pixelsOf(16 / 9, 4), { ...none, side_max: 4096 })).toEqual({ width: 4096, height: 2304 });
});

test('a smallest side grows the picture', () => {
  expect(nearestWithin({ width: 1183, height: 887 }, { ...none, side_min: 1024 })).toEqual({
    width: 1366,
    height: 1024,
  });
});

test('multiples are met, and the limits with them', () => {
  const size = nearestWithin(pixelsOf(16 / 9, 1), { ...none, multiple: 16, area_max: 1024 * 1024 });
  expect(size).toEqual({ width: 1360, height: 768 });
});

test('the smallest cover of a small picture', () => {
  expect(coverWithin({ width: 512, height: 512 }, { ...none, area_min: 921_600 })).toEqual({ width: 960, height: 960 });
  expect(coverWithin({ width: 1920, height: 1080 }, { ...none, multiple: 16 })).toEqual({ width: 1920, height: 1088 });
  expect(coverWithin({ width: 969, height: 3005 }, { ...none, side_max: 3005 })).toEqual({ width: 969, height: 3005 });
  expect(coverWithin({ width: 5000, height: 5000 }, { ...none, side_max: 4096 })).toBeNull();
});

test('nearest in log space: 7:1 between 4:1 and 8:1 is 8:1, and a tie takes the larger', () => {
  expect(nearestInLog(7, [4, 8], Number)).toBe(8);
  expect(nearestInLog(2, [1, 4], Number)).toBe(4);
  expect(nearestInLog(2, [4, 1], Number)).toBe(4);
  expect(nearestInLog(0.5, [1, 2, 4], Number)).toBe(1);
});

const rulesArbitrary = fc.record({
  area_min: fc.integer({ min: 1, max: 1_000_000 }),
  area_max: fc.integer({ min: 1_500_000, max: 17_000_000 }),
  side_min: fc.integer({ min: 1, max: 512 }),
  side_max: fc.integer({ min: 2048, max: 8192 }),
  multiple: fc.constantFrom(1, 8, 16),
  ratio_min: fc.constantFrom(0, 1 / 3, 1 / 4, 1 / 16),
  ratio_max: fc.constantFrom(Infinity, 3, 4, 16),
});
const side = fc.integer({ min: 1, max: 6000 });

test('whatever is found holds', () => {
  fc.assert(
    fc.property(rulesArbitrary, side, side, (rules, width, height) => {
      const nearest = nearestWithin({ width, height }, rules);
      const cover = coverWithin({ width, height }, rules);
      expect(nearest === null || holds(nearest, rules)).toBe(true);
      expect(cover === null || (holds(cover, rules) && cover.width >= width && cover.height >= height)).toBe(true);
      if (holds({ width, height }, rules))
        expect([nearest, cover]).toEqual([
          { width, height },
          { width, height },
        ]);
    }),
    { numRuns: 150 },
  );
});
