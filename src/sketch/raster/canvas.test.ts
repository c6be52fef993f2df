import { describe, expect, it } from 'vitest';
import { Canvas, fillContours } from './canvas.ts';
import { Mask } from './mask.ts';
import { linear, radial, solid } from './paint.ts';
import { blob, ellipse, rectangle, reversed, roundedRectangle, star, strokeLine } from './shapes.ts';

const redAt = (canvas: Canvas, x: number, y: number): number => canvas.data[(y * canvas.width + x) * 4] ?? -1;

describe('fillContours', () => {
  it('covers whole pixels fully and half pixels by half', () => {
    const canvas = new Canvas(4, 4, 0x000000);
    fillContours(canvas, [rectangle(1, 1, 1.5, 2)], solid(0xff0000));
    expect([0, 1, 2, 3].map((x) => redAt(canvas, x, 1))).toEqual([0, 255, 128, 0]);
    expect([0, 1, 2, 3].map((y) => redAt(canvas, 1, y))).toEqual([0, 255, 255, 0]);
  });

  it('joins overlapping contours that turn the same way and cuts holes by those that turn back', () => {
    const canvas = new Canvas(8, 8, 0x000000);
    fillContours(canvas, [rectangle(0, 0, 5, 5), rectangle(3, 3, 5, 5)], solid(0xff0000));
    expect(redAt(canvas, 4, 4)).toBe(255);
    const holed = new Canvas(8, 8, 0x000000);
    fillContours(holed, [rectangle(0, 0, 8, 8), reversed(rectangle(2, 2, 4, 4))], solid(0xff0000));
    expect([redAt(holed, 0, 0), redAt(holed, 4, 4)]).toEqual([255, 0]);
  });

  it('covers the area of an ellipse', () => {
    const canvas = new Canvas(100, 100, 0x000000);
    fillContours(canvas, [ellipse(50, 50, 30, 20)], solid(0xff0000));
    let sum = 0;
    for (let i = 0; i < canvas.data.length; i += 4) sum += (canvas.data[i] ?? 0) / 255;
    expect(sum / (Math.PI * 600)).toBeCloseTo(1, 2);
  });

  it('keeps to the frame whatever the shape', () => {
    const canvas = new Canvas(16, 16, 0x000000);
    const wild = [
      ellipse(-40, 8, 50),
      star(8, 8, 400, 5),
      blob([-9, -9, 90, 4, 3, 99]),
      roundedRectangle(-5, -5, 40, 40, 9),
    ];
    for (const shape of wild)
      fillContours(
        canvas,
        [shape],
        radial(8, 8, 10, [
          [0, 0xffffff],
          [1, 0xff0000],
        ]),
      );
    fillContours(
      canvas,
      strokeLine([-50, 3, 60, 12], [8, 0]),
      linear(0, 0, 16, 0, [
        [0, 0xff0000],
        [1, 0xff0000, 0],
      ]),
    );
    fillContours(canvas, [Float32Array.of(NaN, 1, 2, 3, 4, 5)], solid(0));
    expect(canvas.data.length).toBe(16 * 16 * 4);
    expect(redAt(canvas, 8, 8)).toBeGreaterThan(200);
  });

  it.each([
    ['multiply', 0x804020, 0x808080, 64],
    ['screen', 0x804020, 0x808080, 192],
    ['add', 0x804020, 0xffffff, 255],
    ['overlay', 0x404020, 0x808080, 64],
    ['soft-light', 0x808080, 0x808080, 128],
  ] as const)('blends by %s', (blend, below, above, red) => {
    const canvas = new Canvas(2, 2, below);
    fillContours(canvas, [rectangle(0, 0, 2, 2)], solid(above), { blend });
    expect(Math.abs(redAt(canvas, 0, 0) - red)).toBeLessThanOrEqual(1);
  });

  it('paints only inside a clip', () => {
    const canvas = new Canvas(8, 8, 0x000000);
    const clip = new Mask([rectangle(2, 2, 3, 3)], 8, 8);
    fillContours(canvas, [rectangle(0, 0, 8, 8)], solid(0xff0000), { clip });
    expect([redAt(canvas, 1, 3), redAt(canvas, 3, 3), redAt(canvas, 5, 3), redAt(canvas, 3, 6)]).toEqual([
      0, 255, 0, 0,
    ]);
  });
});
