import type { Color } from './color.ts';
import { blueOf, greenOf, redOf } from './color.ts';

/** Offset 0 .. 1, colour, and alpha 0 .. 1 (1 when absent). Offsets ascend. */
export type Stop = readonly [offset: number, color: Color, alpha?: number];

/** Writes RGBA for the pixels `x0 <= x < x1` of row `y` to the start of `out`. */
export type SpanShader = (y: number, x0: number, x1: number, out: Uint8Array) => void;

export type Paint =
  | { readonly kind: 'solid'; readonly color: Color; readonly alpha?: number }
  | {
      readonly kind: 'linear';
      readonly x0: number;
      readonly y0: number;
      readonly x1: number;
      readonly y1: number;
      readonly stops: readonly Stop[];
    }
  | {
      readonly kind: 'radial';
      readonly x: number;
      readonly y: number;
      readonly radius: number;
      /** Height over width of the rings, 1 when absent. */
      readonly squash?: number;
      readonly stops: readonly Stop[];
    }
  | { readonly kind: 'shader'; readonly span: SpanShader };

export const solid = (color: Color, alpha = 1): Paint => ({ kind: 'solid', color, alpha });

export const linear = (x0: number, y0: number, x1: number, y1: number, stops: readonly Stop[]): Paint => ({
  kind: 'linear',
  x0,
  y0,
  x1,
  y1,
  stops,
});

export const radial = (x: number, y: number, radius: number, stops: readonly Stop[], squash = 1): Paint => ({
  kind: 'radial',
  x,
  y,
  radius,
  squash,
  stops,
});

export const shader = (span: SpanShader): Paint => ({ kind: 'shader', span });

const RAMP_STEPS = 1024;

/** 1024 RGBA steps of a gradient, eased between stops so that no stop shows as a crease. */
export function rampOf(stops: readonly Stop[]): Uint8Array {
  const ramp = new Uint8Array(RAMP_STEPS * 4);
  let index = 0;
  for (let i = 0; i < RAMP_STEPS; i++) {
    const at = i / (RAMP_STEPS - 1);
    while (index < stops.length - 2 && at > (stops[index + 1]?.[0] ?? 1)) index++;
    const from = stops[index] ?? [0, 0];
    const to = stops[index + 1] ?? from;
    const width = to[0] - from[0];
    const t = width <= 0 ? 1 : Math.min(1, Math.max(0, (at - from[0]) / width));
    const fromAlpha = from[2] ?? 1;
    const toAlpha = to[2] ?? 1;
    ramp[i * 4] = redOf(from[1]) + (redOf(to[1]) - redOf(from[1])) * t + 0.5;
    ramp[i * 4 + 1] = greenOf(from[1]) + (greenOf(to[1]) - greenOf(from[1])) * t + 0.5;
    ramp[i * 4 + 2] = blueOf(from[1]) + (blueOf(to[1]) - blueOf(from[1])) * t + 0.5;
    ramp[i * 4 + 3] = (fromAlpha + (toAlpha - fromAlpha) * t) * 255 + 0.5;
  }
  return ramp;
}

/** Every paint but a solid one becomes a shader, so that the filler knows two cases only. */
export function shaderOf(paint: Exclude<Paint, { kind: 'solid' }>): SpanShader {
  if (paint.kind === 'shader') return paint.span;
  const ramp = new Uint32Array(rampOf(paint.stops).buffer);
  const last = RAMP_STEPS - 1;
  let words: Uint32Array = new Uint32Array(0);
  const wordsOf = (out: Uint8Array): Uint32Array => {
    if (words.buffer !== out.buffer) words = new Uint32Array(out.buffer, out.byteOffset, out.byteLength >> 2);
    return words;
  };
  if (paint.kind === 'linear') {
    const dx = paint.x1 - paint.x0;
    const dy = paint.y1 - paint.y0;
    const scale = last / Math.max(1e-9, dx * dx + dy * dy);
    return (y, x0, x1, out) => {
      const to = wordsOf(out);
      let t = ((x0 + 0.5 - paint.x0) * dx + (y + 0.5 - paint.y0) * dy) * scale;
      const step = dx * scale;
      for (let i = 0; i < x1 - x0; i++) {
        to[i] = ramp[t < 0 ? 0 : t > last ? last : t | 0] ?? 0;
        t += step;
      }
    };
  }
  const squash = paint.squash ?? 1;
  const scale = last / Math.max(1e-9, paint.radius);
  return (y, x0, x1, out) => {
    const to = wordsOf(out);
    const v = ((y + 0.5 - paint.y) / squash) * scale;
    const vv = v * v;
    let u = (x0 + 0.5 - paint.x) * scale;
    for (let i = 0; i < x1 - x0; i++) {
      const t = Math.sqrt(u * u + vv);
      to[i] = ramp[t > last ? last : t | 0] ?? 0;
      u += scale;
    }
  };
}
