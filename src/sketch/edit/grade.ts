import type { Canvas } from '../raster/canvas.ts';
import { blueOf, type Color, greenOf, redOf } from '../raster/color.ts';

/** A change of tone and colour, the same for every pixel. All fields default to no change. */
export interface Grade {
  /** 0 = grey, 1 = as it is. */
  readonly saturation?: number;
  /** Multiplies light. */
  readonly exposure?: number;
  /** Around the middle grey; above 1 is harder. */
  readonly contrast?: number;
  /** Above 1 lifts the middle tones, below 1 sinks them. */
  readonly gamma?: number;
  /** What black and white become, 0 .. 255. */
  readonly black?: number;
  readonly white?: number;
  /** Multiplies red, green and blue. */
  readonly balance?: readonly [number, number, number];
  /** Colours mixed in by luma: `shadows` at black, `highlights` at white. */
  readonly shadows?: Color;
  readonly highlights?: Color;
  /** How much of those colours, 0 .. 1. */
  readonly tint?: number;
  /** Levels a channel. */
  readonly levels?: number;
  readonly invert?: boolean;
}

/** Writes 0 .. 255 for each pixel of row `y`: how much of a change that pixel takes. */
export type RowStrength = (y: number, out: Uint8Array) => void;

export function applyGrade(canvas: Canvas, grade: Grade, strength?: RowStrength): void {
  const gradeRow = rowGrader(canvas, grade);
  const share = new Uint8Array(canvas.width).fill(255);
  for (let y = 0; y < canvas.height; y++) {
    strength?.(y, share);
    gradeRow(y, share);
  }
}

/** Prepares the tables once; the function returned changes row `y` by `share` (0 .. 255 a pixel). */
export function rowGrader(canvas: Canvas, grade: Grade): (y: number, share: Uint8Array) => void {
  const red = curveOf(grade, 0);
  const green = curveOf(grade, 1);
  const blue = curveOf(grade, 2);
  const tints = tintOf(grade);
  const keep = 1 - (grade.tint ?? 0);
  const saturation = grade.saturation ?? 1;
  const { width, data } = canvas;
  const out = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  return (y, share) => {
    for (let x = 0, at = y * width * 4; x < width; x++, at += 4) {
      const amount = share[x] ?? 0;
      if (amount === 0) continue;
      const r = data[at] ?? 0;
      const g = data[at + 1] ?? 0;
      const b = data[at + 2] ?? 0;
      const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
      const row = Math.round(luma) * 3;
      const newR = (red[index(luma + (r - luma) * saturation)] ?? 0) * keep + (tints[row] ?? 0);
      const newG = (green[index(luma + (g - luma) * saturation)] ?? 0) * keep + (tints[row + 1] ?? 0);
      const newB = (blue[index(luma + (b - luma) * saturation)] ?? 0) * keep + (tints[row + 2] ?? 0);
      if (amount === 255) {
        out[at] = newR;
        out[at + 1] = newG;
        out[at + 2] = newB;
      } else {
        const k = amount / 255;
        out[at] = r + (newR - r) * k;
        out[at + 1] = g + (newG - g) * k;
        out[at + 2] = b + (newB - b) * k;
      }
    }
  };
}

const index = (value: number): number => (value <= 0 ? 0 : value >= 255 ? 255 : (value + 0.5) | 0);

function curveOf(grade: Grade, channel: number): Float32Array {
  const curve = new Float32Array(256);
  const black = grade.black ?? 0;
  const white = grade.white ?? 255;
  const multiplier = (grade.exposure ?? 1) * (grade.balance?.[channel] ?? 1);
  for (let value = 0; value < 256; value++) {
    let v = (value / 255) * multiplier;
    v = Math.max(0, v) ** (1 / (grade.gamma ?? 1));
    v = Math.min(1, Math.max(0, (v - 0.5) * (grade.contrast ?? 1) + 0.5));
    if (grade.levels !== undefined) v = Math.min(grade.levels - 1, Math.floor(v * grade.levels)) / (grade.levels - 1);
    if (grade.invert) v = 1 - v;
    curve[value] = black + v * (white - black);
  }
  return curve;
}

/** The tint's part of each channel for every luma: shadow colour to highlight colour, with the luma kept. */
function tintOf(grade: Grade): Float32Array {
  const tints = new Float32Array(256 * 3);
  const tint = grade.tint ?? 0;
  if (tint === 0) return tints;
  const shadows = grade.shadows ?? 0x000000;
  const highlights = grade.highlights ?? 0xffffff;
  const luma = curveOf({ ...grade, balance: [1, 1, 1] }, 0);
  [redOf, greenOf, blueOf].forEach((channelOf, channel) => {
    for (let value = 0; value < 256; value++) {
      const t = (luma[value] ?? 0) / 255;
      tints[value * 3 + channel] = (channelOf(shadows) + (channelOf(highlights) - channelOf(shadows)) * t) * tint;
    }
  });
  return tints;
}
