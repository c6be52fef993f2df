import { fillContours } from '../../raster/canvas.ts';
import { mix, multiplyColors } from '../../raster/color.ts';
import { glow } from '../../raster/glow.ts';
import { linear, solid } from '../../raster/paint.ts';
import { ellipse, rectangle, roundedRectangle } from '../../raster/shapes.ts';
import { lookOf, placeFigures } from '../compose/place-figures.ts';
import { placeTexts } from '../compose/place-texts.ts';
import { figureOf } from '../figures/registry.ts';
import { paintClump } from '../layers/foliage.ts';
import { paintGrain } from '../layers/wood.ts';
import { Pen } from '../pen.ts';
import type { Layer, Picture } from '../picture.ts';

/** A room: wall and floor, a window on the hour outside, shelves, a lamp, and whoever is in it. */
export function composeInterior(picture: Picture): Layer[] {
  const { stage } = picture;
  const floor = Math.round(stage.height * 0.66);
  const seen: Picture = { ...picture, horizon: floor };
  return [
    { name: 'wall', paint: () => paintWalls(picture, floor) },
    { name: 'window', paint: () => paintWindow(picture, floor) },
    { name: 'floor', paint: () => paintFloor(picture, floor) },
    { name: 'furniture', paint: () => paintFurniture(picture, floor) },
    ...placeFigures(seen),
    ...placeTexts(picture),
    {
      name: 'light',
      paint: () =>
        glow(
          stage.canvas,
          stage.width * (0.5 + picture.side * 0.42),
          floor * 0.45,
          stage.mean * 0.75,
          mix(picture.air.lit, 0xffe2b0, 0.5),
          0.42,
        ),
    },
  ];
}

function paintWalls(picture: Picture, floor: number): void {
  const { stage } = picture;
  const color =
    picture.facts.background ?? picture.random.fork('paint').pick([0x8fa39a, 0xd9b99a, 0x6f8296, 0xc99a86, 0xa9a48c]);
  const wall = multiplyColors(color, mix(picture.air.tint, 0xffe8cc, 0.5));
  const from = picture.side < 0 ? 0 : stage.width;
  fillContours(
    stage.canvas,
    [rectangle(0, 0, stage.width, stage.height)],
    linear(from, 0, stage.width - from, floor, [
      [0, mix(wall, 0xfff0d4, 0.3)],
      [0.6, wall],
      [1, multiplyColors(wall, 0x9a90a8)],
    ]),
  );
  fillContours(
    stage.canvas,
    [rectangle(0, floor - stage.mean * 0.035, stage.width, stage.mean * 0.035)],
    solid(mix(wall, 0xffffff, 0.35)),
  );
}

function paintWindow(picture: Picture, floor: number): void {
  const { stage, air } = picture;
  const tall = Math.min(floor * 0.6, stage.mean * 0.46);
  const wide = Math.min(tall * 0.85, stage.width * 0.4);
  const [x, y] = [stage.width * (0.5 + picture.side * 0.26) - wide / 2, floor * 0.42 - tall * 0.5];
  const frame = stage.mean * 0.016;
  fillContours(
    stage.canvas,
    [roundedRectangle(x - frame, y - frame, wide + frame * 2, tall + frame * 2, frame * 0.4)],
    solid(mix(0xf4ecdf, air.tint, 0.2)),
  );
  const [a, b, c, d] = air.sky;
  fillContours(
    stage.canvas,
    [rectangle(x, y, wide, tall)],
    linear(0, y, 0, y + tall, [
      [0, a],
      [0.4, b],
      [0.75, c],
      [1, d],
    ]),
  );
  const random = stage.random.fork('garden');
  for (let i = 0; i < 5; i++) {
    const r = wide * random.between(0.1, 0.16);
    paintClump(
      stage,
      random,
      x + r + (wide - r * 2) * random.next(),
      y + tall - r * random.between(0.6, 1),
      r,
      mix(0x5a8a4a, air.haze, 0.3),
      22,
    );
  }
  for (const bar of [
    rectangle(x + wide / 2 - frame * 0.3, y, frame * 0.6, tall),
    rectangle(x, y + tall * 0.45, wide, frame * 0.6),
  ])
    fillContours(stage.canvas, [bar], solid(0xf0e8da));
  fillContours(
    stage.canvas,
    [rectangle(x - frame * 2, y + tall + frame, wide + frame * 4, frame * 1.1)],
    solid(0xe6dccb),
  );
  glow(stage.canvas, x + wide / 2, y + tall / 2, tall * 1.1, air.sun, 0.3);
}

function paintFloor(picture: Picture, floor: number): void {
  const { stage } = picture;
  paintGrain(stage, floor, picture.random.fork('boards').pick([0x9a6a40, 0x8a5a3a, 0xb58a5c]));
  const rug = picture.random.fork('rug').pick([0x9a3f3f, 0x3f5f8a, 0xc99a4a, 0x5a7a5a]);
  const [x, y, r] = [
    stage.width * 0.5,
    floor + (stage.height - floor) * 0.55,
    Math.min(stage.width * 0.42, stage.mean * 0.5),
  ];
  fillContours(stage.canvas, [ellipse(x, y, r, r * 0.27)], solid(multiplyColors(rug, 0xe6dcd0)));
  fillContours(stage.canvas, [ellipse(x, y, r * 0.86, r * 0.22)], solid(mix(rug, 0xf2e6cc, 0.35)));
  fillContours(stage.canvas, [ellipse(x, y, r * 0.78, r * 0.19)], solid(rug));
}

function paintFurniture(picture: Picture, floor: number): void {
  const { stage } = picture;
  const random = picture.random.fork('furniture');
  const far = -picture.side;
  const wide = Math.min(stage.width * 0.34, stage.mean * 0.36);
  const x = stage.width * (0.5 + far * 0.3) - wide / 2;
  for (let shelf = 0; shelf < 3; shelf++) {
    const y = floor * (0.26 + shelf * 0.17);
    const room = floor * 0.13;
    for (let at = x + wide * 0.03; at < x + wide * 0.9; ) {
      const thick = wide * random.between(0.035, 0.07);
      if (random.chance(0.85))
        Pen.at(stage, at, y, 1).form(
          rectangle(0, -room * random.between(0.6, 0.95), thick * 0.92, room * 0.95),
          random.pick([0xb8483f, 0x3f6a8a, 0xd9a441, 0x4a7a5a, 0x7a5a8a, 0xe6d8bc]),
          { puff: 0.4 },
        );
      at += thick;
    }
    fillContours(stage.canvas, [rectangle(x, y, wide, Math.max(2, stage.mean * 0.012))], solid(0x6b4630));
  }
  const look = lookOf(picture, { kind: 'plant', name: 'plant', count: 1, colors: [], traits: [] }, 0);
  const size = Math.min(stage.mean * 0.3, floor * 0.5);
  figureOf('plant')?.paint(
    Pen.at(stage, stage.width * (0.5 + picture.side * 0.44), floor + stage.mean * 0.05, size),
    look,
  );
  figureOf('lamp')?.paint(Pen.at(stage, stage.width * (0.5 + far * 0.44), floor + stage.mean * 0.04, size * 1.4), look);
}
