import { type Canvas, fillContours } from '../raster/canvas.ts';
import { radial, solid } from '../raster/paint.ts';
import type { Random } from '../raster/random.ts';
import { unitOf } from './edit-rule.ts';
import type { SkyEstimate } from './estimate-sky.ts';
import type { Blob } from './find-blobs.ts';
import { ellipse, rectangle, star } from './shapes.ts';

/** Stars over the sky, or over the upper part of a picture that has none; `amount` multiplies their number. */
export function addStars(canvas: Canvas, sky: SkyEstimate, random: Random, amount: number): void {
  const { width, height } = canvas;
  const unit = unitOf(canvas);
  // Small pictures have fewer stars, or they would be nothing else.
  const density = 260 * amount * Math.min(1, Math.max(0.3, unit * 3));
  const count = Math.round(density * Math.max(0.25, sky.coverage === 0 ? 0.5 : sky.coverage) * (width / height + 0.6));
  const inSky = skyTest(canvas, sky);
  const depth = sky.coverage === 0 ? 0.5 : 1;
  for (let i = 0; i < count; i++) {
    const x = random.next() * width;
    const y = random.next() ** 1.3 * height * depth;
    const size = (0.8 + random.next() ** 4 * 3.4) * Math.max(unit, 0.35);
    const bright = random.between(0.45, 1);
    const color = random.pick([0xffffff, 0xdfe8ff, 0xfff2d6]);
    if (!inSky(x, y)) continue;
    if (size > 2.6 * unit)
      fillContours(canvas, [ellipse(x, y, size * 5, size * 5)], halo(x, y, size * 5, color, 0.28), { blend: 'screen' });
    const shape = size > 3 * unit ? star(x, y, size * 3, 4, 0.14) : ellipse(x, y, size, size, 12);
    fillContours(canvas, [shape], solid(color, bright));
  }
}

const halo = (x: number, y: number, radius: number, color: number, alpha: number) =>
  radial(x, y, radius, [
    [0, color, alpha],
    [0.3, color, alpha * 0.35],
    [1, color, 0],
  ]);

/** Answers whether a point is in the sky; rows are read once and kept small. */
export function skyTest(canvas: Canvas, sky: SkyEstimate): (x: number, y: number) => boolean {
  if (sky.coverage === 0) return () => true;
  const step = Math.max(1, Math.floor(canvas.height / 256));
  const rows = new Map<number, Uint8Array>();
  return (x, y) => {
    const row = Math.min(canvas.height - 1, Math.round(y / step) * step);
    let share = rows.get(row);
    if (share === undefined) {
      share = new Uint8Array(canvas.width);
      sky.readRow(row, canvas, share);
      rows.set(row, share);
    }
    return (share[Math.min(canvas.width - 1, Math.floor(x))] ?? 0) > 200;
  };
}

export function addMoon(canvas: Canvas, x: number, y: number, radius: number): void {
  fillContours(canvas, [ellipse(x, y, radius * 5, radius * 5, 64)], halo(x, y, radius * 5, 0xc9d6ff, 0.55), {
    blend: 'screen',
  });
  fillContours(
    canvas,
    [ellipse(x, y, radius, radius, 96)],
    radial(x - radius * 0.3, y - radius * 0.3, radius * 1.6, [
      [0, 0xfffdf2],
      [0.6, 0xf1ecd6],
      [1, 0xc3c2bd],
    ]),
  );
  for (const [dx, dy, size] of [
    [-0.32, -0.2, 0.2],
    [0.28, 0.3, 0.26],
    [0.1, -0.42, 0.12],
    [-0.2, 0.45, 0.13],
    [0.5, -0.1, 0.1],
  ] as const) {
    fillContours(
      canvas,
      [ellipse(x + dx * radius, y + dy * radius, size * radius, size * radius * 0.92)],
      solid(0xb9b6aa, 0.4),
    );
  }
}

export function addSun(canvas: Canvas, x: number, y: number, radius: number, color = 0xfff3c4): void {
  const reach = radius * 7;
  fillContours(canvas, [ellipse(x, y, reach, reach, 72)], halo(x, y, reach, 0xffc766, 0.85), { blend: 'screen' });
  fillContours(
    canvas,
    [ellipse(x, y, radius, radius, 96)],
    radial(x, y, radius, [
      [0, 0xffffff],
      [0.75, color],
      [1, color, 0.9],
    ]),
  );
}

/** Lights upright or square blobs that look like windows: a warm pane, and its glow around it. Not every window is awake. */
export function lightWindows(canvas: Canvas, windows: readonly Blob[], random: Random): void {
  for (const [index, window] of windows.entries()) {
    if (random.chance(0.25) && index > 1) continue;
    const { x, y, width, height } = window;
    const middleX = x + width / 2;
    const middleY = y + height / 2;
    const reach = Math.max(width, height) * 1.9;
    const warm = random.pick([0xffd27a, 0xffbf5e, 0xffe3a1]);
    fillContours(canvas, [rectangle(x, y, width, height)], solid(warm, 0.92));
    fillContours(canvas, [ellipse(middleX, middleY, reach, reach)], halo(middleX, middleY, reach, warm, 0.5), {
      blend: 'screen',
    });
  }
}
