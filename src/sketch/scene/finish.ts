import type { Canvas } from '../raster/canvas.ts';
import { grainAt } from './form.ts';
import { clampedCurve } from './styles/curves.ts';

export interface GradeOptions {
  /** Darkening of the corners, 0 .. 1. */
  readonly vignette: number;
  /** Speckle, in tones of 256. */
  readonly grain: number;
  /** Contrast around the middle, 0 = none. */
  readonly contrast: number;
  /** 1 = as painted, 0 = grey. */
  readonly saturation: number;
  /** Added to red, green and blue of shadows and of lights (split toning). */
  readonly shadows?: readonly [number, number, number];
  readonly lights?: readonly [number, number, number];
}

/** One pass over the picture: curve, saturation, split tone, vignette, grain. */
export function grade(canvas: Canvas, options: GradeOptions): void {
  const { width, height, data } = canvas;
  const shadows = options.shadows ?? [0, 0, 0];
  const lights = options.lights ?? [0, 0, 0];
  const curves = [0, 1, 2].map((channel) =>
    clampedCurve(options.contrast, shadows[channel] ?? 0, lights[channel] ?? 0),
  );
  const [red, green, blue] = curves as [Int16Array, Int16Array, Int16Array]; // three channels, three curves
  const keep = Math.round(options.saturation * 256);
  const grainScale = Math.round((options.grain / 128) * 256);
  const across = new Float32Array(width);
  for (let x = 0; x < width; x++) across[x] = ((x + 0.5) / width - 0.5) ** 2 * 4;
  for (let y = 0; y < height; y++) {
    const down = ((y + 0.5) / height - 0.5) ** 2 * 4;
    for (let x = 0; x < width; x++) {
      const i = (y * width + x) << 2;
      const r0 = red[data[i] ?? 0] ?? 0;
      const g0 = green[data[i + 1] ?? 0] ?? 0;
      const b0 = blue[data[i + 2] ?? 0] ?? 0;
      const luma = (r0 * 54 + g0 * 183 + b0 * 19) >> 8;
      const far = ((across[x] ?? 0) + down) * 0.5;
      const dim = 256 - ((far * far * options.vignette * 256) | 0);
      const speck = (grainAt(x, y) * grainScale) >> 8;
      const r = (((luma + (((r0 - luma) * keep) >> 8)) * dim) >> 8) + speck;
      const g = (((luma + (((g0 - luma) * keep) >> 8)) * dim) >> 8) + speck;
      const b = (((luma + (((b0 - luma) * keep) >> 8)) * dim) >> 8) + speck;
      data[i] = r < 0 ? 0 : r > 255 ? 255 : r;
      data[i + 1] = g < 0 ? 0 : g > 255 ? 255 : g;
      data[i + 2] = b < 0 ? 0 : b > 255 ? 255 : b;
    }
  }
}
