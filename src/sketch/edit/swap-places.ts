import { Canvas } from '../raster/canvas.ts';
import type { ColourMatch } from './colour-match.ts';
import { fillHole } from './fill-hole.ts';
import { thumbnail } from './soft-copy.ts';

interface Patch {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface Cutout extends Patch {
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
export function findPatches(canvas: Canvas, match: ColourMatch): (Patch & { readonly pixels: number })[] {
  const { small, factor } = thumbnail(canvas, 320);
  const { width, height, data } = small;
  const open = new Uint8Array(width * height);
  for (let at = 0; at < open.length; at++) {
    open[at] = match(data[at * 4] ?? 0, data[at * 4 + 1] ?? 0, data[at * 4 + 2] ?? 0) > 0.5 ? 1 : 0;
  }
  const queue = new Int32Array(open.length);
  const patches: { count: number; left: number; right: number; top: number; bottom: number }[] = [];
  for (let start = 0; start < open.length; start++) {
    if (open[start] === 0) continue;
    const patch = { count: 0, left: width, right: 0, top: height, bottom: 0 };
    let tail = 0;
    queue[tail++] = start;
    open[start] = 0;
    for (let head = 0; head < tail; head++) {
      const at = queue[head] ?? 0;
      const x = at % width;
      const y = (at - x) / width;
      patch.count++;
      patch.left = Math.min(patch.left, x);
      patch.right = Math.max(patch.right, x);
      patch.top = Math.min(patch.top, y);
      patch.bottom = Math.max(patch.bottom, y);
      for (const next of [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width]) {
        if (next < 0 || open[next] !== 1) continue;
        open[next] = 0;
        queue[tail++] = next;
      }
    }
    if (patch.count > open.length * 0.001 && patch.count < open.length * 0.4) patches.push(patch);
  }
  return patches
    .sort((a, b) => b.count - a.count)
    .map((patch) => ({
      pixels: patch.count,
      left: patch.left * factor,
      top: patch.top * factor,
      width: Math.min(canvas.width - patch.left * factor, (patch.right - patch.left + 1) * factor),
      height: Math.min(canvas.height - patch.top * factor, (patch.bottom - patch.top + 1) * factor),
    }));
}

/** Holes are filled along rows and columns, so that a highlight or a letter on the thing moves with it. */
function cutOut(canvas: Canvas, patch: Patch, match: ColourMatch): Cutout {
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

function grown(patch: Patch, canvas: Canvas, by = 3): Patch {
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
function place(canvas: Canvas, cut: Cutout, where: Patch): void {
  const left = Math.round(where.left + where.width / 2 - cut.width / 2);
  const top = Math.round(where.top + where.height - cut.height + 3);
  for (let y = 0; y < cut.height; y++) {
    for (let x = 0; x < cut.width; x++) {
      const toX = left + x;
      const toY = top + y;
      if (toX < 0 || toY < 0 || toX >= canvas.width || toY >= canvas.height) continue;
      const from = (y * cut.width + x) * 4;
      const to = (toY * canvas.width + toX) * 4;
      const k = (cut.canvas.data[from + 3] ?? 0) / 255;
      for (let channel = 0; channel < 3; channel++) {
        const old = canvas.data[to + channel] ?? 0;
        canvas.data[to + channel] = old + ((cut.canvas.data[from + channel] ?? 0) - old) * k + 0.5;
      }
    }
  }
}
