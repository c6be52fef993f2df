import { fillContours } from '../../raster/canvas.ts';
import { Field } from '../../raster/field.ts';
import { shader } from '../../raster/paint.ts';
import { rectangle } from '../../raster/shapes.ts';
import type { Stage } from '../stage.ts';

/** Glowing gas in two colours over the dark, by warped noise. */
export function paintNebula(stage: Stage, first: number, second: number, strength: number): void {
  const { width, height, noise } = stage;
  const random = stage.random.fork('nebula');
  const [a, b] = [random.between(0, 8), random.between(0, 8)];
  const box = { left: 0, top: 0, width, height };
  const spread = width / height;
  const cloud = (u: number, v: number, shift: number): number => {
    const warp = noise.at(u * spread * 1.5 + a + shift, v * 1.5 + b) - 0.5;
    const value = noise.at(u * spread * 2.2 + warp * 2.4 + a, v * 2.2 + warp * 2 + b + shift) - 0.44;
    return Math.max(0, Math.min(1, value * 3.6));
  };
  for (const [color, shift] of [
    [first, 0],
    [second, 3.1],
  ] as const) {
    const field = new Field(box, 160, (u, v) => cloud(u, v, shift));
    const row = new Float32Array(width);
    const paint = shader((y, x0, x1, out) => {
      field.row(y, x0, x1, row);
      for (let i = 0; i < x1 - x0; i++) {
        out[i * 4] = color >> 16;
        out[i * 4 + 1] = color >> 8;
        out[i * 4 + 2] = color;
        out[i * 4 + 3] = (row[i] ?? 0) * 255 * strength;
      }
    });
    fillContours(stage.canvas, [rectangle(0, 0, width, height)], paint, { blend: 'screen' });
  }
}
