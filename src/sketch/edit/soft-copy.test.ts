import { expect, test } from 'vitest';
import { Canvas } from '../raster/canvas.ts';
import { boxBlur, enlarged, shrink, softCopy } from './soft-copy.ts';
import { landscape, plain, statisticsOf } from './test-pictures.ts';

/** A white pixel on black. */
function point(side: number): Canvas {
  const canvas = new Canvas(side, side, 0);
  canvas.words[Math.floor(side / 2) * side + Math.floor(side / 2)] = 0xffffffff;
  return canvas;
}

test('a blur is the same in both directions and keeps the light', () => {
  const canvas = point(41);
  for (let i = 0; i < 4; i++) canvas.data.fill(255, ((18 + i) * 41 + 18) * 4, ((18 + i) * 41 + 22) * 4);
  const before = statisticsOf(canvas).luma;
  boxBlur(canvas, 3);
  expect(statisticsOf(canvas).luma).toBeCloseTo(before, 0);
  for (let i = 0; i < 41; i++) {
    for (let j = 0; j < i; j++) {
      const mirrored = Math.abs((canvas.data[(i * 41 + j) * 4] ?? 0) - (canvas.data[(j * 41 + i) * 4] ?? 0));
      expect(mirrored).toBeLessThanOrEqual(2);
    }
  }
});

test.each([
  [1, 1],
  [3, 200],
  [200, 2],
])('one colour stays one colour, also at %i x %i px', (width, height) => {
  const canvas = new Canvas(width, height, 0x3366cc);
  boxBlur(canvas, 20);
  for (let at = 0; at < canvas.data.length; at += 4) {
    expect([canvas.data[at], canvas.data[at + 1], canvas.data[at + 2]]).toEqual([0x33, 0x66, 0xcc]);
  }
});

test('a soft copy has the size of its picture and less detail', () => {
  const picture = landscape(150, 90);
  const soft = softCopy(picture, 9);
  const canvas = new Canvas(150, 90);
  const row = new Uint8ClampedArray(150 * 3);
  for (let y = 0; y < 90; y++) {
    soft.readRow(y, row);
    for (let x = 0; x < 150; x++) canvas.data.set(row.subarray(x * 3, x * 3 + 3), (y * 150 + x) * 4);
  }
  expect(statisticsOf(canvas).luma).toBeCloseTo(statisticsOf(picture).luma, -1);
  expect(statisticsOf(canvas).detail).toBeLessThan(statisticsOf(picture).detail * 0.2);
});

test('shrinking averages, and reads back as it was', () => {
  const small = shrink(plain(0x112233, 50, 31), 7);
  expect([small.width, small.height]).toEqual([8, 5]);
  const row = new Uint8ClampedArray(150);
  enlarged(small, 50, 31).readRow(30, row);
  expect([...row.subarray(0, 3), ...row.subarray(147)]).toEqual([0x11, 0x22, 0x33, 0x11, 0x22, 0x33]);
});
