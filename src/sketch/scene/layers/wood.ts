import { fillContours, wordOf } from '../../raster/canvas.ts';
import type { Color } from '../../raster/color.ts';
import { mix, multiplyColors } from '../../raster/color.ts';
import { Field } from '../../raster/field.ts';
import { linear, shader } from '../../raster/paint.ts';
import { rectangle } from '../../raster/shapes.ts';
import { grainAt } from '../form.ts';
import type { Stage } from '../stage.ts';

/** A table top of boards from `top` to the bottom edge: grain along the boards, wider apart towards the viewer. */
export function paintGrain(stage: Stage, top: number, color: Color): void {
  const { width, height, noise, light } = stage;
  const body = multiplyColors(color, light.tint);
  const tones = Uint32Array.from({ length: 64 }, (_, i) =>
    wordOf(
      i < 32 ? mix(multiplyColors(body, 0x6a5048), body, i / 32) : mix(body, mix(body, light.lit, 0.4), (i - 32) / 32),
    ),
  );
  const box = { left: 0, top, width, height: height - top };
  const spread = width / stage.mean;
  const field = new Field(box, 360, (u, v) => {
    const depth = 1 / (0.35 + v * 0.65);
    const x = (u - 0.5) * spread * depth;
    const board = Math.floor(depth * 5.2);
    const seam = depth * 5.2 - board;
    const ring = noise.at(x * 0.8 + board * 2.7, depth * 9 + board);
    const fine = noise.at(x * 1.6 + board, depth * 40);
    return (
      0.5 +
      (ring - 0.5) * 0.5 +
      (fine - 0.5) * 0.55 +
      (((board * 37) % 11) / 11 - 0.5) * 0.16 -
      (seam < 0.05 ? 0.24 : 0)
    );
  });
  const row = new Float32Array(width);
  let words: Uint32Array = new Uint32Array(0);
  const paint = shader((y, x0, x1, out) => {
    if (words.buffer !== out.buffer) words = new Uint32Array(out.buffer, 0, out.length >> 2);
    field.row(y, x0, x1, row);
    for (let i = 0; i < x1 - x0; i++) {
      const tone = (row[i] ?? 0) * 64 + grainAt(x0 + i, y) * 0.02;
      words[i] = tones[tone < 0 ? 0 : tone > 63 ? 63 : tone | 0] ?? 0;
    }
  });
  fillContours(stage.canvas, [rectangle(0, top, width, height - top)], paint);
  const side = light.x < 0 ? 0 : width;
  const fall = linear(side, top, width - side, height, [
    [0, 0xfff0d0, 0.28],
    [0.4, 0xfff0d0, 0.02],
    [0.6, 0x140a14, 0.05],
    [1, 0x140a14, 0.45],
  ]);
  fillContours(stage.canvas, [rectangle(0, top, width, height - top)], fall);
}
