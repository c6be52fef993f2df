import { fillContours, wordOf } from '../../raster/canvas.ts';
import type { Color } from '../../raster/color.ts';
import { mix, multiplyColors } from '../../raster/color.ts';
import { Field } from '../../raster/field.ts';
import { linear, shader } from '../../raster/paint.ts';
import type { Random } from '../../raster/random.ts';
import { rectangle } from '../../raster/shapes.ts';
import type { Atmosphere } from '../atmosphere.ts';
import { grainAt } from '../form.ts';
import type { Stage } from '../stage.ts';

/** Heights 0 .. 1 along a skyline by midpoint displacement, then lifted towards a few chosen peaks. */
export function ridgeLine(random: Random, points: number, roughness: number, peaks: number): Float32Array {
  const heights = new Float32Array(points + 1);
  heights[0] = random.between(0.2, 0.6);
  heights[points] = random.between(0.2, 0.6);
  for (let step = points; step > 1; step >>= 1) {
    const amount = (step / points) ** roughness;
    for (let i = step >> 1; i < points; i += step) {
      const before = heights[i - (step >> 1)] ?? 0;
      const after = heights[i + (step >> 1)] ?? 0;
      heights[i] = (before + after) / 2 + (random.next() - 0.5) * amount;
    }
  }
  const centres = Array.from(
    { length: peaks },
    (_, k) => [(k + random.between(0.2, 0.8)) / peaks, random.between(0.45, 1)] as const,
  );
  for (let i = 0; i <= points; i++) {
    const at = i / points;
    let lift = 0;
    for (const [centre, high] of centres) {
      lift = Math.max(lift, high * Math.max(0, 1 - Math.abs(at - centre) * peaks * 1.25) ** 1.1);
    }
    heights[i] = Math.max(0, (heights[i] ?? 0) * 0.42 + lift * 0.66);
  }
  return heights;
}

interface Range {
  readonly base: number;
  readonly rise: number;
  readonly heights: Float32Array;
  readonly rock: Color;
  readonly haze: Color;
  /** 0 near .. 1 lost in haze. */
  readonly far: number;
  /** Share of the height from which snow lies; 2 = none. */
  readonly snow: number;
}

const heightAt = (heights: Float32Array, at: number): number => {
  const place = Math.min(0.9999, Math.max(0, at)) * (heights.length - 1);
  const i = place | 0;
  const a = heights[i] ?? 0;
  return a + ((heights[i + 1] ?? a) - a) * (place - i);
};

/** One range: spurs run down from the skyline, lit on the light's side, snow above a ragged line, haze at the foot. */
function paintRange(stage: Stage, air: Atmosphere, range: Range): void {
  const { width, noise, light, canvas } = stage;
  const top = range.base - range.rise * 1.1;
  const box = { left: 0, top, width, height: range.base - top };
  const shift = range.far * 5.3;
  const spread = width / stage.mean;
  const steep = light.x > 0 ? 1 : -1;
  const tone = new Field(box, 240, (u, v) => {
    const skyline = heightAt(range.heights, u) / 1.1;
    const down = Math.max(0, v - (1 - skyline));
    const x = u * spread * 5 + shift;
    const bend = (noise.at(x * 0.6, v * 2 + shift) - 0.5) * down * 2.6;
    const here = noise.at(x + bend * 1.4, v * 1.3 + shift);
    const next = noise.at(x + bend * 1.4 + 0.16 * steep, v * 1.3 + shift - 0.05);
    const slope = (heightAt(range.heights, u + 0.006) - heightAt(range.heights, u - 0.006)) * 4.5 * -steep;
    return 0.47 + (here - next) * 3.4 + slope * Math.max(0, 1 - down * 2.2) * 0.34 - down * 0.1;
  });
  const body = multiplyColors(range.rock, air.tint);
  const dark = multiplyColors(body, air.shade);
  const bright = mix(body, air.lit, 0.5);
  const whiteDark = mix(multiplyColors(0xdfe8f6, air.shade), air.haze, 0.15);
  const whiteLit = mix(multiplyColors(0xffffff, air.tint), air.lit, 0.35);
  const ramp = (low: Color, middle: Color, high: Color): Uint32Array =>
    Uint32Array.from({ length: 64 }, (_, i) =>
      wordOf(mix(i < 32 ? mix(low, middle, i / 32) : mix(middle, high, (i - 32) / 32), range.haze, range.far * 0.82)),
    );
  const rockRamp = ramp(dark, body, bright);
  const snowRamp = ramp(whiteDark, mix(whiteDark, whiteLit, 0.62), whiteLit);
  const tones = new Float32Array(width);
  const snowY = range.base - range.rise * range.snow;
  const ragged = new Float32Array(width);
  for (let x = 0; x < width; x++)
    ragged[x] = snowY + (noise.at((x / stage.mean) * 16 + shift, shift) - 0.5) * range.rise * 0.55;
  let words: Uint32Array = new Uint32Array(0);
  const paint = shader((y, x0, x1, out) => {
    if (words.buffer !== out.buffer) words = new Uint32Array(out.buffer, 0, out.length >> 2);
    tone.row(y, x0, x1, tones);
    for (let i = 0; i < x1 - x0; i++) {
      const t = (tones[i] ?? 0) + grainAt(x0 + i, y) * 0.0006;
      const index = t < 0 ? 0 : t > 0.999 ? 63 : (t * 64) | 0;
      const white = y - (t - 0.5) * range.rise * 0.34 < (ragged[x0 + i] ?? 0);
      words[i] = (white ? snowRamp[index] : rockRamp[index]) ?? 0;
    }
  });
  const points: number[] = [];
  const count = range.heights.length - 1;
  for (let i = 0; i <= count; i++) points.push((i / count) * width, range.base - (range.heights[i] ?? 0) * range.rise);
  points.push(width, range.base + 2, 0, range.base + 2);
  fillContours(canvas, [Float32Array.from(points)], paint);
  const foot = range.rise * 0.75;
  const mist = linear(0, range.base - foot, 0, range.base, [
    [0, range.haze, 0],
    [1, range.haze, 0.45 + range.far * 0.3],
  ]);
  fillContours(canvas, [rectangle(0, range.base - foot, width, foot)], mist, {});
}

export interface MountainOptions {
  readonly layers: number;
  readonly rock: Color;
  readonly snow: boolean;
  /** Height of the tallest range in pixels. */
  readonly rise: number;
  /** Smooth hills instead of crags. */
  readonly smooth?: boolean;
}

/** Ranges one before the other, the far ones paler and bluer (aerial perspective). */
export function paintMountains(stage: Stage, air: Atmosphere, horizon: number, options: MountainOptions): void {
  const random = stage.random.fork('mountains');
  const spread = stage.width / stage.mean;
  for (let k = 0; k < options.layers; k++) {
    const far = 1 - k / Math.max(1, options.layers - 1 || 1);
    const points = options.smooth ? 64 : 256;
    const peaks = Math.max(1, Math.round((options.smooth ? 1.6 : 2.2) * spread * random.between(0.75, 1.3) + k * 0.4));
    const size = options.layers === 1 ? 1 : ([0.86, 1, 0.68, 0.46, 0.34][k] ?? 0.3);
    paintRange(stage, air, {
      base: horizon + (options.smooth ? k * options.rise * 0.22 : 0),
      rise: options.rise * size * random.between(0.88, 1.1),
      heights: ridgeLine(random, points, options.smooth ? 1.9 : 1.02, peaks),
      rock: mix(mix(options.rock, air.sky[0], air.height < 0.3 ? 0.35 + (1 - far) * 0.4 : 0), air.sky[1], far * 0.3),
      haze: mix(mix(air.haze, air.sky[3], 0.3), air.sky[1], air.height < 0.3 ? 0.38 : 0),
      far: options.layers === 1 ? 0.15 : far * 0.86,
      snow: options.snow && k < 3 ? 0.5 : 2,
    });
  }
}
