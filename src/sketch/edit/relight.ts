import type { Canvas } from '../raster/canvas.ts';
import { blueOf, type Color, greenOf, redOf } from '../raster/color.ts';
import type { Stop } from '../raster/paint.ts';
import { rampOf } from '../raster/paint.ts';
import type { SkyEstimate } from './estimate-sky.ts';
import { applyGrade, type Grade, rowGrader } from './grade.ts';

export interface Light {
  /** From the top of the picture (0) to the horizon (1). */
  readonly sky: readonly Stop[];
  /** How much of the old sky shows through, 0 .. 1, so that its clouds stay. */
  readonly clouds: number;
  readonly ground: Grade;
  /** Laid over the whole picture when it has no sky. */
  readonly indoors: Grade;
  /** Light that the horizon throws on what is near it. */
  readonly glow?: { readonly color: Color; readonly strength: number };
}

/** The times of day that an edit can set. */
export const lights = {
  night: {
    sky: [
      [0, 0x050a1f],
      [0.55, 0x0d1b40],
      [1, 0x27386b],
    ],
    clouds: 0.16,
    ground: { exposure: 0.46, saturation: 0.55, balance: [0.74, 0.9, 1.32], contrast: 1.02, black: 6 },
    indoors: { exposure: 0.42, saturation: 0.6, balance: [0.74, 0.88, 1.3], contrast: 1.05 },
  },
  day: {
    sky: [
      [0, 0x2f7fd6],
      [0.6, 0x7fb9ec],
      [1, 0xd6ecfa],
    ],
    clouds: 0.3,
    ground: { exposure: 1.12, gamma: 1.16, saturation: 1.15, contrast: 1.04 },
    indoors: { exposure: 1.1, gamma: 1.15, saturation: 1.08 },
  },
  sunset: {
    sky: [
      [0, 0x2b2a66],
      [0.35, 0x8d3f7f],
      [0.68, 0xf0663f],
      [0.9, 0xffb04a],
      [1, 0xffe29a],
    ],
    clouds: 0.34,
    ground: {
      exposure: 0.72,
      contrast: 1.12,
      saturation: 1.02,
      balance: [1.2, 0.94, 0.74],
      tint: 0.1,
      shadows: 0x2a1440,
      highlights: 0xffb066,
    },
    indoors: {
      exposure: 0.95,
      contrast: 1.1,
      balance: [1.2, 0.97, 0.72],
      tint: 0.14,
      shadows: 0x3a1440,
      highlights: 0xffc070,
    },
    glow: { color: 0xff8a3c, strength: 0.5 },
  },
  golden: {
    sky: [
      [0, 0x6d8fc0],
      [0.55, 0xe9c79a],
      [1, 0xffe3a0],
    ],
    clouds: 0.42,
    ground: { gamma: 1.05, contrast: 1.08, saturation: 1.1, balance: [1.16, 1.01, 0.76] },
    indoors: { gamma: 1.06, contrast: 1.06, balance: [1.16, 1.01, 0.76] },
    glow: { color: 0xffc04d, strength: 0.5 },
  },
  dawn: {
    sky: [
      [0, 0x6f86c4],
      [0.5, 0xd5a9c9],
      [0.85, 0xffc9ae],
      [1, 0xfff0d0],
    ],
    clouds: 0.34,
    ground: { exposure: 0.86, contrast: 0.94, black: 14, saturation: 0.86, balance: [1.06, 0.97, 1.04] },
    indoors: { contrast: 0.94, black: 14, saturation: 0.9, balance: [1.08, 0.98, 1.02] },
    glow: { color: 0xffb9a3, strength: 0.4 },
  },
  storm: {
    sky: [
      [0, 0x262c36],
      [0.6, 0x535d6b],
      [1, 0x8a949e],
    ],
    clouds: 0.4,
    ground: { exposure: 0.66, saturation: 0.55, contrast: 1.1, balance: [0.94, 1, 1.06] },
    indoors: { exposure: 0.7, saturation: 0.55, contrast: 1.12, balance: [0.94, 1, 1.06] },
  },
} as const satisfies Record<string, Light>;

/** Gives the picture another time of day: a new sky where there is one, the ground graded to match it. */
export function relight(canvas: Canvas, light: Light, sky: SkyEstimate): void {
  if (sky.coverage === 0) {
    applyGrade(canvas, light.indoors);
    return;
  }
  const { width, height, data } = canvas;
  const ramp = rampOf(light.sky);
  const lift = averageLuma(canvas, sky);
  const horizon_px = Math.max(1, sky.horizon * height);
  const share = new Uint8Array(width);
  const ground = new Uint8Array(width);
  const row = new Uint8Array(width * 4);
  const gradeGround = rowGrader(canvas, light.ground);
  for (let y = 0; y < height; y++) {
    sky.readRow(y, canvas, share);
    row.set(data.subarray(y * width * 4, (y + 1) * width * 4));
    const step = Math.min(1023, Math.floor((y / horizon_px) * 1023)) * 4;
    // Blended from the untouched row into the ground's grade below, so that the edge pixel is mixed once only.
    for (let x = 0, at = 0; x < width; x++, at += 4) {
      const amount = share[x] ?? 0;
      if (amount === 0) continue;
      const luma = 0.2126 * (row[at] ?? 0) + 0.7152 * (row[at + 1] ?? 0) + 0.0722 * (row[at + 2] ?? 0);
      // An old sun or a dark bird must not show through as strongly as it stood out.
      const cloud = Math.max(-60, Math.min(70, luma - lift)) * light.clouds * 1.6;
      for (let channel = 0; channel < 3; channel++) {
        const base = ramp[step + channel] ?? 0;
        row[at + channel] = clampByte(base + cloud * (0.35 + base / 300));
      }
    }
    for (let x = 0; x < width; x++) ground[x] = share[x] === 255 ? 0 : 255;
    gradeGround(y, ground);
    mixRow(data, y * width * 4, row, share);
  }
  if (light.glow !== undefined) glowAt(canvas, light.glow, horizon_px);
}

const clampByte = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value);

function mixRow(data: Uint8Array, base: number, row: Uint8Array, share: Uint8Array): void {
  for (let x = 0; x < share.length; x++) {
    const k = (share[x] ?? 0) / 255;
    if (k === 0) continue;
    for (let at = x * 4; at < x * 4 + 3; at++) {
      const old = data[base + at] ?? 0;
      data[base + at] = old + ((row[at] ?? 0) - old) * k + 0.5;
    }
  }
}

function averageLuma(canvas: Canvas, sky: SkyEstimate): number {
  const { width, height, data } = canvas;
  const share = new Uint8Array(width);
  let sum = 0;
  let count = 0;
  for (let y = 0; y < height; y += 16) {
    sky.readRow(y, canvas, share);
    for (let x = 0; x < width; x += 8) {
      if ((share[x] ?? 0) < 200) continue;
      const at = (y * width + x) * 4;
      sum += 0.2126 * (data[at] ?? 0) + 0.7152 * (data[at + 1] ?? 0) + 0.0722 * (data[at + 2] ?? 0);
      count++;
    }
  }
  return count === 0 ? 128 : sum / count;
}

/** Screens a band of light around the horizon over the picture: strongest there, gone after a fifth of the height. */
function glowAt(canvas: Canvas, glow: NonNullable<Light['glow']>, horizon_px: number): void {
  const { width, height, data } = canvas;
  const reach = height * 0.2;
  const colour = [redOf(glow.color), greenOf(glow.color), blueOf(glow.color)];
  for (let y = 0; y < height; y++) {
    const far = Math.abs(y - horizon_px) / reach;
    if (far >= 1) continue;
    const amount = glow.strength * (1 - far) ** 2;
    for (let at = y * width * 4; at < (y + 1) * width * 4; at += 4) {
      for (let channel = 0; channel < 3; channel++) {
        const old = data[at + channel] ?? 0;
        data[at + channel] = old + ((255 - old) * (colour[channel] ?? 0) * amount) / 255;
      }
    }
  }
}
