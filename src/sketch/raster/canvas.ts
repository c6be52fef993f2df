import type { BlendMode } from './blend-span.ts';
import { blendSpan } from './blend-span.ts';
import type { Color } from './color.ts';
import { blueOf, greenOf, redOf } from './color.ts';
import { scanCoverage } from './coverage.ts';
import type { Mask } from './mask.ts';
import type { Paint } from './paint.ts';
import { shaderOf } from './paint.ts';

/** 8-bit RGBA, row-major, not premultiplied, opaque unless given data that is not. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  /** The same memory a pixel at a time: 0xAABBGGRR, since every platform that Node runs on is little-endian. */
  readonly words: Uint32Array;

  constructor(width: number, height: number, source: Color | Uint8Array = 0xffffff) {
    this.width = width;
    this.height = height;
    if (typeof source === 'number') {
      this.words = new Uint32Array(width * height).fill(wordOf(source));
      this.data = new Uint8Array(this.words.buffer);
    } else {
      const aligned = source.byteOffset % 4 === 0 ? source : new Uint8Array(source);
      this.data = aligned;
      this.words = new Uint32Array(aligned.buffer, aligned.byteOffset, width * height);
    }
  }
}

export interface FillOptions {
  /** 0 .. 1. */
  readonly opacity?: number;
  readonly blend?: BlendMode;
  /** Paint reaches only where the mask does. */
  readonly clip?: Mask;
}

/** An opaque pixel as it lies in memory. */
export const wordOf = (color: Color): number =>
  ((255 << 24) | (blueOf(color) << 16) | (greenOf(color) << 8) | redOf(color)) >>> 0;

let spanBytes = new Uint8Array(0);

/**
 * Fills closed polygons (flattened x, y, x, y in pixels, nonzero winding) with anti-aliased edges.
 * Touches the bounding box only.
 */
export function fillContours(
  canvas: Canvas,
  contours: readonly Float32Array[],
  paint: Paint,
  options: FillOptions = {},
): void {
  const { width, height, data, words } = canvas;
  const mode = options.blend ?? 'normal';
  const opacity = Math.round(Math.min(1, Math.max(0, options.opacity ?? 1)) * 256);
  if (opacity === 0) return;
  const clip = options.clip;
  if (spanBytes.length < width * 4) spanBytes = new Uint8Array(width * 4);
  const span = spanBytes;
  if (paint.kind !== 'solid') {
    const shade = shaderOf(paint);
    const plain = mode === 'normal' && opacity === 256;
    const spanWords = new Uint32Array(span.buffer, 0, width);
    scanCoverage(contours, width, height, (y, xa, xb, coverage) => {
      if (clip) clip.cut(y, xa, xb, coverage);
      shade(y, xa, xb, span);
      if (plain) overSpan(data, words, y * width + xa, spanWords, span, xb - xa, coverage, xa);
      else blendSpan(data, (y * width + xa) * 4, span, xb - xa, coverage, xa, opacity, mode);
    });
    return;
  }
  const strength = (paint.alpha ?? 1) * opacity;
  const opaque = mode === 'normal' && strength >= 255.5;
  if (mode === 'normal') {
    scanCoverage(contours, width, height, (y, xa, xb, coverage) => {
      if (clip) clip.cut(y, xa, xb, coverage);
      solidSpan(data, words, y * width, xa, xb, coverage, paint.color, opaque ? 256 : strength);
    });
    return;
  }
  const spanWords = new Uint32Array(span.buffer, 0, width);
  spanWords.fill(wordOf(paint.color));
  scanCoverage(contours, width, height, (y, xa, xb, coverage) => {
    if (clip) clip.cut(y, xa, xb, coverage);
    blendSpan(data, (y * width + xa) * 4, span, xb - xa, coverage, xa, strength, mode);
  });
}

/** A shaded span over a row: whole words where both paint and cover are full, nothing where either is nil. */
function overSpan(
  data: Uint8Array,
  words: Uint32Array,
  at: number,
  spanWords: Uint32Array,
  span: Uint8Array,
  count: number,
  coverage: Uint8Array,
  coverageAt: number,
): void {
  for (let i = 0; i < count; i++) {
    const word = spanWords[i] ?? 0;
    const a = (coverage[coverageAt + i] ?? 0) * (word >>> 24);
    if (a === 65025) {
      words[at + i] = word;
    } else if (a > 0) {
      const k = a / 65025;
      const t = (at + i) << 2;
      const s = i << 2;
      const r = data[t] ?? 0;
      const g = data[t + 1] ?? 0;
      const b = data[t + 2] ?? 0;
      const alpha = data[t + 3] ?? 0;
      data[t] = r + ((span[s] ?? 0) - r) * k + 0.5;
      data[t + 1] = g + ((span[s + 1] ?? 0) - g) * k + 0.5;
      data[t + 2] = b + ((span[s + 2] ?? 0) - b) * k + 0.5;
      if (alpha < 255) data[t + 3] = alpha + (255 - alpha) * k + 0.5;
    }
  }
}

/** One colour over a row; whole words where it covers fully, which is most of a big shape. */
function solidSpan(
  data: Uint8Array,
  words: Uint32Array,
  rowAt: number,
  xa: number,
  xb: number,
  coverage: Uint8Array,
  color: Color,
  strength: number,
): void {
  const word = wordOf(color);
  const red = redOf(color);
  const green = greenOf(color);
  const blue = blueOf(color);
  for (let x = xa; x < xb; x++) {
    const c = coverage[x] ?? 0;
    if (c === 255 && strength === 256) {
      words[rowAt + x] = word;
    } else if (c > 0) {
      const k = (c * strength) / 65280;
      const t = (rowAt + x) << 2;
      const r = data[t] ?? 0;
      const g = data[t + 1] ?? 0;
      const b = data[t + 2] ?? 0;
      const a = data[t + 3] ?? 0;
      data[t] = r + (red - r) * k + 0.5;
      data[t + 1] = g + (green - g) * k + 0.5;
      data[t + 2] = b + (blue - b) * k + 0.5;
      if (a < 255) data[t + 3] = a + (255 - a) * k + 0.5;
    }
  }
}
