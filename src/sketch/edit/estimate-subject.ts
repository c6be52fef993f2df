import type { Pixels } from '../../contracts/media.ts';
import { type RegionRow, regionReader } from './region-reader.ts';
import { thumbnail } from './soft-copy.ts';

export interface SubjectEstimate {
  /** How much each pixel of a row is what stands in front, 0 .. 255. */
  readonly readRow: RegionRow;
  /** Bounds as shares of width and height. */
  readonly bounds: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
  /** False when the picture gave no hint, and an oval in the middle stands in. */
  readonly found: boolean;
}

/** A neighbour this close continues the background. */
const smoothStep = 16;
/** And it stays this close to a colour that the upper and side borders have. */
const borderLikeness = 52;

/**
 * What stands in front: the picture's own transparency when it has any; else what a flood of the border's colours from the border
 * does not reach. A busy background cannot be told apart this way: then it is an oval with soft edges.
 */
export function estimateSubject(picture: Pixels): SubjectEstimate {
  const alpha = subjectOfAlpha(picture);
  if (alpha !== undefined) return alpha;
  const { small } = thumbnail(picture, 288);
  const { width, height, data } = small;
  const behind = floodFromBorder(data, width, height);
  let count = 0;
  const bounds = { left: width, top: height, right: 0, bottom: 0 };
  for (let at = 0; at < behind.length; at++) {
    if (behind[at] === 1) continue;
    count++;
    bounds.left = Math.min(bounds.left, at % width);
    bounds.right = Math.max(bounds.right, at % width);
    bounds.top = Math.min(bounds.top, Math.floor(at / width));
    bounds.bottom = Math.max(bounds.bottom, Math.floor(at / width));
  }
  const share = count / behind.length;
  if (share < 0.02 || share > 0.8) return ovalSubject(picture);
  const readBehind = regionReader(picture, small, behind);
  return {
    found: true,
    bounds: {
      left: bounds.left / width,
      top: bounds.top / height,
      right: (bounds.right + 1) / width,
      bottom: (bounds.bottom + 1) / height,
    },
    readRow: (y, source, out) => {
      readBehind(y, source, out);
      for (let x = 0; x < source.width; x++) out[x] = 255 - (out[x] ?? 0);
    },
  };
}

function floodFromBorder(data: Uint8Array, width: number, height: number): Uint8Array {
  const palette = borderColours(data, width, height);
  const near = (at: number) => palette.some((color) => difference(data, at * 4, color, 0) < borderLikeness);
  const behind = new Uint8Array(width * height);
  const queue = new Int32Array(width * height);
  let tail = 0;
  const enter = (at: number) => {
    if (behind[at] === 1 || !near(at)) return;
    behind[at] = 1;
    queue[tail++] = at;
  };
  for (let x = 0; x < width; x++) enter(x);
  for (let y = 0; y < height * 0.85; y++) {
    enter(y * width);
    enter(y * width + width - 1);
  }
  for (let head = 0; head < tail; head++) {
    const at = queue[head] ?? 0;
    const x = at % width;
    for (const next of [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width]) {
      if (next < 0 || next >= behind.length) continue;
      if (difference(data, at * 4, data, next * 4) <= smoothStep) enter(next);
    }
  }
  return behind;
}

/** The colours of the upper and side borders, each kept when no kept one is near it; at most eight. */
function borderColours(data: Uint8Array, width: number, height: number): Uint8Array[] {
  const counts: { color: Uint8Array; count: number }[] = [];
  const add = (at: number) => {
    const known = counts.find(({ color }) => difference(data, at * 4, color, 0) < 28);
    if (known !== undefined) known.count++;
    else counts.push({ color: data.slice(at * 4, at * 4 + 3), count: 1 });
  };
  for (let x = 0; x < width; x++) add(x);
  for (let y = 1; y < height * 0.85; y++) {
    add(y * width);
    add(y * width + width - 1);
  }
  return counts
    .sort((a, b) => b.count - a.count)
    .slice(0, 8)
    .map(({ color }) => color);
}

function difference(a: Uint8Array, atA: number, b: Uint8Array, atB: number): number {
  return Math.max(
    Math.abs((a[atA] ?? 0) - (b[atB] ?? 0)),
    Math.abs((a[atA + 1] ?? 0) - (b[atB + 1] ?? 0)),
    Math.abs((a[atA + 2] ?? 0) - (b[atB + 2] ?? 0)),
  );
}

function subjectOfAlpha(picture: Pixels): SubjectEstimate | undefined {
  const { width, height, data } = picture;
  const bounds = { left: 1, top: 1, right: 0, bottom: 0 };
  let clear = 0;
  const step = Math.max(1, Math.floor(Math.max(width, height) / 512));
  let seen = 0;
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) {
      seen++;
      if ((data[(y * width + x) * 4 + 3] ?? 255) < 128) {
        clear++;
        continue;
      }
      bounds.left = Math.min(bounds.left, x / width);
      bounds.right = Math.max(bounds.right, (x + step) / width);
      bounds.top = Math.min(bounds.top, y / height);
      bounds.bottom = Math.max(bounds.bottom, (y + step) / height);
    }
  }
  if (clear < seen * 0.02 || clear === seen) return undefined;
  return {
    found: true,
    bounds,
    readRow: (y, source, out) => {
      for (let x = 0; x < source.width; x++) out[x] = source.data[(y * source.width + x) * 4 + 3] ?? 255;
    },
  };
}

function ovalSubject(picture: Pixels): SubjectEstimate {
  return {
    found: false,
    bounds: { left: 0.16, top: 0.1, right: 0.84, bottom: 1 },
    readRow: (y, source, out) => {
      const down = ((y / picture.height - 0.6) / 0.5) ** 2;
      for (let x = 0; x < source.width; x++) {
        const far = ((x / source.width - 0.5) / 0.34) ** 2 + down;
        out[x] = 255 * Math.min(1, Math.max(0, (1.08 - far) / 0.3));
      }
    },
  };
}
