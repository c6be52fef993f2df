import { fillContours } from '../../raster/canvas.ts';
import type { Color } from '../../raster/color.ts';
import { blueOf, greenOf, mix, redOf } from '../../raster/color.ts';
import { linear, solid } from '../../raster/paint.ts';
import { ellipse, rectangle } from '../../raster/shapes.ts';
import type { Atmosphere } from '../atmosphere.ts';
import type { Stage } from '../stage.ts';

/**
 * Mirrors what stands above `shore` into the frame below it, broken by ripples that grow towards the viewer, and
 * mixed with the water's own colour. Reads and writes the canvas row by row.
 */
export function paintReflection(stage: Stage, shore: number, water: Color, clarity: number, ripple: number): void {
  const { canvas, width, height, noise } = stage;
  const top = Math.max(0, Math.round(shore));
  const depth = height - top;
  const { data } = canvas;
  const [wr, wg, wb] = [redOf(water), greenOf(water), blueOf(water)];
  const shift = stage.random.fork('water').between(0, 8);
  const squeeze = Math.min(1, (top - 1) / Math.max(1, depth));
  for (let y = top; y < height; y++) {
    const near = (y - top) / Math.max(1, depth);
    const wave = (0.12 + near) * ripple * stage.mean;
    const rough = 1 / (0.02 + near * 0.5);
    const swell = noise.at(0.5, rough * 2.1 + shift) - 0.5;
    const bend = (noise.at(3.1, y * 0.31 + shift) - 0.5) * wave * 1.6;
    const sourceY = Math.max(0, Math.min(top - 1, Math.round(top - 1 - (y - top) * squeeze + swell * wave * 0.7)));
    const keep = clarity * (1 - near * 0.35);
    const source = sourceY * width;
    const target = y * width;
    const scaleX = (3 + 9 * (1 - near)) / stage.mean;
    for (let x = 0; x < width; x++) {
      const slip = bend + (((x * scaleX + y * 0.13) & 1) === 0 ? 0.22 : -0.22) * wave;
      let sx = (x + slip) | 0;
      if (sx < 0) sx = -sx;
      if (sx >= width) sx = 2 * width - 2 - sx;
      if (sx < 0 || sx >= width) sx = x;
      const s = (source + sx) << 2;
      const t = (target + x) << 2;
      data[t] = wr + ((data[s] ?? 0) - wr) * keep;
      data[t + 1] = wg + ((data[s + 1] ?? 0) - wg) * keep;
      data[t + 2] = wb + ((data[s + 2] ?? 0) - wb) * keep;
    }
  }
}

/** Flat glints that thicken towards the viewer, densest under the sun. */
export function paintGlints(stage: Stage, air: Atmosphere, shore: number, sunX: number, strength: number): void {
  const random = stage.random.fork('glints');
  const depth = stage.height - shore;
  const count = Math.round(260 * Math.min(2, stage.width / stage.short));
  for (let i = 0; i < count; i++) {
    const near = random.next() ** 1.8;
    const y = shore + 1 + near * depth;
    const path = random.chance(0.6);
    const spread = stage.mean * (0.04 + near * 0.16);
    const x = path ? sunX + (random.next() + random.next() - 1) * spread : random.next() * stage.width;
    const long = stage.mean * (0.006 + near * 0.045) * random.between(0.5, 1.3);
    const color = path ? mix(air.sun, 0xffffff, 0.3) : mix(air.sky[3], 0xffffff, 0.3);
    const alpha = (path ? 0.7 : 0.2) * strength * (1 - near * 0.35);
    fillContours(stage.canvas, [ellipse(x, y, long, Math.max(0.5, long * 0.085))], solid(color, alpha));
  }
}

export function paintSea(stage: Stage, air: Atmosphere, shore: number, sunX: number): void {
  const deep = mix(mix(air.sky[0], 0x0f4f66, 0.45), air.haze, 0.1);
  paintReflection(stage, shore, deep, 0.5, 0.03);
  const paint = linear(0, shore, 0, stage.height, [
    [0, mix(air.haze, air.sky[3], 0.5), 0.55],
    [0.25, deep, 0.1],
    [1, mix(deep, 0x021018, 0.45), 0.75],
  ]);
  fillContours(stage.canvas, [rectangle(0, shore, stage.width, stage.height - shore)], paint);
  const random = stage.random.fork('swell');
  for (let i = 0; i < 120; i++) {
    const near = random.next() ** 1.5;
    const y = shore + near * (stage.height - shore);
    const long = stage.mean * (0.02 + near * 0.22) * random.between(0.5, 1.2);
    const lit = random.chance(0.55);
    const color = lit ? mix(air.sky[2], 0xffffff, 0.25) : mix(deep, 0x000814, 0.3);
    const arc = ellipse(random.next() * stage.width, y, long, Math.max(0.6, stage.mean * (0.0012 + near * 0.006)));
    fillContours(stage.canvas, [arc], solid(color, lit ? 0.22 : 0.3));
  }
  paintGlints(stage, air, shore, sunX, air.height > -0.05 ? 0.95 : 0.3);
}

export function paintLake(stage: Stage, air: Atmosphere, shore: number, sunX: number): void {
  const own = mix(mix(air.sky[1], 0x1d5560, 0.5), 0x0a1826, 0.25);
  paintReflection(stage, shore, own, 0.82, 0.012);
  const paint = linear(0, shore, 0, stage.height, [
    [0, mix(air.haze, 0xffffff, 0.2), 0.4],
    [0.06, own, 0.05],
    [1, mix(own, 0x04101c, 0.5), 0.62],
  ]);
  fillContours(stage.canvas, [rectangle(0, shore, stage.width, stage.height - shore)], paint);
  paintGlints(stage, air, shore, sunX, air.height > -0.05 ? 0.6 : 0.3);
}
