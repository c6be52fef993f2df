import type { Pixels } from '../../contracts/media.ts';
import { Canvas } from '../raster/canvas.ts';

/** A part of a picture in its own pixels; fractions are allowed. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** For each output place: where its taps start in the source, and their weights, which sum to 1. */
interface Taps {
  readonly count: number;
  readonly starts: Int32Array;
  readonly weights: Float32Array;
}

/** Catmull-Rom, the interpolating cubic with a = -1/2 (Keys 1981). */
function cubic(distance: number): number {
  const d = Math.abs(distance);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  if (d < 2) return ((-0.5 * d + 2.5) * d - 4) * d + 2;
  return 0;
}

/** When reducing, the kernel widens by the factor, so that it averages instead of skipping pixels. */
function tapsOf(start: number, length: number, size: number, source: number): Taps {
  const step = length / size;
  const stretch = Math.max(1, step);
  const count = Math.ceil(2 * stretch) * 2 + 1;
  const starts = new Int32Array(size);
  const weights = new Float32Array(size * count);
  for (let at = 0; at < size; at++) {
    const middle = start + (at + 0.5) * step - 0.5;
    const first = Math.floor(middle - 2 * stretch) + 1;
    const from = Math.max(0, Math.min(source - count, first));
    starts[at] = from;
    let sum = 0;
    for (let tap = 0; tap < count; tap++) sum += cubic((first + tap - middle) / stretch);
    for (let tap = 0; tap < count; tap++) {
      const place = Math.max(0, Math.min(source - 1, first + tap)) - from;
      if (place >= 0 && place < count) {
        const index = at * count + place;
        weights[index] = (weights[index] ?? 0) + cubic((first + tap - middle) / stretch) / sum;
      }
    }
  }
  return { count, starts, weights };
}

/**
 * Resizes a region of a picture to `width` x `height` px. Separable; only as many widened rows as the vertical kernel
 * spans are held at a time, so memory is the result's. The whole picture at its own size comes back byte for byte.
 */
export function resample(source: Pixels, region: Region, width: number, height: number): Canvas {
  const whole = region.x === 0 && region.y === 0 && region.width === source.width && region.height === source.height;
  if (whole && width === source.width && height === source.height)
    return new Canvas(width, height, source.data.slice());
  const across = tapsOf(region.x, region.width, width, source.width);
  const down = tapsOf(region.y, region.height, height, source.height);
  const canvas = new Canvas(width, height);
  const out = new Uint8ClampedArray(canvas.data.buffer);
  const rows = Array.from({ length: down.count }, () => new Float32Array(width * 4));
  const held = new Int32Array(down.count).fill(-1);
  const sum = new Float32Array(width * 4);
  for (let y = 0; y < height; y++) {
    const first = down.starts[y] ?? 0;
    sum.fill(0);
    for (let tap = 0; tap < down.count; tap++) {
      const weight = down.weights[y * down.count + tap] ?? 0;
      if (weight === 0) continue;
      const sourceY = first + tap;
      const slot = sourceY % down.count;
      const row = rows[slot] ?? sum;
      if (held[slot] !== sourceY) {
        resampleRow(source, sourceY, across, row);
        held[slot] = sourceY;
      }
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (row[i] ?? 0) * weight;
    }
    writeRow(sum, out, y * width * 4);
  }
  return canvas;
}

/** Colours are weighed by alpha, so that what is transparent does not bleed into what is not. */
function resampleRow(source: Pixels, y: number, taps: Taps, row: Float32Array): void {
  const data = source.data;
  const base = y * source.width * 4;
  const { count, starts, weights } = taps;
  for (let x = 0; x < starts.length; x++) {
    let r = 0;
    let g = 0;
    let b = 0;
    let a = 0;
    let at = base + (starts[x] ?? 0) * 4;
    const end = x * count + count;
    for (let tap = x * count; tap < end; tap++) {
      const alpha = data[at + 3] ?? 0;
      const weight = (weights[tap] ?? 0) * (alpha === 255 ? 1 : alpha / 255);
      r += (data[at] ?? 0) * weight;
      g += (data[at + 1] ?? 0) * weight;
      b += (data[at + 2] ?? 0) * weight;
      a += weight;
      at += 4;
    }
    const to = x * 4;
    row[to] = r;
    row[to + 1] = g;
    row[to + 2] = b;
    row[to + 3] = a;
  }
}

function writeRow(sum: Float32Array, out: Uint8ClampedArray, base: number): void {
  for (let i = 0; i < sum.length; i += 4) {
    const a = sum[i + 3] ?? 0;
    const scale = a > 0.999 && a < 1.001 ? 1 : a <= 0.001 ? 0 : 1 / a;
    out[base + i] = (sum[i] ?? 0) * scale;
    out[base + i + 1] = (sum[i + 1] ?? 0) * scale;
    out[base + i + 2] = (sum[i + 2] ?? 0) * scale;
    out[base + i + 3] = a * 255;
  }
}

/** The largest centred region with the shape of `width` x `height`. `focus` moves it: 0 left or top, 1 right or bottom. */
export function coverRegion(source: Pixels, width: number, height: number, focus = { x: 0.5, y: 0.5 }): Region {
  const scale = Math.min(source.width / width, source.height / height);
  const w = width * scale;
  const h = height * scale;
  return { x: (source.width - w) * focus.x, y: (source.height - h) * focus.y, width: w, height: h };
}

/** Fills `width` x `height` with the picture, cutting what overhangs equally on both sides. */
export function coverResize(source: Pixels, width: number, height: number): Canvas {
  return resample(source, coverRegion(source, width, height), width, height);
}
