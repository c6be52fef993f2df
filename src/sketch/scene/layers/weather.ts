import { fillContours } from '../../raster/canvas.ts';
import { linear, solid } from '../../raster/paint.ts';
import { ellipse, rectangle } from '../../raster/shapes.ts';
import type { Stage } from '../stage.ts';

export function paintRain(stage: Stage, strength: number, color = 0xd5e4f2): void {
  const random = stage.random.fork('rain');
  const count = Math.round(420 * strength * Math.min(2.5, Math.max(stage.width, stage.height) / stage.short));
  const lean = random.between(-0.16, 0.16);
  for (let i = 0; i < count; i++) {
    const near = random.next() ** 2;
    const long = stage.mean * (0.02 + near * 0.06);
    const half = Math.max(0.3, stage.mean * (0.0005 + near * 0.0008));
    const [x, y] = [random.between(-0.05, 1.05) * stage.width, random.between(-0.05, 1) * stage.height];
    const drop = Float32Array.of(
      x - half,
      y,
      x + half,
      y,
      x + lean * long + half,
      y + long,
      x + lean * long - half,
      y + long,
    );
    fillContours(stage.canvas, [drop], solid(color, 0.14 + near * 0.3));
  }
}

export function paintSnow(stage: Stage, strength: number): void {
  const random = stage.random.fork('snow');
  const count = Math.round(420 * strength * Math.min(2.5, Math.max(stage.width, stage.height) / stage.short));
  for (let i = 0; i < count; i++) {
    const near = random.next() ** 4;
    const radius = Math.max(0.6, stage.mean * (0.0014 + near * 0.0085));
    const flake = ellipse(
      random.next() * stage.width,
      random.next() * stage.height,
      radius,
      radius * random.between(0.75, 1),
    );
    fillContours(stage.canvas, [flake], solid(0xffffff, near > 0.4 ? 0.45 : random.between(0.5, 0.95)));
  }
}

export function paintFog(stage: Stage, horizon: number, color: number, strength: number): void {
  const reach = stage.height * 0.34;
  const paint = linear(0, horizon - reach, 0, horizon + reach, [
    [0, color, 0],
    [0.5, color, 0.8 * strength],
    [1, color, 0.1 * strength],
  ]);
  fillContours(stage.canvas, [rectangle(0, horizon - reach, stage.width, reach * 2)], paint);
}

export function paintLightning(stage: Stage, horizon: number): void {
  const random = stage.random.fork('lightning');
  let x = stage.width * random.between(0.2, 0.8);
  const points: number[] = [];
  const steps = 14;
  for (let i = 0; i <= steps; i++) {
    points.push(x, (i / steps) * horizon);
    x += stage.mean * random.between(-0.035, 0.035);
  }
  for (const [width, alpha] of [
    [0.02, 0.16],
    [0.008, 0.4],
    [0.003, 1],
  ] as const) {
    const half = Math.max(0.5, (width * stage.mean) / 2);
    const bolt = new Float32Array(points.length * 2);
    const count = points.length / 2;
    for (let i = 0; i < count; i++) {
      const taper = half * (1 - (i / count) * 0.6);
      bolt[i * 2] = (points[i * 2] ?? 0) - taper;
      bolt[i * 2 + 1] = points[i * 2 + 1] ?? 0;
      bolt[(2 * count - 1 - i) * 2] = (points[i * 2] ?? 0) + taper;
      bolt[(2 * count - 1 - i) * 2 + 1] = points[i * 2 + 1] ?? 0;
    }
    fillContours(stage.canvas, [bolt], solid(0xf4f6ff, alpha));
  }
}

/** Drops of light out of focus, or dew and dust in the sun. */
export function paintSparkles(stage: Stage, from: number, count: number, color: number, size: number): void {
  const random = stage.random.fork('sparkles');
  for (let i = 0; i < count; i++) {
    const y = from + random.next() * (stage.height - from);
    const radius = Math.max(1, stage.mean * size * random.between(0.3, 1));
    const x = random.next() * stage.width;
    fillContours(stage.canvas, [ellipse(x, y, radius)], solid(color, random.between(0.12, 0.4)), { blend: 'screen' });
    fillContours(stage.canvas, [ellipse(x, y, radius * 0.3)], solid(0xffffff, 0.6), { blend: 'screen' });
  }
}
