import type { Pixels } from '../../contracts/media.ts';
import { sortByColour } from './colour-model.ts';
import { flood, patchesOf } from './flood.ts';
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
const smoothStep = 14;
/** And it stays this close to a colour that the upper and side borders have. */
const borderLikeness = 42;

/**
 * What stands in front: the picture's own transparency when it has any; before a plain wall, what a flood from the border does not
 * reach; else what colour tells apart. When all of that says everything or nothing, an oval with soft edges.
 */
export function estimateSubject(picture: Pixels): SubjectEstimate {
  const alpha = subjectOfAlpha(picture);
  if (alpha !== undefined) return alpha;
  const { small } = thumbnail(picture, 288);
  const { width, height, data } = small;
  const palette = borderColours(data, width, height);
  const behind = palette.plain ? floodFromBorder(data, width, height, palette.colours) : sortByColour(small);
  tidySubject(behind, width, height);
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

function floodFromBorder(data: Uint8Array, width: number, height: number, palette: readonly Uint8Array[]): Uint8Array {
  const near = (at: number) => palette.some((color) => difference(data, at * 4, color, 0) < borderLikeness);
  const starts = Array.from({ length: width }, (_, x) => x);
  for (let y = 1; y < height * 0.85; y++) starts.push(y * width, y * width + width - 1);
  const joins = (from: number, to: number) => difference(data, from * 4, data, to * 4) <= smoothStep && near(to);
  return flood(width, height, starts.filter(near), joins);
}

const closing_px = 4;
/** Patches smaller than this share of the largest one are trees and stones of the background. */
const patchShareMin = 0.12;

/** Keeps the large patches in front only, closes the gaps between their parts, and fills what they enclose. */
function tidySubject(behind: Uint8Array, width: number, height: number): void {
  const patches = patchesOf(width, height, (at) => behind[at] === 0);
  const largest = patches.reduce((most, patch) => Math.max(most, patch.length), 0);
  for (const patch of patches) if (patch.length < largest * patchShareMin) for (const at of patch) behind[at] = 1;
  spread(behind, 0, width, height, closing_px);
  spread(behind, 1, width, height, closing_px);
  for (const patch of patchesOf(width, height, (at) => behind[at] === 1)) {
    const atBorder = patch.some((at) => at % width === 0 || at % width === width - 1 || at < width);
    if (!atBorder) for (const at of patch) behind[at] = 0;
  }
}

/** Lets a value grow by a number of pixels, one ring at a time. */
function spread(map: Uint8Array, value: number, width: number, height: number, times: number): void {
  for (let ring = 0; ring < times; ring++) {
    const before = map.slice();
    for (let at = 0; at < map.length; at++) {
      if (before[at] === value) continue;
      const x = at % width;
      const near =
        (x > 0 && before[at - 1] === value) ||
        (x < width - 1 && before[at + 1] === value) ||
        (at >= width && before[at - width] === value) ||
        (at < width * (height - 1) && before[at + width] === value);
      if (near) map[at] = value;
    }
  }
}

/** The colours of the upper and side borders, each kept when no kept one is near it; at most eight. */
function borderColours(
  data: Uint8Array,
  width: number,
  height: number,
): { readonly colours: Uint8Array[]; readonly plain: boolean } {
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
  counts.sort((a, b) => b.count - a.count);
  const all = counts.reduce((sum, { count }) => sum + count, 0);
  const leading = counts.slice(0, 4).reduce((sum, { count }) => sum + count, 0);
  return { colours: counts.slice(0, 8).map(({ color }) => color), plain: leading > all * 0.96 };
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
