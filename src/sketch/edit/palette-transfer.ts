import type { Pixels } from '../../contracts/media.ts';
import type { Canvas } from '../raster/canvas.ts';
import { thumbnail } from './soft-copy.ts';

/** Mean and deviation of light, red against green, and yellow against blue. */
interface Palette {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
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
  const [ownLight = 0, ownRed = 0, ownYellow = 0] = own.mean;
  const [light0 = 0, red0 = 0, yellow0 = 0] = wanted.mean;
  const [lightGain = 1, redGain = 1, yellowGain = 1] = own.deviation.map((deviation, axis) =>
    Math.min(limits[axis] ?? 1, Math.max(0.6, (wanted.deviation[axis] ?? 1) / Math.max(2, deviation))),
  );
  for (let at = 0; at < data.length; at += 4) {
    const r = data[at] ?? 0;
    const g = data[at + 1] ?? 0;
    const b = data[at + 2] ?? 0;
    const light = ((r + g + b) / 3 - ownLight) * lightGain + light0 * 0.75 + ownLight * 0.25;
    const red = (r - g - ownRed) * redGain + red0;
    const yellow = ((r + g) / 2 - b - ownYellow) * yellowGain + yellow0;
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
  return { mean, deviation };
}
