import { fillContours } from '../../raster/canvas.ts';
import type { Color } from '../../raster/color.ts';
import { mix, multiplyColors } from '../../raster/color.ts';
import { solid } from '../../raster/paint.ts';
import type { Random } from '../../raster/random.ts';
import { ellipse, smoothLine, strokeLine } from '../../raster/shapes.ts';
import type { Pen } from '../pen.ts';
import type { Stage } from '../stage.ts';

/** A clump of leaves: dabs from dark to light, the light ones towards the light. Pixels. */
export function paintClump(
  stage: Stage,
  random: Random,
  x: number,
  y: number,
  radius: number,
  color: Color,
  dabs: number,
  squash = 0.85,
): void {
  const { light, canvas } = stage;
  const body = multiplyColors(color, light.tint);
  const dark = multiplyColors(multiplyColors(body, light.shade), 0xb8b8c8);
  const bright = mix(body, light.lit, 0.5);
  fillContours(canvas, [ellipse(x, y, radius * 0.86, radius * 0.86 * squash)], solid(mix(dark, body, 0.35)));
  for (let i = 0; i < dabs; i++) {
    const rise = i / dabs;
    const angle = random.between(0, Math.PI * 2);
    const far = Math.sqrt(random.next()) * radius * (1 - rise * 0.3);
    const px = x + Math.cos(angle) * far + light.x * radius * 0.34 * rise;
    const py = y + (Math.sin(angle) * far + light.y * radius * 0.34 * rise) * squash;
    const facing = ((px - x) * light.x + (py - y) * light.y) / radius;
    const tone = rise * 0.75 + facing * 0.3 + random.between(-0.16, 0.16);
    const shade = tone < 0.42 ? mix(dark, body, Math.max(0, tone / 0.42)) : mix(body, bright, (tone - 0.42) * 1.5);
    const size = Math.max(0.7, radius * random.between(0.13, 0.24) * (1.15 - rise * 0.5));
    fillContours(canvas, [ellipse(px, py, size, size * 0.62, random.between(-0.9, 0.9))], solid(shade, 0.92));
  }
}

export type TreeKind = 'round' | 'pine' | 'palm' | 'blossom' | 'bare';

/** Drawn in units: stands on y = 0, about one unit tall. */
export function paintTree(pen: Pen, kind: TreeKind, color: Color, random: Random, detail = 1): void {
  if (kind === 'pine') paintPine(pen, color, random, detail);
  else if (kind === 'palm') paintPalm(pen, color, random);
  else paintBroadleaf(pen, kind, color, random, detail);
}

function paintPine(pen: Pen, color: Color, random: Random, detail: number): void {
  const { light, canvas } = pen.stage;
  pen.form(Float32Array.of(-0.025, 0, -0.018, -0.3, 0.018, -0.3, 0.025, 0), 0x5a4030);
  const body = multiplyColors(color, light.tint);
  const dark = multiplyColors(body, light.shade);
  const bright = mix(body, light.lit, 0.34);
  const tiers = Math.round(7 + detail * 5);
  for (let k = 0; k < tiers; k++) {
    const t = k / (tiers - 1);
    const y = -0.1 - t * 0.86;
    const half = 0.26 * (1 - t) ** 0.9 + 0.02;
    for (let s = 0; s < 9; s++) {
      const side = (s / 8) * 2 - 1;
      const reach = half * side * random.between(0.85, 1.15);
      const drop = 0.045 + Math.abs(side) * 0.035 * (1 - t * 0.5);
      const tone = 0.4 - side * -light.x * 0.45 + random.between(-0.2, 0.2);
      const shade = tone < 0.4 ? mix(dark, body, Math.max(0, tone / 0.4)) : mix(body, bright, tone - 0.4);
      const w = half * 0.3;
      const leaf = [
        reach * 0.25 - w * 0.5,
        y - 0.05,
        reach * 0.25 + w * 0.5,
        y - 0.05,
        reach + w * 0.3,
        y + drop,
        reach - w * 0.3,
        y + drop * 0.9,
      ];
      fillContours(canvas, pen.map(Float32Array.from(leaf)), solid(shade));
    }
  }
}

function paintPalm(pen: Pen, color: Color, random: Random): void {
  const lean = random.between(-0.18, 0.18);
  pen.limb([0, 0, lean * 0.3, -0.4, lean, -0.8], [0.055, 0.038, 0.03], 0x8a6a48);
  for (let i = 0; i < 11; i++) {
    const angle = -Math.PI * (0.02 + 0.96 * (i / 10)) + random.between(-0.1, 0.1);
    const reach = random.between(0.3, 0.4);
    const [dx, dy] = [Math.cos(angle) * reach, Math.sin(angle) * reach * 0.75];
    const frond = strokeLine(
      smoothLine([lean, -0.8, lean + dx * 0.55, -0.8 + dy * 0.9 - 0.03, lean + dx, -0.8 + dy * 0.6 + 0.14], false),
      [0.02, 0.06, 0.004],
    );
    pen.form(frond, mix(color, 0x9ab84a, random.next() * 0.4), { puff: 0.6 });
  }
}

function paintBroadleaf(pen: Pen, kind: TreeKind, color: Color, random: Random, detail: number): void {
  const bark = kind === 'blossom' ? 0x4a3034 : 0x5d4433;
  const lean = random.between(-0.06, 0.06);
  pen.limb([0, 0.01, lean * 0.4, -0.2, lean, -0.5], [0.085, 0.055, 0.035], bark);
  for (let i = 0; i < 5; i++) {
    const side = i % 2 === 0 ? -1 : 1;
    const x = side * random.between(0.1, 0.26);
    pen.limb(
      [lean * 0.5, -0.26 - i * 0.03, x * 0.6, -0.48 - i * 0.02, x, -0.66 - random.next() * 0.1],
      [0.035, 0.02, 0.008],
      bark,
    );
  }
  if (kind === 'bare') return;
  const clumps = 9;
  for (let i = 0; i < clumps; i++) {
    const angle = (i / (clumps - 1)) * Math.PI * 2;
    const ring = i === clumps - 1 ? 0 : 1;
    const x = lean + Math.cos(angle) * 0.24 * ring;
    const y = -0.64 + Math.sin(angle) * 0.2 * ring;
    const tone = mix(color, random.chance(0.5) ? 0xffe08a : 0x2c5a4a, random.next() * 0.16);
    paintClump(
      pen.stage,
      random,
      pen.toX(x, y),
      pen.toY(x, y),
      pen.scale * random.between(0.17, 0.24),
      tone,
      Math.round(20 * detail),
    );
  }
}
