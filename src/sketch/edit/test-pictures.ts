import type { SketchRequest } from '../../contracts/engine.ts';
import type { Pixels } from '../../contracts/media.ts';
import { Canvas, fillContours } from '../raster/canvas.ts';
import { linear, solid } from '../raster/paint.ts';
import { ellipse, rectangle } from './shapes.ts';

/** Pictures that tests edit: small, synthetic, each with what an instruction looks for. */

export function landscape(width = 192, height = 192): Pixels {
  const canvas = new Canvas(width, height);
  const blue = linear(0, 0, 0, height * 0.6, [
    [0, 0x4a90d9],
    [1, 0xd5e9f7],
  ]);
  fillContours(canvas, [rectangle(0, 0, width, height * 0.6)], blue);
  fillContours(canvas, [rectangle(0, height * 0.6, width, height * 0.4)], solid(0x4f9a3e));
  fillContours(canvas, [rectangle(width * 0.2, height * 0.45, width * 0.3, height * 0.25)], solid(0xe8d8b4));
  for (const x of [0.24, 0.33, 0.42]) {
    fillContours(canvas, [rectangle(width * x, height * 0.5, width * 0.05, height * 0.06)], solid(0x5f7f99));
  }
  fillContours(canvas, [rectangle(width * 0.62, height * 0.72, width * 0.2, height * 0.12)], solid(0xd8352f));
  return pixelsOf(canvas);
}

export function blocks(width = 192, height = 192): Pixels {
  const canvas = new Canvas(width, height, 0xe6e0d4);
  for (const [x, color] of [
    [0.08, 0x2f6fd0],
    [0.4, 0xd8352f],
    [0.72, 0xf6cc3a],
  ] as const) {
    fillContours(canvas, [rectangle(width * x, height * 0.5, width * 0.2, height * 0.25)], solid(color));
  }
  return pixelsOf(canvas);
}

export function portrait(width = 192, height = 192): Pixels {
  const canvas = new Canvas(width, height, 0x8a979f);
  fillContours(canvas, [ellipse(width / 2, height * 1.02, width * 0.36, height * 0.34)], solid(0x2d4a7a));
  fillContours(canvas, [ellipse(width / 2, height * 0.42, width * 0.18, height * 0.24)], solid(0xe3b391));
  return pixelsOf(canvas);
}

export const plain = (color: number, width = 192, height = 192): Pixels => pixelsOf(new Canvas(width, height, color));

export const pixelsOf = ({ data, width, height }: Canvas): Pixels => ({ data, width, height });

/** Opens a disc in the middle: alpha 0 inside, 255 outside, a soft ring of 8 px between. */
export function discMask(width = 192, height = 192): Pixels {
  const canvas = new Canvas(width, height);
  const radius = Math.min(width, height) * 0.25;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const beyond = (Math.hypot(x - width / 2, y - height / 2) - radius) * 32;
      canvas.data[(y * width + x) * 4 + 3] = Math.max(0, Math.min(255, Math.round(beyond)));
    }
  }
  return pixelsOf(canvas);
}

export function editOf(prompt: string, images: readonly Pixels[], more: Partial<SketchRequest> = {}): SketchRequest {
  const [first] = images;
  return { prompt, seed: 7, width: first?.width ?? 192, height: first?.height ?? 192, images, marked: false, ...more };
}

export interface Statistics {
  readonly luma: number;
  /** Mean distance of the channels of a pixel. */
  readonly chroma: number;
  readonly red: number;
  readonly blue: number;
  /** Mean squared difference of horizontal neighbours. */
  readonly detail: number;
  readonly deviation: number;
}

/** Statistics of a part given in shares of the sides. */
export function statisticsOf(pixels: Pixels, part = { left: 0, top: 0, right: 1, bottom: 1 }): Statistics {
  const { width, height, data } = pixels;
  const sum = { luma: 0, chroma: 0, red: 0, blue: 0, detail: 0, squares: 0, count: 0 };
  let before = 0;
  for (let y = Math.floor(part.top * height); y < part.bottom * height; y++) {
    for (let x = Math.floor(part.left * width); x < Math.floor(part.right * width); x++) {
      const at = (y * width + x) * 4;
      const [r = 0, g = 0, b = 0] = data.subarray(at, at + 3);
      const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
      sum.luma += luma;
      sum.squares += luma * luma;
      sum.chroma += Math.max(r, g, b) - Math.min(r, g, b);
      sum.red += r;
      sum.blue += b;
      if (x > Math.floor(part.left * width)) sum.detail += (luma - before) ** 2;
      before = luma;
      sum.count++;
    }
  }
  const mean = sum.luma / sum.count;
  return {
    luma: mean,
    chroma: sum.chroma / sum.count,
    red: sum.red / sum.count,
    blue: sum.blue / sum.count,
    detail: sum.detail / sum.count,
    deviation: Math.sqrt(Math.max(0, sum.squares / sum.count - mean * mean)),
  };
}

/** The colour at shares of the sides. */
export function colourAt({ data, width, height }: Pixels, x: number, y: number): [number, number, number] {
  const at = (Math.floor(y * height) * width + Math.floor(x * width)) * 4;
  return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
}

/** Part of the pixels that differ by more than `by` in a channel. */
export function changedShare(a: Pixels, b: Pixels, by = 6): number {
  let changed = 0;
  for (let at = 0; at < a.data.length; at += 4) {
    const differs = [0, 1, 2].some(
      (channel) => Math.abs((a.data[at + channel] ?? 0) - (b.data[at + channel] ?? 0)) > by,
    );
    if (differs) changed++;
  }
  return changed / (a.data.length / 4);
}
