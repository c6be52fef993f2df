import type { Canvas } from '../raster/canvas.ts';
import type { Color } from '../raster/color.ts';
import type { Noise } from '../raster/noise.ts';
import type { Random } from '../raster/random.ts';

/** How light falls in the whole picture; every form is shaded by it, which is what holds a picture together. */
export interface Light {
  /** Where the light comes from, on screen: -1 left .. 1 right, -1 top .. 1 bottom; `z` towards the viewer. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Multiplies every colour: white by day, blue at night. */
  readonly tint: Color;
  /** The colour that lit sides lean to, and the one that shadows are multiplied with. */
  readonly lit: Color;
  readonly shade: Color;
  /** 0 = no modelling (flat), 1 = full. */
  readonly depth: number;
}

/** `soft` = modelled, `cel` = three tones, `flat` = two. */
export type Finish = 'soft' | 'cel' | 'flat';

/** What every layer of a picture shares. */
export interface Stage {
  readonly canvas: Canvas;
  readonly width: number;
  readonly height: number;
  /** The short side, and the geometric mean of both sides, in pixels. */
  readonly short: number;
  readonly mean: number;
  readonly light: Light;
  readonly finish: Finish;
  readonly noise: Noise;
  readonly random: Random;
}
