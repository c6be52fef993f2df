import { fillContours, wordOf } from '../../raster/canvas.ts';
import type { Color } from '../../raster/color.ts';
import { mix, multiplyColors } from '../../raster/color.ts';
import { Field } from '../../raster/field.ts';
import { shader, solid } from '../../raster/paint.ts';
import { ellipse } from '../../raster/shapes.ts';
import type { Atmosphere } from '../atmosphere.ts';
import { grainAt } from '../form.ts';
import type { Stage } from '../stage.ts';

/** A plane in perspective from `top` to the bottom edge, mottled by noise and hazy at the far end. */
export function paintGround(
  stage: Stage,
  air: Atmosphere,
  top: number,
  color: Color,
  options: { readonly wave?: number; readonly mottle?: number; readonly haze?: number } = {},
): void {
  const { width, height, noise, canvas } = stage;
  const random = stage.random.fork('ground');
  const shift = random.between(0, 8);
  const wave = (options.wave ?? 0.02) * stage.mean;
  const box = { left: 0, top: top - wave, width, height: height - top + wave };
  const mottle = options.mottle ?? 0.6;
  const spread = width / stage.mean;
  const field = new Field(box, 180, (u, v) => {
    const depth = 1 / (0.1 + v);
    return (
      0.5 +
      (noise.at((u - 0.5) * spread * depth * 1.4 + shift, depth * 1.7 + shift) - 0.5) *
        mottle *
        1.7 *
        Math.min(1, 0.3 + v)
    );
  });
  const near = multiplyColors(color, air.tint);
  const dark = multiplyColors(near, air.shade);
  const lit = mix(near, air.lit, 0.3);
  const far = mix(near, air.haze, options.haze ?? 0.55);
  const bands = 48;
  const ramps = Array.from({ length: bands + 1 }, (_, band) => {
    const t = (band / bands) ** 0.55;
    return Uint32Array.from({ length: 64 }, (_, i) => {
      const tone = i < 32 ? mix(dark, near, i / 32) : mix(near, lit, (i - 32) / 32);
      return wordOf(mix(far, mix(tone, dark, Math.max(0, band / bands - 0.6) * 0.55), Math.min(1, t * 1.15)));
    });
  });
  const row = new Float32Array(width);
  let words: Uint32Array = new Uint32Array(0);
  const paint = shader((y, x0, x1, out) => {
    if (words.buffer !== out.buffer) words = new Uint32Array(out.buffer, 0, out.length >> 2);
    field.row(y, x0, x1, row);
    const at = Math.min(1, Math.max(0, (y - top) / Math.max(1, height - top)));
    const ramp = ramps[(at * bands) | 0];
    if (!ramp) return;
    for (let i = 0; i < x1 - x0; i++) {
      const tone = (row[i] ?? 0) * 64 + grainAt(x0 + i, y) * 0.035;
      words[i] = ramp[tone < 0 ? 0 : tone > 63 ? 63 : tone | 0] ?? 0;
    }
  });
  const points: number[] = [0, height, 0, top];
  for (let i = 0; i <= 40; i++) {
    const u = i / 40;
    points.push(u * width, top + (noise.at(u * spread * 2 + shift, shift) - 0.5) * wave * 2);
  }
  points.push(width, height);
  fillContours(canvas, [Float32Array.from(points)], paint);
}

export interface GrassOptions {
  readonly color: Color;
  readonly flowers: readonly Color[];
  /** 0 .. 1. */
  readonly density: number;
  /** Share of the blades that bear a flower. */
  readonly blooming?: number;
}

/** Blades and flower heads from the far edge to the near, growing with perspective. */
export function paintGrass(stage: Stage, air: Atmosphere, from: number, to: number, options: GrassOptions): void {
  const random = stage.random.fork(`grass${Math.round(from)}`);
  const { canvas, width, height } = stage;
  const body = multiplyColors(options.color, air.tint);
  const dark = multiplyColors(body, air.shade);
  const bright = mix(body, air.lit, 0.5);
  const horizon = Math.min(from, height * 0.7);
  const blades = Math.round(900 * options.density * Math.min(2, Math.max(0.6, width / stage.mean)));
  for (let i = 0; i < blades; i++) {
    const t = i / blades;
    const y = from + (to - from) * t ** 1.25;
    const near = Math.max(0.04, (y - horizon) / Math.max(1, height - horizon));
    const tall = stage.mean * (0.012 + near * 0.075) * random.between(0.55, 1.3);
    const x = random.between(-0.02, 1.02) * width;
    const lean = random.between(-0.45, 0.45) * tall;
    const half = Math.max(0.35, tall * 0.035);
    const tone = random.next();
    const color = mix(
      tone < 0.5 ? mix(dark, body, tone * 2) : mix(body, bright, tone * 2 - 1),
      air.haze,
      (1 - near) * 0.3,
    );
    const bend = x + lean * 0.35;
    const blade = Float32Array.of(
      x - half,
      y,
      bend - half * 0.7,
      y - tall * 0.55,
      x + lean,
      y - tall,
      bend + half * 0.7,
      y - tall * 0.52,
      x + half,
      y,
    );
    fillContours(canvas, [blade], solid(color, 0.95));
    if (options.flowers.length > 0 && random.chance(options.blooming ?? 0.2)) {
      const petal = options.flowers[Math.floor(random.next() * options.flowers.length)] ?? 0xffffff;
      paintBloom(
        stage,
        air,
        x + lean,
        y - tall,
        tall * random.between(0.09, 0.17),
        petal,
        near > 0.35 ? 6 : 1,
        random.next(),
      );
    }
  }
}

/** A flower head: petals round a heart when near enough to be seen, else a dab. Pixels. */
export function paintBloom(
  stage: Stage,
  air: Atmosphere,
  x: number,
  y: number,
  radius: number,
  color: Color,
  petals: number,
  turn: number,
): void {
  const { canvas } = stage;
  const body = multiplyColors(color, air.tint);
  if (petals < 3 || radius < 2) {
    fillContours(canvas, [ellipse(x, y, Math.max(0.7, radius), Math.max(0.6, radius * 0.7))], solid(body));
    return;
  }
  for (let i = 0; i < petals; i++) {
    const angle = ((i + turn) / petals) * Math.PI * 2;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const tone = mix(
      mix(body, multiplyColors(body, air.shade), Math.max(0, sin) * 0.5),
      air.lit,
      Math.max(0, -sin) * 0.35,
    );
    fillContours(
      canvas,
      [ellipse(x + cos * radius * 0.62, y + sin * radius * 0.5, radius * 0.52, radius * 0.34, angle)],
      solid(tone),
    );
  }
  fillContours(canvas, [ellipse(x, y, radius * 0.27, radius * 0.23)], solid(multiplyColors(0xf2b632, air.tint)));
}
