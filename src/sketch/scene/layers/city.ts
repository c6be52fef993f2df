import { fillContours } from '../../raster/canvas.ts';
import type { Color } from '../../raster/color.ts';
import { mix, multiplyColors } from '../../raster/color.ts';
import { glow } from '../../raster/glow.ts';
import { linear, solid } from '../../raster/paint.ts';
import type { Random } from '../../raster/random.ts';
import { rectangle } from '../../raster/shapes.ts';
import type { Atmosphere } from '../atmosphere.ts';
import type { Stage } from '../stage.ts';

export const neonColors = [0xff3fb4, 0x25e6ff, 0xa45bff, 0xff6a3d, 0x39ffb0, 0xffd23d] as const;

export interface CityOptions {
  /** Share of windows that are lit. */
  readonly lights: number;
  readonly neon: boolean;
  /** Height of the tallest tower in pixels. */
  readonly rise: number;
}

/** Towers in rows, the far ones paler; windows, spires and, in a neon city, signs. */
export function paintSkyline(stage: Stage, air: Atmosphere, base: number, options: CityOptions): void {
  const random = stage.random.fork('city');
  const rows = 4;
  for (let row = 0; row < rows; row++) {
    const far = 1 - row / (rows - 1);
    const high = options.rise * ([0.82, 1, 0.72, 0.46][row] ?? 0.5);
    const body = mix(
      multiplyColors(random.pick([0x5a6478, 0x6b6a76, 0x4c586c]), air.tint),
      mix(air.haze, air.sky[3], 0.3),
      far * 0.78,
    );
    let x = -stage.mean * 0.05 * random.next();
    while (x < stage.width) {
      const wide = stage.mean * random.between(0.045, 0.115) * (0.75 + (1 - far) * 0.5);
      const middle = 1 - Math.abs((x + wide / 2) / stage.width - 0.5) * 0.7;
      const tall = high * random.between(0.38, 1) ** 1.2 * middle;
      paintTower(
        stage,
        air,
        random,
        x,
        base,
        wide,
        Math.max(wide * 0.6, tall),
        mix(body, air.lit, random.next() * 0.06),
        far,
        options,
      );
      x += wide * random.between(0.9, 1.25);
    }
    const paint = linear(0, base - high * 0.7, 0, base, [
      [0, air.haze, 0],
      [1, air.haze, 0.42],
    ]);
    fillContours(stage.canvas, [rectangle(0, base - high * 0.7, stage.width, high * 0.7)], paint);
  }
}

function paintTower(
  stage: Stage,
  air: Atmosphere,
  random: Random,
  x: number,
  base: number,
  wide: number,
  tall: number,
  body: Color,
  far: number,
  options: CityOptions,
): void {
  const { canvas, light } = stage;
  const top = base - tall;
  const dark = mix(body, multiplyColors(body, air.shade), 0.75);
  const lit = mix(body, air.lit, 0.3 * (1 - far * 0.5));
  const turn = random.between(0.55, 0.72);
  const split = light.x > 0 ? x + wide * (1 - turn) : x + wide * turn;
  const shape: Float32Array[] = [rectangle(x, top, wide, tall)];
  const crown = random.next();
  if (crown < 0.3)
    shape.push(
      rectangle(x + wide * 0.2, top - tall * 0.09, wide * 0.6, tall * 0.1),
      rectangle(x + wide * 0.36, top - tall * 0.15, wide * 0.28, tall * 0.07),
    );
  if (crown > 0.72)
    shape.push(
      Float32Array.of(
        x + wide * 0.47,
        top,
        x + wide * 0.495,
        top - tall * 0.22,
        x + wide * 0.505,
        top - tall * 0.22,
        x + wide * 0.53,
        top,
      ),
    );
  if (crown > 0.45 && crown < 0.6)
    shape.push(Float32Array.of(x, top + 0.5, x + wide * 0.5, top - wide * 0.5, x + wide, top + 0.5));
  fillContours(
    canvas,
    shape,
    linear(0, top, 0, base, [
      [0, body],
      [1, mix(body, air.haze, 0.25)],
    ]),
  );
  const faceLeft = light.x > 0 ? x : split;
  const faceRight = light.x > 0 ? split : x + wide;
  fillContours(canvas, [rectangle(faceLeft, top, faceRight - faceLeft, tall)], solid(dark, 0.75));
  fillContours(canvas, [rectangle(light.x > 0 ? x + wide * 0.96 : x, top, wide * 0.04, tall)], solid(lit, 0.8));
  paintWindows(stage, air, random, x, top, wide, tall, body, far, options);
  if (options.neon && far < 0.8 && random.chance(0.5)) {
    const color = random.pick(neonColors);
    const signTall = Math.min(tall * 0.5, stage.mean * random.between(0.06, 0.16));
    const signWide = Math.max(1.5, stage.mean * 0.014);
    const signX = random.chance(0.5) ? x + wide * 0.08 : x + wide * 0.8;
    const signY = top + tall * random.between(0.08, 0.4);
    glow(canvas, signX, signY + signTall / 2, signTall * 1.1, color, 0.55);
    fillContours(canvas, [rectangle(signX, signY, signWide, signTall)], solid(mix(color, 0xffffff, 0.25)));
  }
}

function paintWindows(
  stage: Stage,
  air: Atmosphere,
  random: Random,
  x: number,
  top: number,
  wide: number,
  tall: number,
  body: Color,
  far: number,
  options: CityOptions,
): void {
  const pitch = Math.max(3, stage.mean * 0.0135);
  const columns = Math.min(14, Math.floor((wide * 0.86) / pitch));
  const rows = Math.min(60, Math.floor((tall * 0.92) / (pitch * 1.25)));
  if (columns < 1 || rows < 1) return;
  const bright: Float32Array[] = [];
  const dim: Float32Array[] = [];
  const stepX = (wide * 0.86) / columns;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const box = rectangle(
        x + wide * 0.07 + c * stepX + stepX * 0.2,
        top + tall * 0.04 + r * pitch * 1.25,
        stepX * 0.6,
        pitch * 0.72,
      );
      (random.chance(options.lights) ? bright : dim).push(box);
    }
  }
  const glass = mix(mix(body, air.sky[1], 0.4), 0x10182a, 0.25);
  fillContours(stage.canvas, dim, solid(glass, 0.5 * (1 - far * 0.6)));
  const lamp = options.neon
    ? random.pick([0xffd98a, 0x6ff0ff, 0xff8fd0, 0xffe6b0])
    : random.pick([0xffd98a, 0xffe9b8, 0xffc56a]);
  fillContours(stage.canvas, bright, solid(mix(lamp, air.haze, far * 0.4), 0.95 - far * 0.3));
}
