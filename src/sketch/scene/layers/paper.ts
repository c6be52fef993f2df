import { fillContours, wordOf } from '../../raster/canvas.ts';
import type { Color } from '../../raster/color.ts';
import { mix } from '../../raster/color.ts';
import { Field } from '../../raster/field.ts';
import { shader } from '../../raster/paint.ts';
import { rectangle } from '../../raster/shapes.ts';
import { grainAt } from '../form.ts';
import type { Stage } from '../stage.ts';

/** A sheet of one colour with the tooth of paper; `wear` darkens it unevenly towards the edges. */
export function paintPaper(stage: Stage, color: Color, wear: number): void {
  const { width, height, noise } = stage;
  const field = new Field({ left: 0, top: 0, width, height }, 120, (u, v) => {
    const edge = Math.max(Math.abs(u - 0.5), Math.abs(v - 0.5)) * 2;
    return (noise.at(u * 6, v * 6) - 0.5) * wear * 1.2 + edge ** 3 * wear;
  });
  const tones = Uint32Array.from({ length: 64 }, (_, i) =>
    wordOf(
      i < 32 ? mix(mix(color, 0xffffff, 0.6), color, i / 32) : mix(color, mix(color, 0x5a3a20, 0.5), (i - 32) / 32),
    ),
  );
  const row = new Float32Array(width);
  let words: Uint32Array = new Uint32Array(0);
  const paint = shader((y, x0, x1, out) => {
    if (words.buffer !== out.buffer) words = new Uint32Array(out.buffer, 0, out.length >> 2);
    field.row(y, x0, x1, row);
    for (let i = 0; i < x1 - x0; i++) {
      const tone = 32 + (row[i] ?? 0) * 32 + grainAt(x0 + i, y) * 0.03 * wear;
      words[i] = tones[tone < 0 ? 0 : tone > 63 ? 63 : tone | 0] ?? 0;
    }
  });
  fillContours(stage.canvas, [rectangle(0, 0, width, height)], paint);
}
