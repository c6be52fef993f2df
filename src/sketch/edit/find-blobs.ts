import type { Pixels } from '../../contracts/media.ts';
import { thumbnail } from './soft-copy.ts';

/** A patch of nearly one colour, in pixels of the picture that was searched. */
export interface Blob {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Part of the bounding box that it fills, 0 .. 1. */
  readonly fill: number;
  /** Part of the picture that it covers, 0 .. 1. */
  readonly coverage: number;
  readonly color: readonly [number, number, number];
  /** Largest channel difference to what surrounds the box. */
  readonly contrast: number;
}

/** Neighbours this close belong to one patch. */
const likeness = 20;

/** Patches found on a copy of at most `side_px_max`, largest first. Those under 12 of its pixels are not worth a name. */
export function findBlobs(picture: Pixels, side_px_max = 512): Blob[] {
  const { small, factor } = thumbnail(picture, side_px_max);
  const { width, height, data } = small;
  const seen = new Uint8Array(width * height);
  const queue = new Int32Array(width * height);
  const blobs: Blob[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] === 1) continue;
    const seed = [data[start * 4] ?? 0, data[start * 4 + 1] ?? 0, data[start * 4 + 2] ?? 0] as const;
    const box = { left: width, right: 0, top: height, bottom: 0 };
    let tail = 0;
    queue[tail++] = start;
    seen[start] = 1;
    for (let head = 0; head < tail; head++) {
      const at = queue[head] ?? 0;
      const x = at % width;
      const y = (at - x) / width;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
      for (let side = 0; side < 4; side++) {
        const next = side === 0 ? at - 1 : side === 1 ? at + 1 : side === 2 ? at - width : at + width;
        if ((side === 0 && x === 0) || (side === 1 && x === width - 1) || next < 0 || next >= seen.length) continue;
        if (seen[next] === 1 || away(data, next * 4, seed) > likeness) continue;
        seen[next] = 1;
        queue[tail++] = next;
      }
    }
    if (tail < 12) continue;
    const boxWidth = box.right - box.left + 1;
    const boxHeight = box.bottom - box.top + 1;
    blobs.push({
      x: box.left * factor,
      y: box.top * factor,
      width: boxWidth * factor,
      height: boxHeight * factor,
      fill: tail / (boxWidth * boxHeight),
      coverage: tail / seen.length,
      color: seed,
      contrast: contrastAround(data, width, height, box, seed),
    });
  }
  return blobs.sort((a, b) => b.coverage - a.coverage);
}

function away(data: Uint8Array, at: number, color: readonly [number, number, number]): number {
  return Math.max(
    Math.abs((data[at] ?? 0) - color[0]),
    Math.abs((data[at + 1] ?? 0) - color[1]),
    Math.abs((data[at + 2] ?? 0) - color[2]),
  );
}

/** The least difference on the four sides, two pixels out: a window stands out on all of them. */
function contrastAround(
  data: Uint8Array,
  width: number,
  height: number,
  box: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number },
  color: readonly [number, number, number],
): number {
  const middleX = (box.left + box.right) >> 1;
  const middleY = (box.top + box.bottom) >> 1;
  const places = [
    [box.left - 2, middleY],
    [box.right + 2, middleY],
    [middleX, box.top - 2],
    [middleX, box.bottom + 2],
  ] as const;
  return Math.min(
    ...places.map(([x, y]) =>
      x < 0 || y < 0 || x >= width || y >= height ? 0 : away(data, (y * width + x) * 4, color),
    ),
  );
}

/** Small, full, nearly square patches that stand out from the wall around them on every side, below the sky. */
export function findWindows(picture: Pixels, skyBottom_px: number): Blob[] {
  return findBlobs(picture).filter((blob) => {
    const shape = blob.width / blob.height;
    return (
      blob.coverage < 0.008 &&
      blob.fill > 0.82 &&
      shape > 0.62 &&
      shape < 1.7 &&
      blob.contrast > 34 &&
      blob.y + blob.height > skyBottom_px * 0.35
    );
  });
}
