import type { Canvas } from '../raster/canvas.ts';

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Paints over the pixels of a box that `isHole` names with what surrounds them (push-pull: averages of ever coarser grids, known
 * pixels only, then read back from coarse to fine; Gortler et al. 1996). Plain grounds come back whole; texture comes back soft.
 */
export function fillHole(canvas: Canvas, box: Box, isHole: (x: number, y: number) => boolean): void {
  // A border of what is known around the box, or there would be nothing to fill from.
  const margin = Math.max(4, Math.round(Math.max(box.width, box.height) * 0.12));
  const left = Math.max(0, box.left - margin);
  const top = Math.max(0, box.top - margin);
  const width = Math.min(canvas.width, box.left + box.width + margin) - left;
  const height = Math.min(canvas.height, box.top + box.height + margin) - top;
  if (width <= 0 || height <= 0) return;
  const finest = { width, height, values: new Float32Array(width * height * 4) };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (isHole(left + x, top + y)) continue;
      const from = ((top + y) * canvas.width + left + x) * 4;
      const to = (y * width + x) * 4;
      for (let channel = 0; channel < 3; channel++) finest.values[to + channel] = canvas.data[from + channel] ?? 0;
      finest.values[to + 3] = 1;
    }
  }
  const levels: Level[] = [finest];
  for (let level: Level = finest; level.width > 1 || level.height > 1; ) {
    level = halved(level);
    levels.push(level);
  }
  for (let at = levels.length - 2; at >= 0; at--) {
    const fine = levels[at];
    const coarse = levels[at + 1];
    if (fine && coarse) pull(fine, coarse);
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isHole(left + x, top + y)) continue;
      const to = ((top + y) * canvas.width + left + x) * 4;
      const from = (y * width + x) * 4;
      for (let channel = 0; channel < 3; channel++)
        canvas.data[to + channel] = (finest.values[from + channel] ?? 0) + 0.5;
    }
  }
}

interface Level {
  readonly width: number;
  readonly height: number;
  /** Colour, and 1 where it is known. */
  readonly values: Float32Array;
}

function halved(level: Level): Level {
  const width = Math.max(1, Math.ceil(level.width / 2));
  const height = Math.max(1, Math.ceil(level.height / 2));
  const values = new Float32Array(width * height * 4);
  for (let y = 0; y < level.height; y++) {
    for (let x = 0; x < level.width; x++) {
      const from = (y * level.width + x) * 4;
      if ((level.values[from + 3] ?? 0) === 0) continue;
      const to = ((y >> 1) * width + (x >> 1)) * 4;
      for (let channel = 0; channel < 3; channel++) {
        values[to + channel] = (values[to + channel] ?? 0) + (level.values[from + channel] ?? 0);
      }
      values[to + 3] = (values[to + 3] ?? 0) + 1;
    }
  }
  for (let at = 0; at < values.length; at += 4) {
    const count = values[at + 3] ?? 0;
    if (count === 0) continue;
    for (let channel = 0; channel < 3; channel++) values[at + channel] = (values[at + channel] ?? 0) / count;
    values[at + 3] = 1;
  }
  return { width, height, values };
}

/** Unknown pixels take the coarser level's colour, bilinearly, and are known from then on. */
function pull(fine: Level, coarse: Level): void {
  for (let y = 0; y < fine.height; y++) {
    for (let x = 0; x < fine.width; x++) {
      const to = (y * fine.width + x) * 4;
      if ((fine.values[to + 3] ?? 0) > 0) continue;
      const placeX = Math.max(0, Math.min(coarse.width - 1, x / 2 - 0.25));
      const placeY = Math.max(0, Math.min(coarse.height - 1, y / 2 - 0.25));
      const x0 = placeX | 0;
      const y0 = placeY | 0;
      const x1 = Math.min(coarse.width - 1, x0 + 1);
      const y1 = Math.min(coarse.height - 1, y0 + 1);
      const fx = placeX - x0;
      const fy = placeY - y0;
      for (let channel = 0; channel < 3; channel++) {
        const read = (cx: number, cy: number) => coarse.values[(cy * coarse.width + cx) * 4 + channel] ?? 0;
        const upper = read(x0, y0) * (1 - fx) + read(x1, y0) * fx;
        const lower = read(x0, y1) * (1 - fx) + read(x1, y1) * fx;
        fine.values[to + channel] = upper * (1 - fy) + lower * fy;
      }
      fine.values[to + 3] = 1;
    }
  }
}
