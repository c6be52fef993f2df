import type { Pixels } from '../../contracts/media.ts';
import type { Canvas } from '../raster/canvas.ts';
import { thumbnail } from './soft-copy.ts';

/** Mean and deviation of light, red against green, and yellow against blue. */
interface Palette {
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
}

/**
 * Gives a picture the colours of another: each axis of an opponent space is shifted and stretched so that mean and deviation agree
 * (Reinhard et al. 2001, in a linear opponent space instead of l-alpha-beta).
 */
export function transferPalette(canvas: Canvas, from: Pixels, strength = 0.9): void {
  const own = paletteOf(canvas);
  const wanted = paletteOf(from);
  const { data } = canvas;
  const out = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  // Light is stretched less than colour, or a picture with little contrast would flatten the other.
  const limits = [1.35, 2.2, 2.2];
  const gain = own.deviation.map((deviation, axis) =>
    Math.min(limits[axis] ?? 1, Math.max(0.6, (wanted.deviation[axis] ?? 1) / Math.max(2, deviation))),
  );
  for (let at = 0; at < data.length; at += 4) {
    const r = data[at] ?? 0;
    const g = data[at + 1] ?? 0;
    const b = data[at + 2] ?? 0;
    const light = ((r + g + b) / 3 - own.mean[0]) * (gain[0] ?? 1) + wanted.mean[0] * 0.75 + own.mean[0] * 0.25;
    const red = (r - g - own.mean[1]) * (gain[1] ?? 1) + wanted.mean[1];
    const yellow = ((r + g) / 2 - b - own.mean[2]) * (gain[2] ?? 1) + wanted.mean[2];
    const blue = light - (2 * yellow) / 3;
    const half = light + yellow / 3;
    out[at] = r + (half + red / 2 - r) * strength;
    out[at + 1] = g + (half - red / 2 - g) * strength;
    out[at + 2] = b + (blue - b) * strength;
  }
}

function paletteOf(picture: Pixels): Palette {
  const { small } = thumbnail(picture, 200);
  const sums = [0, 0, 0];
  const squares = [0, 0, 0];
  const count = small.words.length;
  for (let at = 0; at < small.data.length; at += 4) {
    const r = small.data[at] ?? 0;
    const g = small.data[at + 1] ?? 0;
    const b = small.data[at + 2] ?? 0;
    [(r + g + b) / 3, r - g, (r + g) / 2 - b].forEach((value, axis) => {
      sums[axis] = (sums[axis] ?? 0) + value;
      squares[axis] = (squares[axis] ?? 0) + value * value;
    });
  }
  const mean = sums.map((sum) => sum / count);
  const deviation = squares.map((sum, axis) => Math.sqrt(Math.max(0, sum / count - (mean[axis] ?? 0) ** 2)));
  // Three axes in, three out.
  return { mean: mean as unknown as Palette['mean'], deviation: deviation as unknown as Palette['deviation'] };
}
