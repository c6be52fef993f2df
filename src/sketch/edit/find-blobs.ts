import type { Pixels } from '../../contracts/media.ts';
import { boundsOfPatch, type PatchBounds, patchesOf } from './flood.ts';
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
  const colourAt = (at: number) => [data[at * 4] ?? 0, data[at * 4 + 1] ?? 0, data[at * 4 + 2] ?? 0] as const;
  const joins = (first: number, to: number) => away(data, to * 4, colourAt(first)) <= likeness;
  const blobs: Blob[] = [];
  for (const patch of patchesOf(width, height, () => true, joins)) {
    if (patch.length < 12) continue;
    const box = boundsOfPatch(patch, width);
    const color = colourAt(patch[0] ?? 0);
    blobs.push({
      x: box.left * factor,
      y: box.top * factor,
      width: box.width * factor,
      height: box.height * factor,
      fill: patch.length / (box.width * box.height),
      coverage: patch.length / (width * height),
      color,
      contrast: contrastAround(data, width, height, box, color),
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
  box: PatchBounds,
  color: readonly [number, number, number],
): number {
  const middleX = box.left + (box.width >> 1);
  const middleY = box.top + (box.height >> 1);
  const places = [
    [box.left - 2, middleY],
    [box.left + box.width + 1, middleY],
    [middleX, box.top - 2],
    [middleX, box.top + box.height + 1],
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
