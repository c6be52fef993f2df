import { mix, multiplyColors } from '../../raster/color.ts';
import { softSpot } from '../../raster/glow.ts';
import { linear, solid } from '../../raster/paint.ts';
import { polygon, rectangle } from '../../raster/shapes.ts';
import type { Atmosphere } from '../atmosphere.ts';
import { Pen } from '../pen.ts';
import type { Stage } from '../stage.ts';
import { paintClump } from './foliage.ts';

/** A rock face that stands out of the woods, water that falls down it in strands, and spray at its foot. */
export function paintWaterfall(stage: Stage, air: Atmosphere, horizon: number): void {
  const random = stage.random.fork('waterfall');
  const tall = Math.min(horizon * 0.8, stage.mean * 0.6);
  const foot = horizon + stage.mean * 0.03;
  const pen = Pen.at(stage, stage.width * random.between(0.42, 0.58), foot, tall);
  const rock = multiplyColors(0x7a746c, mix(air.tint, 0xffffff, 0.4));
  const edge = [-1.05, 0.06, -0.92, -0.34, -0.8, -0.5, -0.72, -0.8, -0.5, -0.9, -0.3, -1.04, -0.2, -0.94, 0.2, -0.94];
  const far = [0.32, -1.06, 0.56, -0.94, 0.66, -0.7, 0.84, -0.56, 0.9, -0.26, 1.05, 0.06];
  const ragged = [...edge, ...far].map((at) => at + random.between(-0.03, 0.03));
  pen.form(polygon(ragged), rock, { puff: 0.4, grain: 14 });
  for (let crack = 0; crack < 26; crack++) {
    const x = random.between(-0.85, 0.85);
    const y = random.between(-0.8 + Math.abs(x) * 0.5, -0.1);
    const color = mix(rock, crack % 3 === 0 ? 0xffffff : 0x1c1c24, 0.45);
    pen.line(
      [x, y, x + random.between(-0.05, 0.05), y + 0.12, x + random.between(-0.04, 0.04), y + 0.24],
      [0.02, 0.01, 0.002],
      color,
      { opacity: 0.5 },
    );
  }
  const wide = 0.22;
  const water = mix(0xd8eef6, air.tint, 0.15);
  pen.fill(
    rectangle(-wide, -0.94, wide * 2, 0.96),
    linear(pen.toX(-wide, 0), 0, pen.toX(wide, 0), 0, [
      [0, mix(water, 0x5a8aa0, 0.5)],
      [0.5, water],
      [1, mix(water, 0x5a8aa0, 0.5)],
    ]),
  );
  for (let strand = 0; strand < 60; strand++) {
    const x = random.between(-wide, wide);
    const top = random.between(-0.94, -0.4);
    const color = random.chance(0.6) ? 0xffffff : mix(water, 0x3f7088, 0.5);
    const end = Math.min(0.02, top + random.between(0.2, 0.7));
    pen.fill(rectangle(x, top, random.between(0.004, 0.014), end - top), solid(color, 0.55));
  }
  for (let bush = 0; bush < 16; bush++) {
    const x = (bush % 2 === 0 ? 1 : -1) * random.between(0.34, 1.05);
    const y = random.between(-0.98 + Math.abs(x) * 0.7, 0.02);
    const r = tall * random.between(0.06, 0.12);
    paintClump(stage, random, pen.toX(x, y), pen.toY(x, y), r, mix(0x3f7a3c, air.haze, 0.15), 18);
  }
  for (let spray = 0; spray < 14; spray++) {
    const x = pen.toX(random.between(-wide * 1.6, wide * 1.6), 0);
    softSpot(
      stage.canvas,
      x,
      foot - tall * random.between(-0.02, 0.07),
      tall * random.between(0.06, 0.13),
      0xffffff,
      0.4,
      'normal',
    );
  }
}
