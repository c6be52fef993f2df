import type { BlendMode } from './blend-span.ts';
import type { Canvas } from './canvas.ts';
import { fillContours } from './canvas.ts';
import type { Color } from './color.ts';
import { radial } from './paint.ts';
import { rectangle } from './shapes.ts';

/** A soft round light (screen) or shadow (multiply) that fades to nothing at `radius`. `squash` is height over width. */
export function softSpot(
  canvas: Canvas,
  x: number,
  y: number,
  radius: number,
  color: Color,
  strength: number,
  blend: BlendMode,
  squash = 1,
): void {
  const stops = [
    [0, color, strength],
    [0.25, color, strength * 0.62],
    [0.5, color, strength * 0.27],
    [0.75, color, strength * 0.07],
    [1, color, 0],
  ] as const;
  const box = rectangle(x - radius, y - radius * squash, radius * 2, radius * squash * 2);
  fillContours(canvas, [box], radial(x, y, radius, stops, squash), { blend });
}

export const glow = (canvas: Canvas, x: number, y: number, radius: number, color: Color, strength = 1): void =>
  softSpot(canvas, x, y, radius, color, strength, 'screen');

/** A contact shadow on the ground. */
export const castShadow = (
  canvas: Canvas,
  x: number,
  y: number,
  radius: number,
  strength = 0.6,
  squash = 0.3,
  color: Color = 0x1a1626,
): void => softSpot(canvas, x, y, radius, color, strength, 'multiply', squash);
