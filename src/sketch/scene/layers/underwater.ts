import { fillContours } from '../../raster/canvas.ts';
import { mix } from '../../raster/color.ts';
import { linear, solid } from '../../raster/paint.ts';
import { ellipse, rectangle, smoothLine, strokeLine } from '../../raster/shapes.ts';
import { Pen } from '../pen.ts';
import type { Picture } from '../picture.ts';
import { paintGround } from './ground.ts';
import { paintRays } from './sky.ts';

/** Blue depth, light from above, sand, weed and coral. */
export function paintUnderwater(picture: Picture): void {
  const { stage, air } = picture;
  const { width, height } = stage;
  fillContours(
    stage.canvas,
    [rectangle(0, 0, width, height)],
    linear(0, 0, 0, height, [
      [0, 0x7fe0e6],
      [0.3, 0x2f9cc0],
      [0.75, 0x14608f],
      [1, 0x0c3f66],
    ]),
  );
  paintGround(stage, { ...air, tint: 0xa0d8e8, haze: 0x2f86b0, shade: 0x5a86b0 }, height * 0.8, 0xd9c48a, {
    wave: 0.04,
    haze: 0.7,
  });
  const random = stage.random.fork('reef');
  for (let i = 0; i < 16; i++) {
    const [x, y] = [random.next() * width, height * random.between(0.84, 1)];
    const size = stage.mean * random.between(0.1, 0.24);
    if (i % 2 === 0) {
      for (let k = 0; k < 4; k++) {
        const sway = random.between(-0.3, 0.3) * size;
        const weed = strokeLine(
          smoothLine(
            [x + k * size * 0.1, y, x + sway, y - size * 0.5, x - sway * 0.6, y - size * 0.8, x + sway, y - size * 1.2],
            false,
          ),
          [size * 0.1, size * 0.08, 1],
        );
        fillContours(stage.canvas, weed, solid(mix(0x2f8a5a, 0x0f5a6a, random.next()), 0.95));
      }
      continue;
    }
    const pen = Pen.at(stage, x, y, size * 0.8);
    const color = random.pick([0xf2788a, 0xf2a04a, 0xb06ad8, 0xf2d05a]);
    for (let k = 0; k < 7; k++) {
      const a = -Math.PI * (0.15 + 0.7 * (k / 6));
      pen.limb(
        [0, 0, Math.cos(a) * 0.3, Math.sin(a) * 0.4, Math.cos(a) * 0.45, Math.sin(a) * 0.8],
        [0.14, 0.1, 0.07],
        color,
        { puff: 1.2 },
      );
    }
  }
  paintRays(stage, width * 0.5, -height * 0.2, 0xd6fbff, 0.9);
  for (let i = 0; i < 30; i++) {
    const r = stage.mean * random.between(0.003, 0.012);
    const [x, y] = [random.next() * width, random.next() * height];
    fillContours(stage.canvas, strokeLine(ellipse(x, y, r), [Math.max(1, r * 0.22)], true), solid(0xe6ffff, 0.6));
    fillContours(stage.canvas, [ellipse(x - r * 0.3, y - r * 0.3, r * 0.22)], solid(0xffffff, 0.8));
  }
}
