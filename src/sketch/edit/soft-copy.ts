import type { Pixels } from '../../contracts/media.ts';
import { Canvas } from '../raster/canvas.ts';

/**
 * A blurred copy that is read a row at a time. Wide blurs are kept small (a sigma of 8 px has no detail that a third of the
 * pixels cannot hold), so a blur of a 4096 px picture costs little more than reading it.
 */
export interface SoftCopy {
  /** Writes RGB (three bytes a pixel) of row `y` at full width. */
  readRow(y: number, out: Uint8ClampedArray): void;
}

export function softCopy(source: Pixels, sigma_px: number): SoftCopy {
  const factor = Math.max(1, Math.floor(sigma_px / 2));
  const small = shrink(source, factor);
  boxBlur(small, sigma_px / factor);
  return enlarged(small, source.width, source.height);
}

/** Averages squares of `factor` px; the last row and column may average fewer. */
export function shrink(source: Pixels, factor: number): Canvas {
  if (factor <= 1) return new Canvas(source.width, source.height, source.data.slice());
  const width = Math.ceil(source.width / factor);
  const height = Math.ceil(source.height / factor);
  const canvas = new Canvas(width, height);
  const data = source.data;
  const sums = new Float64Array(width * 3);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    const bottom = Math.min(source.height, (y + 1) * factor);
    for (let sourceY = y * factor; sourceY < bottom; sourceY++) {
      let at = sourceY * source.width * 4;
      for (let x = 0; x < width; x++) {
        const run = Math.min(factor, source.width - x * factor);
        let r = 0;
        let g = 0;
        let b = 0;
        for (let i = 0; i < run; i++, at += 4) {
          r += data[at] ?? 0;
          g += data[at + 1] ?? 0;
          b += data[at + 2] ?? 0;
        }
        const to = x * 3;
        sums[to] = (sums[to] ?? 0) + r / run;
        sums[to + 1] = (sums[to + 1] ?? 0) + g / run;
        sums[to + 2] = (sums[to + 2] ?? 0) + b / run;
      }
    }
    const rows = bottom - y * factor;
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * 4;
      canvas.data[to] = (sums[x * 3] ?? 0) / rows + 0.5;
      canvas.data[to + 1] = (sums[x * 3 + 1] ?? 0) / rows + 0.5;
      canvas.data[to + 2] = (sums[x * 3 + 2] ?? 0) / rows + 0.5;
    }
  }
  return canvas;
}

/** A copy whose longer side is at most `side_px_max`, and by how much it was reduced. */
export function thumbnail(source: Pixels, side_px_max: number): { readonly small: Canvas; readonly factor: number } {
  const factor = Math.max(1, Math.ceil(Math.max(source.width, source.height) / side_px_max));
  return { small: shrink(source, factor), factor };
}

/** Three box blurs one after another are within 3 % of a Gaussian. */
export function boxBlur(canvas: Canvas, sigma_px: number): void {
  const ideal = Math.sqrt(4 * sigma_px * sigma_px + 1);
  const radius = Math.max(0, Math.round((ideal - 1) / 2));
  if (radius === 0) return;
  for (let pass = 0; pass < 3; pass++) {
    blurAcross(canvas, radius);
    blurDown(canvas, radius);
  }
}

function blurAcross({ width, height, data }: Canvas, radius: number): void {
  const row = new Uint8Array(width * 4);
  const scale = 1 / (2 * radius + 1);
  const last = (width - 1) * 4;
  for (let y = 0; y < height; y++) {
    const base = y * width * 4;
    row.set(data.subarray(base, base + width * 4));
    for (let channel = 0; channel < 3; channel++) {
      const first = row[channel] ?? 0;
      const end = row[last + channel] ?? 0;
      let sum = first * (radius + 1);
      for (let i = 1; i <= radius; i++) sum += row[Math.min(i * 4, last) + channel] ?? 0;
      let enter = (radius + 1) * 4 + channel;
      let leave = channel - radius * 4;
      for (let at = channel; at <= last + channel; at += 4, enter += 4, leave += 4) {
        data[base + at] = sum * scale + 0.5;
        sum += (enter > last + channel ? end : (row[enter] ?? 0)) - (leave < 0 ? first : (row[leave] ?? 0));
      }
    }
  }
}

/** Row by row with a running sum for each column, since walking down columns misses the cache at every step. */
function blurDown({ width, height, data }: Canvas, radius: number): void {
  const stride = width * 4;
  const scale = 1 / (2 * radius + 1);
  const rowOf = (y: number) => data.subarray(y * stride, (y + 1) * stride);
  const top = rowOf(0).slice();
  const bottom = rowOf(height - 1).slice();
  // Rows that were overwritten but are still to leave the sum.
  const kept = Array.from({ length: radius + 1 }, () => new Uint8Array(stride));
  const sums = new Int32Array(stride);
  for (let i = 0; i < stride; i++) sums[i] = (top[i] ?? 0) * (radius + 1);
  for (let y = 1; y <= radius; y++) {
    const row = y < height ? rowOf(y) : bottom;
    for (let i = 0; i < stride; i++) sums[i] = (sums[i] ?? 0) + (row[i] ?? 0);
  }
  for (let y = 0; y < height; y++) {
    const row = rowOf(y);
    const enter = y + radius + 1 < height ? rowOf(y + radius + 1) : bottom;
    const leave = y - radius >= 0 ? (kept[(y - radius) % (radius + 1)] ?? top) : top;
    kept[y % (radius + 1)]?.set(row);
    for (let i = 0; i < stride; i++) {
      row[i] = (sums[i] ?? 0) * scale + 0.5;
      sums[i] = (sums[i] ?? 0) + (enter[i] ?? 0) - (leave[i] ?? 0);
    }
  }
}

/** Reads a small picture at `width` x `height` px, bilinearly. */
export function enlarged(small: Pixels, width: number, height: number): SoftCopy {
  const scaleX = small.width / width;
  const scaleY = small.height / height;
  const lefts = new Int32Array(width);
  const shares = new Float32Array(width);
  for (let x = 0; x < width; x++) {
    const place = Math.max(0, Math.min(small.width - 1, (x + 0.5) * scaleX - 0.5));
    const left = Math.min(Math.max(0, small.width - 2), Math.floor(place));
    lefts[x] = left * 3;
    shares[x] = place - left;
  }
  const line = new Float32Array((small.width + 1) * 3);
  return {
    readRow(y, out) {
      const place = Math.max(0, Math.min(small.height - 1, (y + 0.5) * scaleY - 0.5));
      const top = Math.floor(place);
      const share = place - top;
      let upper = top * small.width * 4;
      let lower = Math.min(small.height - 1, top + 1) * small.width * 4;
      const data = small.data;
      const end = small.width * 3;
      for (let i = 0; i < end; i += 3, upper += 4, lower += 4) {
        for (let channel = 0; channel < 3; channel++) {
          const value = data[upper + channel] ?? 0;
          line[i + channel] = value + ((data[lower + channel] ?? 0) - value) * share;
        }
      }
      if (scaleX === 1) {
        out.set(line.subarray(0, width * 3));
        return;
      }
      for (let x = 0, to = 0; x < width; x++, to += 3) {
        const left = lefts[x] ?? 0;
        const part = shares[x] ?? 0;
        const r = line[left] ?? 0;
        const g = line[left + 1] ?? 0;
        const b = line[left + 2] ?? 0;
        out[to] = r + ((line[left + 3] ?? 0) - r) * part;
        out[to + 1] = g + ((line[left + 4] ?? 0) - g) * part;
        out[to + 2] = b + ((line[left + 5] ?? 0) - b) * part;
      }
    },
  };
}
