import { expect, test } from 'vitest';
import { coverResize, resample } from './resample.ts';
import { landscape, plain, statisticsOf } from './test-pictures.ts';

test('the same size is the same bytes', () => {
  const picture = landscape();
  const copy = coverResize(picture, picture.width, picture.height);
  expect(copy.data).toEqual(picture.data);
  expect(copy.data).not.toBe(picture.data);
});

test.each([
  [7, 5],
  [64, 64],
  [500, 333],
])('one colour stays one colour at %i x %i', (width, height) => {
  const { data } = coverResize(plain(0x3366cc, 100, 80), width, height);
  for (let at = 0; at < data.length; at += 4) {
    expect([data[at], data[at + 1], data[at + 2], data[at + 3]]).toEqual([0x33, 0x66, 0xcc, 255]);
  }
});

test('reducing keeps the mean', () => {
  const picture = landscape(240, 240);
  const small = resample(picture, { x: 0, y: 0, width: 240, height: 240 }, 31, 31);
  expect(statisticsOf(small).luma).toBeCloseTo(statisticsOf(picture).luma, 0);
});

test('covering cuts the middle out', () => {
  const wide = landscape(400, 100);
  const square = coverResize(wide, 100, 100);
  expect(square.data.subarray(0, 4)).toEqual(wide.data.subarray(150 * 4, 150 * 4 + 4));
});
