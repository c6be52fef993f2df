import { fillContours } from '../../raster/canvas.ts';
import { mix } from '../../raster/color.ts';
import { glow } from '../../raster/glow.ts';
import { linear, solid } from '../../raster/paint.ts';
import { ellipse, rectangle, smoothLine, strokeLine } from '../../raster/shapes.ts';
import { castOf, lookOf } from '../compose/place-figures.ts';
import { placeTexts } from '../compose/place-texts.ts';
import { paintButterfly } from '../figures/animals.ts';
import { paintFlowerHead } from '../figures/objects.ts';
import { paintClump } from '../layers/foliage.ts';
import { paintGround } from '../layers/ground.ts';
import { paintRays } from '../layers/sky.ts';
import { paintSparkles } from '../layers/weather.ts';
import { Pen } from '../pen.ts';
import type { Layer, Picture } from '../picture.ts';

interface View {
  readonly x: number;
  readonly y: number;
  /** Half the width and the height of the end wall, in pixels. */
  readonly half: number;
  readonly tall: number;
}

/** An iron and glass nave in one-point perspective, beds of plants on both sides, light from the roof. */
export function composeGreenhouse(picture: Picture): Layer[] {
  const { stage } = picture;
  const random = picture.random.fork('greenhouse');
  const view: View = {
    x: stage.width * random.between(0.44, 0.56),
    y: stage.height * 0.6,
    half: stage.width * 0.13,
    tall: stage.height * 0.24,
  };
  return [
    { name: 'glass', paint: () => paintGlass(picture, view) },
    { name: 'iron', paint: () => paintIron(picture, view) },
    { name: 'path', paint: () => paintPath(picture, view) },
    { name: 'beds', paint: () => paintBeds(picture, view) },
    {
      name: 'light',
      paint: () => {
        paintRays(stage, stage.width * (0.5 + picture.side * 0.3), -stage.height * 0.1, 0xfff2c4, 1.1);
        glow(stage.canvas, view.x, view.y - view.tall * 0.6, stage.mean * 0.5, 0xf4ffe0, 0.5);
      },
    },
    { name: 'guests', paint: () => paintGuests(picture) },
    { name: 'dew', paint: () => paintSparkles(stage, stage.height * 0.35, 60, 0xfff6d0, 0.007) },
    ...placeTexts(picture),
  ];
}

/** A point of the arch at depth `t` (0 = end wall, 1 = the viewer) and angle 0 .. 1 from the left foot to the right. */
function archPoint(picture: Picture, view: View, t: number, along: number): [number, number] {
  const { width, height } = picture.stage;
  const half = view.half + (width * 0.62 - view.half) * t;
  const wall = view.tall * 0.55 + (height * 0.42 - view.tall * 0.55) * t;
  const crown = view.tall * 0.5 + (height * 0.42 - view.tall * 0.5) * t;
  const foot = view.y + (height * 0.98 - view.y) * t;
  const centre = view.x + (width / 2 - view.x) * t;
  if (along < 0.2) return [centre - half, foot - wall * (along / 0.2)];
  if (along > 0.8) return [centre + half, foot - wall * ((1 - along) / 0.2)];
  const angle = ((along - 0.2) / 0.6) * Math.PI;
  return [centre - Math.cos(angle) * half, foot - wall - Math.sin(angle) * crown];
}

function paintGlass(picture: Picture, view: View): void {
  const { stage, air } = picture;
  const sky = linear(0, 0, 0, stage.height, [
    [0, mix(air.sky[0], 0xffffff, 0.35)],
    [0.5, mix(air.sky[2], 0xf2ffe8, 0.5)],
    [1, 0xb9cfa8],
  ]);
  fillContours(stage.canvas, [rectangle(0, 0, stage.width, stage.height)], sky);
  const random = stage.random.fork('outside');
  for (let i = 0; i < 26; i++) {
    const x = random.next() * stage.width;
    paintClump(
      stage,
      random,
      x,
      view.y - random.next() * view.tall * 0.8,
      stage.mean * random.between(0.04, 0.09),
      mix(0x8fb88a, 0xe6f2e0, 0.45),
      12,
    );
  }
  fillContours(stage.canvas, [rectangle(0, 0, stage.width, stage.height)], solid(0xeaf6ee, 0.28));
  const columns = 14;
  for (let c = 0; c < columns; c++) {
    if (c % 3 !== picture.facts.hash % 3) continue;
    const quad = [
      [0.05, c / columns],
      [0.9, c / columns],
      [0.9, (c + 0.8) / columns],
      [0.05, (c + 0.8) / columns],
    ].flatMap(([t, a]) => archPoint(picture, view, t ?? 0, a ?? 0));
    fillContours(stage.canvas, [Float32Array.from(quad)], solid(0xffffff, 0.2));
  }
}

function paintIron(picture: Picture, view: View): void {
  const { stage } = picture;
  const iron = 0x2f4a44;
  const draw = (points: readonly number[], width: number, alpha: number): void => {
    fillContours(stage.canvas, strokeLine(smoothLine(points, false, 4), [width]), solid(iron, alpha));
    fillContours(
      stage.canvas,
      strokeLine(
        smoothLine(
          points.map((value, i) => (i % 2 === 0 ? value - width * 0.22 : value)),
          false,
          4,
        ),
        [width * 0.25],
      ),
      solid(0xe6f2e6, alpha * 0.6),
    );
  };
  const depths = [0, 0.05, 0.13, 0.25, 0.43, 0.7, 1.05];
  depths.forEach((t, k) => {
    const points: number[] = [];
    for (let i = 0; i <= 40; i++) points.push(...archPoint(picture, view, t, i / 40));
    draw(points, stage.mean * (0.004 + t * 0.017), 0.6 + Math.min(0.4, t));
    if (k === 0) return;
    const scroll = stage.mean * (0.006 + t * 0.028);
    for (const along of [0.2, 0.8]) {
      const [x, y] = archPoint(picture, view, t, along);
      const ring = ellipse(x + (along < 0.5 ? 1 : -1) * scroll, y + scroll * 0.3, scroll * 0.75);
      fillContours(stage.canvas, strokeLine(ring, [stage.mean * 0.004 * (0.4 + t)], true), solid(iron, 0.9));
    }
  });
  for (let i = 0; i <= 16; i++) {
    const along = i / 16;
    const points = depths.flatMap((t) => archPoint(picture, view, t, along));
    draw(points, stage.mean * (i % 4 === 0 ? 0.006 : 0.0032), 0.8);
  }
  for (let i = 1; i < 9; i++) {
    const x = view.x - view.half + (view.half * 2 * i) / 9;
    draw([x, view.y, x, view.y - view.tall * (0.55 + 0.42 * Math.sin((i / 9) * Math.PI))], stage.mean * 0.0028, 0.7);
  }
}

function paintPath(picture: Picture, view: View): void {
  const { stage, air } = picture;
  paintGround(stage, air, view.y, 0x6a8a52, { wave: 0, haze: 0.25 });
  const { height, width } = stage;
  const path = Float32Array.of(
    view.x - view.half * 0.3,
    view.y,
    view.x + view.half * 0.3,
    view.y,
    width * 0.68,
    height,
    width * 0.32,
    height,
  );
  fillContours(
    stage.canvas,
    [path],
    linear(0, view.y, 0, height, [
      [0, 0xdccfb4],
      [1, 0xa8947a],
    ]),
  );
  const random = stage.random.fork('caustics');
  for (let i = 0; i < 42; i++) {
    const t = random.next() ** 1.3;
    const y = view.y + t * (height - view.y);
    const x = view.x + (random.next() - 0.5) * (view.half * 0.6 + width * 0.34 * t);
    const long = stage.mean * (0.008 + t * 0.045);
    fillContours(
      stage.canvas,
      strokeLine(
        smoothLine(
          [x - long, y, x - long * 0.2, y - long * 0.18, x + long * 0.3, y + long * 0.12, x + long, y - long * 0.05],
          false,
        ),
        [0.5, long * 0.13, long * 0.1, 0.5],
      ),
      solid(0xfff8dc, 0.5),
    );
  }
}

/** Beds from far to near: palms and ferns at the back, orchids and clumps at the edge of the path. */
function paintBeds(picture: Picture, view: View): void {
  const { stage } = picture;
  const { width, height } = stage;
  const random = stage.random.fork('beds');
  const greens = [0x3f8a4a, 0x2f6f4f, 0x6aa04a, 0x4f9a6a, 0x86b04a];
  const blooms =
    picture.facts.colors.length > 1 ? picture.facts.colors : [0xe05a9a, 0xf2a0c8, 0xb06ad8, 0xf6d0e0, 0xf2b63a];
  for (let row = 0; row < 7; row++) {
    const t = ((row + 0.6) / 7) ** 1.4;
    const haze = (1 - t) * 0.45;
    for (const side of [-1, 1]) {
      const inner = view.x + side * (view.half * 0.4 + width * 0.17 * t) + (width / 2 - view.x) * t;
      const outer = view.x + side * (view.half + width * 0.52 * t);
      const foot = view.y + (height * 0.99 - view.y) * t;
      const size = stage.mean * (0.07 + t * 0.27);
      for (let k = 0; k < 3; k++) {
        const x = outer + (inner - outer) * (k / 3) + random.between(-0.1, 0.1) * size;
        const green = mix(random.pick([0x3f8a4a, 0x2f6f4f, 0x6aa04a, 0x4f9a6a]), 0xe6f2dc, haze);
        if (k < 2)
          fern(Pen.at(stage, x, foot, size * random.between(0.9, 1.5), side > 0), green, random.next(), k === 0);
        else
          paintClump(
            stage,
            random,
            x,
            foot - size * 0.12,
            size * 0.3,
            mix(greens[row % 5] ?? 0x3f8a4a, 0xe6f2dc, haze),
            34,
          );
      }
      if (t > 0.08)
        orchid(
          Pen.at(stage, inner - side * size * 0.05, foot, size * 0.85, side < 0),
          mix(blooms[(row + (side > 0 ? 2 : 0)) % blooms.length] ?? 0xe05a9a, 0xffffff, haze),
        );
    }
  }
}

function fern(pen: Pen, color: number, chance: number, palm: boolean): void {
  const stem = palm ? -0.5 : -0.1;
  if (palm) pen.limb([0, 0, 0.02, -0.25, 0, -0.5], [0.07, 0.05, 0.04], 0x7a6044);
  const fronds = palm ? 9 : 11;
  for (let i = 0; i < fronds; i++) {
    const angle = -Math.PI * (0.04 + 0.92 * ((i + chance) / fronds));
    const reach = palm ? 0.46 : 0.5;
    const [ex, ey] = [Math.cos(angle) * reach, stem + Math.sin(angle) * reach * 0.85 + 0.12];
    const [mx, my] = [ex * 0.55, stem + (ey - stem) * 0.6 - 0.09];
    const tone = mix(color, i % 2 === 0 ? 0x143a2a : 0xc8e08a, 0.16);
    pen.form(strokeLine(smoothLine([0, stem, mx, my, ex, ey], false), [0.02, 0.085, 0.07, 0.004]), tone, { puff: 0.6 });
    pen.line([0, stem, mx, my, ex, ey], [0.008, 0.004], mix(tone, 0xe6f6b8, 0.5), { opacity: 0.55 });
  }
}

function orchid(pen: Pen, color: number): void {
  pen.line([0, 0, 0.04, -0.3, 0.16, -0.52, 0.36, -0.56], [0.014, 0.008], pen.tinted(0x4a7a3c));
  for (const side of [-1, 1])
    pen.shape([0, 0, side * 0.1, -0.12, side * 0.2, -0.1, side * 0.12, 0.01], 0x3f7f44, { puff: 0.8 });
  for (const [x, y, r] of [
    [0.06, -0.38, 0.09],
    [0.16, -0.5, 0.085],
    [0.27, -0.55, 0.075],
    [0.37, -0.53, 0.055],
  ] as const)
    paintFlowerHead(pen, x, y, r, color, 5);
}

function paintGuests(picture: Picture): void {
  const { stage } = picture;
  const random = stage.random.fork('guests');
  const cast = castOf(picture.facts).filter(
    ({ figure, subject }) =>
      figure.habitat !== 'table' && !['flower', 'tree', 'butterfly', 'plant'].includes(subject.kind),
  );
  cast.slice(0, 3).forEach(({ subject, figure }, i) => {
    const size = stage.height * 0.34 * Math.min(1.1, 0.5 + figure.tall * 0.5);
    figure.paint(
      Pen.at(stage, stage.width * (0.5 + (i - (cast.length - 1) / 2) * 0.2), stage.height * 0.94, size),
      lookOf(picture, subject, i),
    );
  });
  const subject = picture.facts.subjects.find((one) => one.kind === 'butterfly') ?? {
    kind: 'butterfly' as const,
    name: 'butterfly',
    count: 2,
    colors: [],
    traits: [],
  };
  for (let i = 0; i < Math.max(subject.count + 3, 4); i++) {
    const pen = Pen.at(
      stage,
      stage.width * random.between(0.15, 0.85),
      stage.height * random.between(0.3, 0.7),
      stage.mean * random.between(0.045, 0.1),
      false,
      random.between(-0.5, 0.5),
    );
    paintButterfly(pen, lookOf(picture, subject, i));
  }
}
