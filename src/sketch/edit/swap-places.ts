import { Canvas } from '../raster/canvas.ts';
import type { ColourMatch } from './colour-match.ts';
import { fillHole } from './fill-hole.ts';
import { boundsOfPatch, type PatchBounds, patchesOf } from './flood.ts';
import { pastePicture } from './paste-picture.ts';
import { thumbnail } from './soft-copy.ts';

interface Cutout extends PatchBounds {
  readonly canvas: Canvas;
}

/** Lets the largest patch of one colour and that of another change places. False when either is not there. */
export function swapPlaces(canvas: Canvas, a: ColourMatch, b: ColourMatch): boolean {
  const [patchA] = findPatches(canvas, a);
  const [patchB] = findPatches(canvas, b);
  if (patchA === undefined || patchB === undefined) return false;
  const cutA = cutOut(canvas, patchA, a);
  const cutB = cutOut(canvas, patchB, b);
  fillHole(canvas, grown(patchA, canvas), alphaReader(cutA));
  fillHole(canvas, grown(patchB, canvas), alphaReader(cutB));
  place(canvas, cutA, patchB);
  place(canvas, cutB, patchA);
  return true;
}

/** Patches of a colour, largest first. A sky or a wall in that colour is no thing, and specks are none. */
export function findPatches(canvas: Canvas, match: ColourMatch): (PatchBounds & { readonly pixels: number })[] {
  const { small, factor } = thumbnail(canvas, 320);
  const { width, height, data } = small;
  const counts = (at: number) => match(data[at * 4] ?? 0, data[at * 4 + 1] ?? 0, data[at * 4 + 2] ?? 0) > 0.5;
  return patchesOf(width, height, counts)
    .filter((patch) => patch.length > width * height * 0.001 && patch.length < width * height * 0.4)
    .sort((a, b) => b.length - a.length)
    .map((patch) => {
      const bounds = boundsOfPatch(patch, width);
      const left = bounds.left * factor;
      const top = bounds.top * factor;
      return {
        pixels: patch.length,
        left,
        top,
        width: Math.min(canvas.width - left, bounds.width * factor),
        height: Math.min(canvas.height - top, bounds.height * factor),
      };
    });
}

/** Holes are filled along rows and columns, so that a highlight or a letter on the thing moves with it. */
function cutOut(canvas: Canvas, patch: PatchBounds, match: ColourMatch): Cutout {
  const box = grown(patch, canvas, 3);
  const cut = new Canvas(box.width, box.height);
  const rowEnds = new Int32Array(box.height * 2).fill(-1);
  const columnEnds = new Int32Array(box.width * 2).fill(-1);
  const alpha = new Uint8Array(box.width * box.height);
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const from = ((box.top + y) * canvas.width + box.left + x) * 4;
      const k = match(canvas.data[from] ?? 0, canvas.data[from + 1] ?? 0, canvas.data[from + 2] ?? 0);
      cut.words[y * box.width + x] = canvas.words[from >> 2] ?? 0;
      alpha[y * box.width + x] = k * 255;
      if (k < 0.5) continue;
      if (rowEnds[y * 2] === -1) rowEnds[y * 2] = x;
      rowEnds[y * 2 + 1] = x;
      if (columnEnds[x * 2] === -1) columnEnds[x * 2] = y;
      columnEnds[x * 2 + 1] = y;
    }
  }
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const at = y * box.width + x;
      const inRow = x >= (rowEnds[y * 2] ?? 0) && x <= (rowEnds[y * 2 + 1] ?? 0);
      const inColumn = y >= (columnEnds[x * 2] ?? 0) && y <= (columnEnds[x * 2 + 1] ?? 0);
      cut.data[at * 4 + 3] = inRow && inColumn ? 255 : (alpha[at] ?? 0);
    }
  }
  return { ...box, canvas: cut };
}

function grown(patch: PatchBounds, canvas: Canvas, by = 3): PatchBounds {
  const left = Math.max(0, patch.left - by);
  const top = Math.max(0, patch.top - by);
  return {
    left,
    top,
    width: Math.min(canvas.width, patch.left + patch.width + by) - left,
    height: Math.min(canvas.height, patch.top + patch.height + by) - top,
  };
}

const alphaReader = (cut: Cutout) => (x: number, y: number) => {
  const inside = x >= cut.left && y >= cut.top && x < cut.left + cut.width && y < cut.top + cut.height;
  return inside ? (cut.canvas.data[((y - cut.top) * cut.width + x - cut.left) * 4 + 3] ?? 0) > 40 : false;
};

/** Middles meet, and so do feet: what stood on a table stands on it again. */
function place(canvas: Canvas, cut: Cutout, where: PatchBounds): void {
  const left = Math.round(where.left + where.width / 2 - cut.width / 2);
  const top = Math.round(where.top + where.height - cut.height + 3);
  pastePicture(canvas, cut.canvas, left, top);
}
