import type { FillOptions } from '../raster/canvas.ts';
import { fillContours } from '../raster/canvas.ts';
import type { Color } from '../raster/color.ts';
import { multiplyColors } from '../raster/color.ts';
import { softSpot } from '../raster/glow.ts';
import { Mask } from '../raster/mask.ts';
import type { Paint, Stop } from '../raster/paint.ts';
import { linear, radial, shader, solid } from '../raster/paint.ts';
import { blob, smoothLine, strokeLine } from '../raster/shapes.ts';
import type { FormMap, FormOptions } from './form.ts';
import { formShader, inflate, toneColor, tonesOf } from './form.ts';
import type { Stage } from './stage.ts';

type Contours = Float32Array | readonly Float32Array[];

/** Place of a pen within another: offset, scale, mirror and turn (radians, clockwise). */
export interface Place {
  readonly x?: number;
  readonly y?: number;
  readonly scale?: number;
  readonly flip?: boolean;
  readonly turn?: number;
}

/**
 * Draws in its own units. Figures are drawn standing on y = 0 and one unit tall (y = -1 is the top), so that a scene
 * can put any of them anywhere at any size.
 */
export class Pen {
  readonly stage: Stage;
  /** Pixels a unit. */
  readonly scale: number;
  readonly #a: number;
  readonly #b: number;
  readonly #c: number;
  readonly #d: number;
  readonly #x: number;
  readonly #y: number;
  readonly #clip: Mask | undefined;

  constructor(stage: Stage, matrix: readonly [number, number, number, number, number, number], clip?: Mask) {
    this.stage = stage;
    [this.#a, this.#b, this.#c, this.#d, this.#x, this.#y] = matrix;
    this.scale = Math.sqrt(Math.abs(this.#a * this.#d - this.#b * this.#c));
    this.#clip = clip;
  }

  static at(stage: Stage, x: number, y: number, scale: number, flip = false, turn = 0): Pen {
    return new Pen(stage, [1, 0, 0, 1, 0, 0]).within({ x, y, scale, flip, turn });
  }

  within(place: Place): Pen {
    const scale = place.scale ?? 1;
    const cos = Math.cos(place.turn ?? 0) * scale;
    const sin = Math.sin(place.turn ?? 0) * scale;
    const mirror = place.flip ? -1 : 1;
    const [x, y] = [place.x ?? 0, place.y ?? 0];
    const [a, b, c, d] = [this.#a, this.#b, this.#c, this.#d];
    return new Pen(
      this.stage,
      [
        (a * cos + c * sin) * mirror,
        (b * cos + d * sin) * mirror,
        c * cos - a * sin,
        d * cos - b * sin,
        this.#x + a * x + c * y,
        this.#y + b * x + d * y,
      ],
      this.#clip,
    );
  }

  toX(x: number, y: number): number {
    return this.#x + this.#a * x + this.#c * y;
  }

  toY(x: number, y: number): number {
    return this.#y + this.#b * x + this.#d * y;
  }

  map(contours: Contours): Float32Array[] {
    const list = contours instanceof Float32Array ? [contours] : contours;
    return list.map((contour) => {
      const out = new Float32Array(contour.length);
      for (let i = 0; i + 1 < contour.length; i += 2) {
        const x = contour[i] ?? 0;
        const y = contour[i + 1] ?? 0;
        out[i] = this.toX(x, y);
        out[i + 1] = this.toY(x, y);
      }
      return out;
    });
  }

  /** The colour as this light shows it on a surface that faces the viewer. */
  tinted(color: Color): Color {
    return multiplyColors(color, this.stage.light.tint);
  }

  #options(options: FillOptions): FillOptions {
    return this.#clip && !options.clip ? { ...options, clip: this.#clip } : options;
  }

  /** Flat paint. A colour is taken as it is; use `form` or `tinted` for what the light should touch. */
  fill(contours: Contours, paint: Color | Paint, options: FillOptions = {}): void {
    const brush = typeof paint === 'number' ? solid(paint) : paint;
    fillContours(this.stage.canvas, this.map(contours), brush, this.#options(options));
  }

  /** A solid: lit and modelled. The map tells later strokes (fur, leaves) where its light is. */
  form(contours: Contours, color: Color, options: FormOptions & FillOptions = {}): FormMap | null {
    const mapped = this.map(contours);
    const { light, finish } = this.stage;
    const map = inflate(mapped, light, options);
    if (!map) return null;
    const tones = tonesOf(color, light, finish, options);
    const grain = finish === 'soft' ? (options.grain ?? 5) : 0;
    fillContours(this.stage.canvas, mapped, shader(formShader(this.stage, map, tones, grain)), this.#options(options));
    return map;
  }

  /** A smooth closed form through points. */
  shape(points: readonly number[], color: Color, options: FormOptions & FillOptions = {}): FormMap | null {
    return this.form(blob(points), color, options);
  }

  /** A smooth line; widths in units, spread along it. */
  line(
    points: readonly number[],
    widths: number | readonly number[],
    paint: Color | Paint,
    options: FillOptions = {},
  ): void {
    const list = typeof widths === 'number' ? [widths] : widths;
    this.fill(strokeLine(smoothLine(points, false), list), paint, options);
  }

  /** A modelled limb, rope or stem along a smooth line. */
  limb(
    points: readonly number[],
    widths: readonly number[],
    color: Color,
    options: FormOptions & FillOptions = {},
  ): void {
    this.form(strokeLine(smoothLine(points, false), widths), color, options);
  }

  linear(x0: number, y0: number, x1: number, y1: number, stops: readonly Stop[]): Paint {
    return linear(this.toX(x0, y0), this.toY(x0, y0), this.toX(x1, y1), this.toY(x1, y1), stops);
  }

  radial(x: number, y: number, radius: number, stops: readonly Stop[], squash = 1): Paint {
    return radial(this.toX(x, y), this.toY(x, y), radius * this.scale, stops, squash);
  }

  glow(x: number, y: number, radius: number, color: Color, strength = 1): void {
    softSpot(this.stage.canvas, this.toX(x, y), this.toY(x, y), radius * this.scale, color, strength, 'screen');
  }

  shadow(x: number, y: number, radius: number, strength = 0.6, squash = 0.28): void {
    softSpot(
      this.stage.canvas,
      this.toX(x, y),
      this.toY(x, y),
      radius * this.scale,
      0x14121f,
      strength,
      'multiply',
      squash,
    );
  }

  /** A pen that paints only inside the shape. */
  clipped(contours: Contours): Pen {
    const mask = new Mask(this.map(contours), this.stage.width, this.stage.height);
    return new Pen(this.stage, [this.#a, this.#b, this.#c, this.#d, this.#x, this.#y], mask);
  }

  /**
   * Hair over a form: tapered strokes that follow its slope and the given lie (units), coloured by the light under
   * them. `length` in units; `count` strokes.
   */
  fur(
    map: FormMap | null,
    color: Color,
    length: number,
    count: number,
    lie: readonly [number, number] = [0, 0.5],
  ): void {
    const { random, canvas, light, finish } = this.stage;
    if (!map || finish === 'flat' || this.scale * length < 1.5) return;
    const tones = tonesOf(color, light, finish, {});
    const reach = length * this.scale * 0.8;
    const mirror = this.#a < 0 ? -1 : 1;
    for (let k = 0; k < count * 1.7; k++) {
      const x = map.left + random.next() * map.width;
      const y = map.top + random.next() * map.height;
      const jitter = random.between(-0.45, 0.45);
      const tall = random.between(0.6, 1.25);
      const tone = random.between(-26, 30);
      if (map.inside.at(x, y) < 0.9) continue;
      let dx = map.slopeX.at(x, y) * 0.45 + lie[0] * mirror;
      let dy = map.slopeY.at(x, y) * 0.45 + lie[1];
      const norm = Math.hypot(dx, dy) || 1;
      dx = dx / norm + jitter;
      dy = dy / norm + jitter * 0.6;
      const ex = x + dx * reach * tall;
      const ey = y + dy * reach * tall;
      const half = Math.max(0.45, reach * 0.1);
      const hair = Float32Array.of(x - dy * half, y + dx * half, x + dy * half, y - dx * half, ex, ey);
      fillContours(
        canvas,
        [hair],
        solid(toneColor(tones, map.tones.at(x, y) + tone), 0.75),
        this.#clip ? { clip: this.#clip } : {},
      );
    }
  }
}
