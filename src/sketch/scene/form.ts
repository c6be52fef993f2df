import { blurPlane } from '../raster/blur.ts';
import { wordOf } from '../raster/canvas.ts';
import type { Color } from '../raster/color.ts';
import { mix, multiplyColors, rgb } from '../raster/color.ts';
import { scanCoverage } from '../raster/coverage.ts';
import { Field } from '../raster/field.ts';
import type { SpanShader } from '../raster/paint.ts';
import { hash2 } from '../raster/random.ts';
import type { Finish, Light, Stage } from './stage.ts';

export interface FormOptions {
  /** How round the form is: 0 a board, 1 a cushion, 2 a ball. */
  readonly puff?: number;
  /** Highlight, 0 none .. 1 glazed. */
  readonly gloss?: number;
  /** Speckle of the surface in tones of 256. */
  readonly grain?: number;
  /** Light that shines through, 0 .. 1: neon, lampshades. */
  readonly glowing?: number;
}

const GRAIN_SIDE = 256;
const grainTile = new Int8Array(GRAIN_SIDE * GRAIN_SIDE);
for (let i = 0; i < grainTile.length; i++) grainTile[i] = (((hash2(i, 77) & 255) + (hash2(i, 78) & 255)) >> 1) - 128;

/** -128 .. 127, tiled. */
export const grainAt = (x: number, y: number): number => grainTile[((y & 255) << 8) | (x & 255)] ?? 0;

/** A shape blown up like a cushion: tones of its lit surface on a coarse grid. */
export interface FormMap {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly tones: Field;
  readonly inside: Field;
  readonly slopeX: Field;
  readonly slopeY: Field;
}

/**
 * Blurs the silhouette into a height and lights its normals (the idea of Johnston's Lumo, 2002), so that any outline gets
 * the modelling of a solid without a model.
 */
export function inflate(contours: readonly Float32Array[], light: Light, options: FormOptions): FormMap | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const contour of contours) {
    for (let i = 0; i + 1 < contour.length; i += 2) {
      left = Math.min(left, contour[i] ?? 0);
      right = Math.max(right, contour[i] ?? 0);
      top = Math.min(top, contour[i + 1] ?? 0);
      bottom = Math.max(bottom, contour[i + 1] ?? 0);
    }
  }
  const width = right - left;
  const height = bottom - top;
  const size = Math.max(width, height);
  if (!(size > 0.5) || size > 1e6) return null;
  const cells = Math.round(Math.max(10, Math.min(72, size / 2)));
  const scale = cells / size;
  const pad = 3;
  const columns = Math.ceil(width * scale) + pad * 2;
  const rows = Math.ceil(height * scale) + pad * 2;
  const plane = new Float32Array(columns * rows);
  const scaled = contours.map((contour) =>
    contour.map((value, i) => (value - (i % 2 === 0 ? left : top)) * scale + pad),
  );
  scanCoverage(scaled, columns, rows, (y, xa, xb, coverage) => {
    for (let x = xa; x < xb; x++) plane[y * columns + x] = (coverage[x] ?? 0) / 255;
  });
  const inside = plane.slice();
  const near = plane.slice();
  const thin = Math.min(columns, rows) - pad * 2;
  const far = Math.max(1, thin * 0.13);
  blurPlane(near, columns, rows, Math.max(1, far * 0.4));
  blurPlane(plane, columns, rows, far);
  const slope = (options.puff ?? 1) * far * 2.6;
  const tones = new Float32Array(columns * rows);
  const slopesX = new Float32Array(columns * rows);
  const slopesY = new Float32Array(columns * rows);
  const length = Math.hypot(light.x, light.y, light.z);
  const [lx, ly, lz] = [light.x / length, light.y / length, light.z / length];
  const gloss = options.gloss ?? 0;
  const at = (i: number): number => (plane[i] ?? 0) * 0.75 + (near[i] ?? 0) * 0.25;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const i = y * columns + x;
      const nx = -(at(x + 1 < columns ? i + 1 : i) - at(x > 0 ? i - 1 : i)) * slope;
      const ny = -(at(y + 1 < rows ? i + columns : i) - at(y > 0 ? i - columns : i)) * slope;
      const inverse = 1 / Math.sqrt(nx * nx + ny * ny + 1);
      const lambert = (nx * lx + ny * ly + lz) * inverse;
      const half = Math.max(0, (nx * lx + ny * ly + lz + 1) * inverse) / Math.hypot(lx, ly, lz + 1);
      const shine = gloss > 0 ? half ** 28 * gloss * 120 : 0;
      const down = (y - pad) / Math.max(1, rows - pad * 2) - 0.5;
      tones[i] = 128 + ((lambert - lz) * 150 - down * 26) * light.depth + shine;
      slopesX[i] = nx;
      slopesY[i] = ny;
    }
  }
  const box = { left: left - pad / scale, top: top - pad / scale, width: columns / scale, height: rows / scale };
  const fieldOf = (values: Float32Array): Field => Field.from(box, columns, rows, values);
  return {
    ...box,
    tones: fieldOf(tones),
    inside: fieldOf(inside),
    slopeX: fieldOf(slopesX),
    slopeY: fieldOf(slopesY),
  };
}

/** 256 tones of one colour in this light: shadow, body, lit side, highlight. */
export function tonesOf(color: Color, light: Light, finish: Finish, options: FormOptions): Uint32Array {
  const glowing = options.glowing ?? 0;
  const body = mix(multiplyColors(color, light.tint), color, glowing);
  const shadow = mix(multiplyColors(body, light.shade), body, glowing * 0.7);
  const deep = mix(multiplyColors(shadow, light.shade), shadow, 0.35);
  const lit = mix(body, multiplyColors(light.lit, mix(0xffffff, color, 0.4)), 0.42);
  const bright = mix(lit, light.lit, 0.75);
  const tones = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    const tone = finish === 'soft' ? i : finish === 'cel' ? celTone(i) : flatTone(i);
    const color256 =
      tone < 64
        ? mix(deep, shadow, tone / 64)
        : tone < 128
          ? mix(shadow, body, (tone - 64) / 64)
          : tone < 200
            ? mix(body, lit, (tone - 128) / 72)
            : mix(lit, bright, (tone - 200) / 55);
    tones[i] = wordOf(color256);
  }
  return tones;
}

const celTone = (tone: number): number =>
  tone < 96 ? 74 : tone < 100 ? 100 : tone < 176 ? 132 : tone < 215 ? 182 : 250;
const flatTone = (tone: number): number => (tone < 108 ? 98 : tone < 112 ? 116 : tone < 226 ? 132 : 215);

/** Reads tones from the map, speckles them, and looks the colour up. */
export function formShader(stage: Stage, map: FormMap, tones: Uint32Array, grain: number): SpanShader {
  const row = new Float32Array(stage.width);
  let words: Uint32Array = new Uint32Array(0);
  return (y, x0, x1, out) => {
    if (words.buffer !== out.buffer) words = new Uint32Array(out.buffer, 0, out.length >> 2);
    map.tones.row(y, x0, x1, row);
    const strength = grain / 128;
    for (let i = 0; i < x1 - x0; i++) {
      const speck = grainTile[((y & 255) << 8) | ((x0 + i) & 255)] ?? 0;
      const tone = (row[i] ?? 0) + speck * strength;
      words[i] = tones[tone < 0 ? 0 : tone > 255 ? 255 : tone | 0] ?? 0;
    }
  };
}

/** A tone of the ramp as a packed colour. */
export function toneColor(tones: Uint32Array, tone: number): Color {
  const word = tones[tone < 0 ? 0 : tone > 255 ? 255 : tone | 0] ?? 0;
  return rgb(word & 255, (word >> 8) & 255, (word >> 16) & 255);
}
