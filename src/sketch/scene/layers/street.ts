import { fillContours } from '../../raster/canvas.ts';
import { mix, multiplyColors } from '../../raster/color.ts';
import { glow } from '../../raster/glow.ts';
import { linear, solid } from '../../raster/paint.ts';
import { ellipse, rectangle } from '../../raster/shapes.ts';
import type { Picture } from '../picture.ts';
import { neonColors } from './city.ts';
import { paintReflection } from './water.ts';

/** House fronts down both sides in one-point perspective, and the road between them; wet roads mirror all of it. */
export function paintStreet(picture: Picture): void {
  const { stage, air, facts } = picture;
  const { canvas, width, height } = stage;
  const random = stage.random.fork('street');
  const neon = facts.styles.has('neon');
  const wet = facts.weather.has('rain') || facts.symbols.has('reflection') || neon;
  const dim = ['night', 'neon', 'dusk', 'storm', 'overcast', 'sunset'].includes(picture.hour) || wet;
  const vanish = { x: width * random.between(0.42, 0.58), y: picture.horizon };
  const colors = neon
    ? ([0x2a2348, 0x1e2a4c, 0x38234e] as const)
    : ([0xa8664a, 0xc9a57e, 0x8a7a74, 0xb5877a, 0x7f8a90] as const);
  for (const side of [-1, 1]) {
    let near = 1.25;
    const edge =
      side < 0
        ? Math.min(-0.02 * width, vanish.x - stage.mean * 0.62)
        : Math.max(width * 1.02, vanish.x + stage.mean * 0.62);
    while (near > 0.06) {
      const far = near * 0.72;
      const tall = random.between(0.75, 1.15) * Math.min(picture.horizon * 1.25, stage.mean * 0.72);
      const at = (t: number, up: number): [number, number] => [
        vanish.x + (edge - vanish.x) * t,
        vanish.y + (height * 0.86 - vanish.y) * t * 0.55 - up * tall * t,
      ];
      const quad = (t0: number, t1: number, u0: number, u1: number): Float32Array =>
        Float32Array.from([...at(t0, u0), ...at(t1, u0), ...at(t1, u1), ...at(t0, u1)]);
      const haze = Math.max(0, 0.75 - near * 0.8);
      const wall = mix(multiplyColors(random.pick(colors), air.tint), air.haze, haze);
      const face = side * stage.light.x > 0 ? multiplyColors(wall, air.shade) : wall;
      fillContours(
        canvas,
        [quad(far, near, 0, 1)],
        linear(0, vanish.y - tall * near, 0, vanish.y + stage.mean * 0.2, [
          [0, mix(face, air.lit, 0.12)],
          [1, multiplyColors(face, 0xb0a8b8)],
        ]),
      );
      fillContours(canvas, [quad(far, near, 0.97, 1.02)], solid(mix(face, air.lit, 0.25)));
      for (let floor = 0; floor < 4; floor++) {
        for (let column = 0; column < 3; column++) {
          const t0 = near + (far - near) * (0.14 + column * 0.28);
          const t1 = near + (far - near) * (0.3 + column * 0.28);
          const u0 = 0.3 + floor * 0.165;
          const lit = random.chance(dim ? 0.5 : 0.1);
          const glass = lit
            ? random.pick([0xffd58a, 0xffe9bc, 0xffbf66])
            : mix(multiplyColors(0x3a4660, air.tint), air.sky[1], 0.25);
          fillContours(canvas, [quad(t0, t1, u0, u0 + 0.1)], solid(mix(glass, air.haze, haze * 0.8)));
        }
      }
      const shop = random.pick(neon ? neonColors : [0xd9574a, 0x3f7a6a, 0xe0a040, 0x46688f]);
      fillContours(
        canvas,
        [quad(near + (far - near) * 0.08, near + (far - near) * 0.92, 0.05, 0.19)],
        solid(mix(dim ? 0xffdf9e : 0x4a5260, air.haze, haze)),
      );
      fillContours(
        canvas,
        [quad(near + (far - near) * 0.05, near + (far - near) * 0.95, 0.19, 0.235)],
        solid(mix(multiplyColors(shop, neon ? 0xffffff : air.tint), air.haze, haze)),
      );
      if (neon) neonSign(picture, at((near + far) / 2, random.between(0.4, 0.75)), near, shop);
      else if (dim) glow(canvas, ...at((near + far) / 2, 0.12), stage.mean * 0.16 * near, 0xffc878, 0.5);
      near = far;
    }
  }
  paintRoad(picture, vanish, wet);
}

function neonSign(picture: Picture, at: [number, number], near: number, color: number): void {
  const { stage } = picture;
  const [x, y] = at;
  const tall = stage.mean * 0.13 * near;
  const wide = tall * 0.3;
  glow(stage.canvas, x, y, tall * 1.9, color, 0.8);
  fillContours(stage.canvas, [rectangle(x - wide / 2, y - tall / 2, wide, tall)], solid(0x120c24, 0.9));
  for (let i = 0; i < 4; i++) {
    const row = y - tall * 0.4 + i * tall * 0.22;
    const bars = [
      rectangle(x - wide * 0.32, row, wide * 0.64, tall * 0.03),
      rectangle(x - wide * (0.3 - (i % 3) * 0.2), row, tall * 0.03, tall * 0.14),
    ];
    fillContours(stage.canvas, bars, solid(mix(color, 0xffffff, 0.45)));
  }
}

function paintRoad(picture: Picture, vanish: { x: number; y: number }, wet: boolean): void {
  const { stage, air } = picture;
  const { canvas, width, height } = stage;
  const road = multiplyColors(wet ? 0x3c4250 : 0x75727a, air.tint);
  const top = vanish.y + stage.mean * 0.012;
  const paint = linear(0, top, 0, height, [
    [0, mix(road, air.haze, 0.65)],
    [0.3, mix(road, air.haze, 0.2)],
    [1, multiplyColors(road, 0xa8a8b4)],
  ]);
  if (wet) {
    paintReflection(stage, top + stage.mean * 0.02, mix(road, 0x0c0e16, 0.35), 0.62, 0.022);
    fillContours(canvas, [rectangle(0, top, width, height - top)], paint, { opacity: 0.36 });
    const random = stage.random.fork('puddles');
    for (let i = 0; i < 26; i++) {
      const near = random.next() ** 1.4;
      const y = top + near * (height - top);
      const long = stage.mean * (0.02 + near * 0.11);
      fillContours(
        canvas,
        [ellipse(random.next() * width, y, long, long * 0.1)],
        solid(mix(air.sky[2], 0xffffff, 0.2), 0.13),
      );
    }
    return;
  }
  const kerb = stage.mean * 0.6;
  fillContours(
    canvas,
    [rectangle(0, top, width, height - top)],
    linear(0, top, 0, height, [
      [0, mix(0xb0aaa4, air.haze, 0.6)],
      [1, multiplyColors(0xa9a29c, air.tint)],
    ]),
  );
  const spread = height - top;
  fillContours(
    canvas,
    [
      Float32Array.of(
        vanish.x - 2,
        top,
        vanish.x + 2,
        top,
        vanish.x + kerb * 1.2,
        top + spread,
        vanish.x - kerb * 1.2,
        top + spread,
      ),
    ],
    paint,
  );
  for (let k = 0; k < 7; k++) {
    const [a, b] = [(k / 7) ** 2, ((k + 0.5) / 7) ** 2];
    const dash = Float32Array.of(
      vanish.x - kerb * 0.03 * a,
      top + a * spread,
      vanish.x + kerb * 0.03 * a,
      top + a * spread,
      vanish.x + kerb * 0.03 * b,
      top + b * spread,
      vanish.x - kerb * 0.03 * b,
      top + b * spread,
    );
    fillContours(canvas, [dash], solid(multiplyColors(0xe9e2cc, air.tint), 0.8));
  }
}
