import { type Canvas, fillContours } from '../raster/canvas.ts';
import type { Color } from '../raster/color.ts';
import { radial, solid } from '../raster/paint.ts';
import type { Random } from '../raster/random.ts';
import { unitOf } from './edit-rule.ts';
import { ellipse, leafPoints, placed } from './shapes.ts';

export interface Scatter {
  /** How many on a square picture. */
  readonly count: number;
  /** Length in px of the smallest and the largest at 1024 px. */
  readonly size: readonly [number, number];
  readonly colors: readonly [Color, ...Color[]];
  readonly opacity: readonly [number, number];
  readonly shape: 'flake' | 'leaf' | 'petal' | 'streak' | 'bubble' | 'spark' | 'ribbon';
  /** Direction of flight in turns, 0 = right, 0.25 = down. */
  readonly turn?: number;
  /** The nearest are out of focus: drawn soft and large. */
  readonly soft?: boolean;
}

/** Throws many small things over the picture, far (small, many) to near (large, few). */
export function scatter(canvas: Canvas, what: Scatter, random: Random, amount: number): void {
  const { width, height } = canvas;
  const unit = unitOf(canvas);
  const count = Math.round(what.count * amount * (width / height > 1 ? width / height : height / width));
  for (let i = 0; i < count; i++) {
    const near = (i / count) ** 3;
    const size = (what.size[0] + (what.size[1] - what.size[0]) * near) * unit * random.between(0.75, 1.25);
    const x = random.between(-0.03, 1.03) * width;
    const y = random.between(-0.03, 1.03) * height;
    const color = random.pick(what.colors);
    const opacity = random.between(what.opacity[0], what.opacity[1]);
    const turn = random.next() * 2 * Math.PI;
    drawOne(canvas, what, {
      x,
      y,
      size: Math.max(size, 0.6),
      color,
      opacity,
      turn,
      near,
      squeeze: random.between(0.45, 1),
    });
  }
}

interface Thing {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly color: Color;
  readonly opacity: number;
  readonly turn: number;
  readonly near: number;
  readonly squeeze: number;
}

function drawOne(canvas: Canvas, what: Scatter, thing: Thing): void {
  const { x, y, size, color, opacity, turn } = thing;
  const flight = (what.turn ?? 0.25) * 2 * Math.PI;
  switch (what.shape) {
    case 'flake':
    case 'spark': {
      const reach = what.shape === 'spark' ? size * 4 : size * (thing.near > 0.5 ? 1.5 : 1.15);
      const core = what.shape === 'spark' ? 0.18 : thing.near > 0.5 ? 0.45 : 0.7;
      const paint = radial(x, y, reach, [
        [0, color, opacity],
        [core, color, opacity * 0.8],
        [1, color, 0],
      ]);
      fillContours(canvas, [ellipse(x, y, reach, reach, 20)], paint, what.shape === 'spark' ? { blend: 'screen' } : {});
      return;
    }
    case 'streak': {
      const dx = Math.cos(flight) * size;
      const dy = Math.sin(flight) * size;
      const half = Math.max(0.35, size * 0.018);
      const line = Float32Array.of(x - half, y, x + half, y, x + dx + half * 0.4, y + dy, x + dx - half * 0.4, y + dy);
      fillContours(canvas, [line], solid(color, opacity));
      return;
    }
    case 'leaf':
    case 'petal': {
      const shape = placed(leafPoints, x, y, size, turn, thing.squeeze * (what.shape === 'petal' ? 1.5 : 1));
      fillContours(
        canvas,
        [placed(leafPoints, x + size * 0.08, y + size * 0.14, size, turn, thing.squeeze)],
        solid(0x000000, 0.16),
      );
      fillContours(canvas, [shape], solid(color, opacity));
      if (what.shape === 'leaf') {
        const vein = [-0.5, -0.012, 0.46, -0.012, 0.46, 0.012, -0.5, 0.012];
        fillContours(canvas, [placed(vein, x, y, size, turn)], solid(0x3b1f0a, 0.45));
      }
      return;
    }
    case 'ribbon':
      fillContours(
        canvas,
        [placed([-0.5, -0.22, 0.5, -0.22, 0.5, 0.22, -0.5, 0.22], x, y, size, turn, thing.squeeze)],
        solid(color, opacity),
      );
      return;
    case 'bubble': {
      const paint = radial(x, y, size, [
        [0, color, 0.02],
        [0.75, color, 0.08],
        [0.94, color, opacity],
        [1, color, 0],
      ]);
      fillContours(canvas, [ellipse(x, y, size, size, 48)], paint, { blend: 'screen' });
      fillContours(
        canvas,
        [ellipse(x - size * 0.35, y - size * 0.4, size * 0.16, size * 0.1, 16)],
        solid(0xffffff, 0.7),
      );
    }
  }
}
