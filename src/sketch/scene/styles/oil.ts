import { fillContours } from '../../raster/canvas.ts';
import { mix, rgb } from '../../raster/color.ts';
import { solid } from '../../raster/paint.ts';
import type { Stage } from '../stage.ts';

const passes = [
  { size: 0.032, count: 2200, alpha: 0.8 },
  { size: 0.017, count: 5200, alpha: 0.85 },
  { size: 0.008, count: 5200, alpha: 0.9 },
] as const;

/** Repaints the picture in loaded strokes, broad ones first, that run along its contours. */
export function oilPaint(stage: Stage): void {
  const { canvas, width, height, mean, noise } = stage;
  const { data } = canvas;
  const random = stage.random.fork('oil');
  const lumaAt = (x: number, y: number): number => {
    const cx = Math.max(0, Math.min(width - 1, x | 0));
    const cy = Math.max(0, Math.min(height - 1, y | 0));
    const i = (cy * width + cx) << 2;
    return (data[i] ?? 0) * 0.3 + (data[i + 1] ?? 0) * 0.59 + (data[i + 2] ?? 0) * 0.11;
  };
  for (const pass of passes) {
    const reach = pass.size * mean;
    const probe = Math.max(1, reach * 0.35);
    for (let k = 0; k < pass.count; k++) {
      const x = random.next() * width;
      const y = random.next() * height;
      const gx = lumaAt(x + probe, y) - lumaAt(x - probe, y);
      const gy = lumaAt(x, y + probe) - lumaAt(x, y - probe);
      const strong = Math.hypot(gx, gy);
      // Small strokes go where there is something to draw; broad ones everywhere.
      if (pass.size < 0.01 && strong < 9) continue;
      const flow = noise.at((x / mean) * 3, (y / mean) * 3) * 9;
      const angle = strong > 12 ? Math.atan2(gx, -gy) : flow;
      const i = ((y | 0) * width + (x | 0)) << 2;
      const tone = random.between(-0.09, 0.09);
      const own = rgb(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0);
      const color = mix(own, tone > 0 ? 0xffffff : 0x100818, Math.abs(tone));
      const long = reach * random.between(0.6, 1.15);
      const half = reach * random.between(0.16, 0.26);
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const at = (u: number, v: number): [number, number] => [x + cos * u - sin * v, y + sin * u + cos * v];
      const bend = random.between(-0.25, 0.25) * long;
      const stroke = [
        at(-long, -half * 0.5),
        at(-long * 0.5, -half + bend * 0.3),
        at(long * 0.4, -half + bend * 0.5),
        at(long, -half * 0.2 + bend),
        at(long, half * 0.3 + bend),
        at(long * 0.3, half + bend * 0.5),
        at(-long * 0.6, half + bend * 0.2),
        at(-long, half * 0.4),
      ];
      fillContours(canvas, [Float32Array.from(stroke.flat())], solid(color, pass.alpha));
      const ridge = [
        at(-long * 0.8, -half * 0.55),
        at(long * 0.7, -half * 0.6 + bend * 0.6),
        at(long * 0.7, -half * 0.35 + bend * 0.6),
        at(-long * 0.8, -half * 0.35),
      ];
      fillContours(canvas, [Float32Array.from(ridge.flat())], solid(mix(color, 0xffffff, 0.3), 0.4));
    }
  }
}
