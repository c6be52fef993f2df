import { fillContours } from '../../raster/canvas.ts';
import { mix } from '../../raster/color.ts';
import { Field } from '../../raster/field.ts';
import { glow } from '../../raster/glow.ts';
import { linear, shader, solid } from '../../raster/paint.ts';
import { ellipse, rectangle } from '../../raster/shapes.ts';
import type { Atmosphere } from '../atmosphere.ts';
import type { Stage } from '../stage.ts';

/** Sun or moon on the frame, in pixels. */
export interface Luminary {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly kind: 'sun' | 'moon' | 'crescent';
}

/** The gradient from the top edge to `horizon` (pixels), and on to the bottom in the horizon's colour. */
export function paintSky(stage: Stage, air: Atmosphere, horizon: number): void {
  const [a, b, c, d] = air.sky;
  const paint = linear(0, 0, 0, Math.max(1, horizon), [
    [0, a],
    [0.42, b],
    [0.78, c],
    [1, d],
  ]);
  fillContours(stage.canvas, [rectangle(0, 0, stage.width, stage.height)], paint);
}

export function paintStars(stage: Stage, strength: number, bottom: number): void {
  const random = stage.random.fork('stars');
  const count = Math.round((90 + 260 * strength) * Math.min(2.2, Math.max(stage.width, stage.height) / stage.short));
  for (let i = 0; i < count; i++) {
    const x = random.next() * stage.width;
    const y = random.next() ** 1.3 * bottom;
    const size = random.next() ** 5;
    const radius = Math.max(0.55, stage.mean * (0.0007 + size * 0.0019));
    const color = mix(random.chance(0.3) ? 0xffdcb4 : 0xcfe0ff, 0xffffff, random.next());
    const fade = (1 - (y / bottom) * 0.7) * strength;
    fillContours(stage.canvas, [ellipse(x, y, radius)], solid(color, (0.35 + size * 0.65) * fade));
    if (size > 0.55) glow(stage.canvas, x, y, radius * 7, color, 0.5 * fade);
  }
}

export function paintLuminary(stage: Stage, air: Atmosphere, body: Luminary): void {
  const { canvas, mean } = stage;
  const { x, y, radius } = body;
  if (body.kind === 'sun') {
    glow(canvas, x, y, mean * 0.85, mix(air.sun, air.sky[3], 0.72), 0.62);
    glow(canvas, x, y, radius * 4.2, air.sun, 0.6);
    fillContours(canvas, [ellipse(x, y, radius)], solid(mix(air.sun, 0xffffff, air.height < 0.35 ? 0.1 : 0.35), 0.98));
    return;
  }
  glow(canvas, x, y, radius * 6, 0x9db4e0, 0.45);
  glow(canvas, x, y, radius * 1.8, 0xcdd9f2, 0.4);
  fillContours(canvas, [ellipse(x, y, radius)], solid(0xf3f0df));
  const random = stage.random.fork('moon');
  for (let i = 0; i < 9; i++) {
    const angle = random.between(0, 6.28);
    const far = random.between(0, 0.66) * radius;
    const spot = ellipse(x + Math.cos(angle) * far, y + Math.sin(angle) * far, radius * random.between(0.07, 0.24));
    fillContours(canvas, [spot], solid(0xb9b8b4, 0.32));
  }
  if (body.kind === 'crescent') {
    fillContours(canvas, [ellipse(x - radius * 0.42, y - radius * 0.12, radius * 0.93)], solid(air.sky[1], 0.97));
  }
}

/** Cloud from warped noise, lit from the sun's side; perspective flattens it towards the horizon. */
export function paintClouds(stage: Stage, air: Atmosphere, horizon: number, sunX: number, amount: number): void {
  const { width, noise, canvas } = stage;
  if (amount <= 0 || horizon < 8) return;
  const random = stage.random.fork('clouds');
  const [shiftX, shiftY] = [random.between(0, 8), random.between(0, 8)];
  const spread = width / stage.mean;
  const box = { left: 0, top: 0, width, height: horizon };
  const threshold = 0.63 - amount * 0.2;
  const density = (u: number, v: number): number => {
    const depth = 1.06 - v;
    const x = ((u - 0.5) * spread * 1.5) / (0.35 + depth * 0.65) + shiftX;
    const y = 2.1 / (depth + 0.28) + shiftY;
    const warp = noise.at(x * 0.7 + 3, y * 0.7) - 0.5;
    return noise.at(x + warp * 1.3, y * 1.5 + warp * 0.8) - threshold;
  };
  const toSun = (u: number): number => Math.max(-1, Math.min(1, ((sunX - u * width) / stage.mean) * 5));
  const cells = 200;
  const cover = new Field(box, cells, (u, v) => {
    const d = density(u, v) * 6.5;
    return d <= 0 ? 0 : Math.min(1, d) * Math.min(1, (1 - v) * 7);
  });
  const shine = new Field(box, cells / 2, (u, v) => {
    const here = density(u, v);
    const lit = here - density(u + toSun(u) * 0.02, v - 0.025 * (air.height > 0.4 ? 1 : -1));
    return Math.min(1, Math.max(0, 0.5 + lit * 9 - Math.max(0, here) * 1.4));
  });
  const steps = 64;
  const colors = Array.from({ length: steps + 1 }, (_, i) => mix(air.cloudShade, air.cloudLit, i / steps));
  const covers = new Float32Array(width);
  const shines = new Float32Array(width);
  const paint = shader((y, x0, x1, out) => {
    cover.row(y, x0, x1, covers);
    shine.row(y, x0, x1, shines);
    for (let i = 0; i < x1 - x0; i++) {
      const color = colors[((shines[i] ?? 0) * steps) | 0] ?? 0;
      out[i * 4] = color >> 16;
      out[i * 4 + 1] = color >> 8;
      out[i * 4 + 2] = color;
      out[i * 4 + 3] = (covers[i] ?? 0) * 235;
    }
  });
  fillContours(canvas, [rectangle(0, 0, width, horizon)], paint);
}

export function paintAurora(stage: Stage, horizon: number): void {
  const { width, noise } = stage;
  const random = stage.random.fork('aurora');
  const [a, b] = [random.between(0, 8), random.between(0, 8)];
  const field = new Field({ left: 0, top: 0, width, height: horizon }, 220, (u, v) => {
    let sum = 0;
    for (let k = 0; k < 3; k++) {
      const ridge = 0.34 + k * 0.17 + (noise.at(u * 1.6 + a + k * 2, b) - 0.5) * 0.7;
      const up = ridge - v;
      const fold = noise.at(u * 9 + a * 2 + k, 0.4 + v * 0.5);
      if (up > 0) sum += Math.exp(-up * 4.2) * Math.min(1, up * 16) * (0.25 + fold) * (0.8 - k * 0.12);
    }
    return Math.min(1, sum);
  });
  const row = new Float32Array(width);
  const paint = shader((y, x0, x1, out) => {
    field.row(y, x0, x1, row);
    const high = y / horizon;
    const color = mix(0xb452d8, 0x3dffa0, Math.min(1, high * 1.9));
    for (let i = 0; i < x1 - x0; i++) {
      out[i * 4] = color >> 16;
      out[i * 4 + 1] = color >> 8;
      out[i * 4 + 2] = color;
      out[i * 4 + 3] = (row[i] ?? 0) * 240;
    }
  });
  fillContours(stage.canvas, [rectangle(0, 0, width, horizon)], paint, { blend: 'screen' });
}

/** Shafts of light that fan out from the sun. */
export function paintRays(stage: Stage, x: number, y: number, color: number, strength: number): void {
  const random = stage.random.fork('rays');
  const reach = Math.hypot(stage.width, stage.height);
  for (let i = 0; i < 9; i++) {
    const angle = Math.PI * (0.12 + 0.76 * ((i + random.next()) / 9));
    const spread = random.between(0.02, 0.07);
    const points: number[] = [x, y];
    for (const a of [angle - spread, angle + spread]) points.push(x + Math.cos(a) * reach, y + Math.sin(a) * reach);
    const paint = linear(x, y, x + Math.cos(angle) * reach * 0.75, y + Math.sin(angle) * reach * 0.75, [
      [0, color, 0.34 * strength],
      [0.5, color, 0.13 * strength],
      [1, color, 0],
    ]);
    fillContours(stage.canvas, [Float32Array.from(points)], paint, { blend: 'screen' });
  }
}
