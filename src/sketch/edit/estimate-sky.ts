import type { Pixels } from '../../contracts/media.ts';
import type { Canvas } from '../raster/canvas.ts';
import { sortByColour } from './colour-model.ts';
import { flood, patchesOf } from './flood.ts';
import { type RegionRow, regionReader } from './region-reader.ts';
import { thumbnail } from './soft-copy.ts';

export interface SkyEstimate {
  /** Part of the picture that is sky, 0 .. 1. Zero when none was found. */
  readonly coverage: number;
  /** Where the sky ends, as a part of the height. */
  readonly horizon: number;
  /** How much each pixel of a row is sky. */
  readonly readRow: RegionRow;
}

const side_px_max = 288;
/** A neighbour this close (largest channel difference) is the same sky. */
const smoothStep = 11;
/** And it may not drift further than this from the top of its column, clouds and the glow at the horizon included. */
const driftMax = 150;
const coverageMin = 0.035;

const noSky: SkyEstimate = { coverage: 0, horizon: 0, readRow: (_y, _picture, out) => void out.fill(0) };

/**
 * Sky is what joins the upper edge smoothly: a flood from the top over a small copy, kept to colours that skies have
 * (bright, or more blue than green is red). Edges are then found again at full size by colour, so that a roof line stays sharp.
 */
export function estimateSky(picture: Pixels): SkyEstimate {
  const { small } = thumbnail(picture, side_px_max);
  const { width, height } = small;
  const inside = skyOf(small);
  let count = 0;
  const depths = new Array<number>(width).fill(0);
  inside.forEach((is, at) => {
    if (is === 0) return;
    count++;
    depths[at % width] = Math.floor(at / width) + 1;
  });
  const coverage = count / (width * height);
  if (coverage < coverageMin) return noSky;
  depths.sort((a, b) => a - b);
  const horizon = (depths[Math.floor(width * 0.6)] ?? 0) / height;
  return { coverage, horizon, readRow: regionReader(picture, small, inside) };
}

/** A flood; or, for skies whose clouds stop it, what colour says, when the upper edge looks like a sky at all. */
function skyOf(small: Canvas): Uint8Array {
  const { width, height, data } = small;
  const inside = floodFromTop(small);
  cutAtHorizon(small, inside);
  addClouds(small, inside);
  const top = Math.ceil(height * 0.12) * width;
  let found = 0;
  let likely = 0;
  for (let at = 0; at < top; at++) {
    found += inside[at] ?? 0;
    if (colourful(data, at * 4)) likely++;
  }
  if (found > top * 0.35 || likely < top * 0.8) return inside;
  const behind = sortByColour(small, (_x, y) => Math.max(0.01, Math.min(0.99, 1.25 - 2.2 * y)));
  const sky = behind.map((is) => 1 - is);
  for (let at = 0; at < sky.length; at++) {
    // What has no sky above it is no sky: reflections and roofs of its colour.
    if (at >= width && sky[at - width] === 0) sky[at] = 0;
  }
  return sky;
}

/** A sunset's colours: neither grey like a wall or a ceiling nor green. */
function colourful(data: Uint8Array, at: number): boolean {
  const r = data[at] ?? 0;
  const g = data[at + 1] ?? 0;
  const b = data[at + 2] ?? 0;
  const span = Math.max(r, g, b) - Math.min(r, g, b);
  return span > 24 && g <= Math.max(r, b);
}

/** A calm sea is as smooth as the sky: when the flood ran down to the lower edge, it ends at the strongest level line on its way. */
function cutAtHorizon({ width, height, data }: Canvas, inside: Uint8Array): void {
  const reached = inside.subarray(width * Math.floor(height * 0.92)).reduce((sum, is) => sum + is, 0);
  if (reached < width * height * 0.08 * 0.2) return;
  const steps: number[] = [];
  for (let y = Math.floor(height * 0.2); y < height * 0.9; y++) {
    let sum = 0;
    for (let x = 0; x < width; x++) sum += difference(data, ((y - 1) * width + x) * 4, ((y + 1) * width + x) * 4);
    steps.push(sum / width);
  }
  const strongest = Math.max(...steps);
  const line = Math.floor(height * 0.2) + steps.indexOf(strongest);
  inside.fill(0, strongest > 4 ? line * width : Math.floor(height * 0.62) * width);
}

function floodFromTop({ width, height, data }: Canvas): Uint8Array {
  const starts = Array.from({ length: width }, (_, x) => x).filter((x) => skyLike(data, x * 4) && calm(data, x, width));
  return flood(width, height, starts, (from, to) => {
    if (difference(data, from * 4, to * 4) > smoothStep) return false;
    return difference(data, (to % width) * 4, to * 4) <= driftMax && skyLike(data, to * 4);
  });
}

/** Bright pale patches that the flood went around are clouds, when sky lies below them. */
function addClouds({ width, height, data }: Canvas, inside: Uint8Array): void {
  for (const patch of patchesOf(width, height, (at) => inside[at] === 0)) {
    const lowest = Math.floor(patch.reduce((last, at) => Math.max(last, at), 0) / width);
    const skyBelow = patch.some((at) => inside[at + width] === 1);
    const pale = patch.reduce((sum, at) => sum + (paleAt(data, at * 4) ? 1 : 0), 0);
    const cloud = pale > patch.length * 0.8 || patch.length < 60;
    if (cloud && skyBelow && lowest < height - 2) for (const at of patch) inside[at] = 1;
  }
}

function paleAt(data: Uint8Array, at: number): boolean {
  const r = data[at] ?? 0;
  const g = data[at + 1] ?? 0;
  const b = data[at + 2] ?? 0;
  const most = Math.max(r, g, b);
  return most > 140 && most - Math.min(r, g, b) < most * 0.34;
}

/** Grass and leaves (green leads) and plain dark brown are what skies never are; deep blue nights pass. */
function skyLike(data: Uint8Array, at: number): boolean {
  const r = data[at] ?? 0;
  const g = data[at + 1] ?? 0;
  const b = data[at + 2] ?? 0;
  const greenLeads = g > r + 6 && g > b + 6;
  const brightest = Math.max(r, g, b);
  return !greenLeads && (b >= r - 12 || brightest > 150);
}

/** The upper edge counts only where it does not change much sideways: foliage and ceilings with lamps do. */
function calm(data: Uint8Array, x: number, width: number): boolean {
  const left = Math.max(0, x - 2);
  const right = Math.min(width - 1, x + 2);
  return difference(data, left * 4, right * 4) < smoothStep * 2;
}

function difference(data: Uint8Array, a: number, b: number): number {
  return Math.max(
    Math.abs((data[a] ?? 0) - (data[b] ?? 0)),
    Math.abs((data[a + 1] ?? 0) - (data[b + 1] ?? 0)),
    Math.abs((data[a + 2] ?? 0) - (data[b + 2] ?? 0)),
  );
}
