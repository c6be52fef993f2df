import type { Subject } from '../../prompt/understand.ts';
import { fillContours } from '../../raster/canvas.ts';
import { mix, multiplyColors } from '../../raster/color.ts';
import { glow } from '../../raster/glow.ts';
import { linear, shader, solid } from '../../raster/paint.ts';
import { rectangle } from '../../raster/shapes.ts';
import type { Figure } from '../figures/figure.ts';
import { figureOf } from '../figures/registry.ts';
import { grainAt } from '../form.ts';
import { paintGrain } from '../layers/wood.ts';
import { Pen } from '../pen.ts';
import type { Layer, Picture } from '../picture.ts';
import { lookOf } from './place-figures.ts';
import { placeTexts } from './place-texts.ts';

interface Thing {
  readonly subject: Subject;
  readonly figure: Figure;
  readonly index: number;
  x: number;
  y: number;
  height: number;
}

/** Things on a table by a window. What stands on or in another is placed by it, what is behind goes behind. */
export function composeStillLife(picture: Picture): Layer[] {
  const things = arrangeThings(picture);
  const layers: Layer[] = [
    { name: 'wall', paint: () => paintWall(picture) },
    { name: 'table', paint: () => paintTable(picture) },
  ];
  const within = (thing: Thing): Thing[] =>
    things.filter(
      (other) =>
        other.subject.relation?.kind === 'inside' &&
        picture.facts.subjects[other.subject.relation.to] === thing.subject,
    );
  const isInside = (thing: Thing): boolean =>
    thing.subject.relation?.kind === 'inside' &&
    things.some(
      (other) =>
        picture.facts.subjects[thing.subject.relation?.to ?? -1] === other.subject && other.figure.inner !== undefined,
    );
  const paint = (thing: Thing): void => {
    const pen = Pen.at(picture.stage, thing.x, thing.y, thing.height);
    const look = lookOf(picture, thing.subject, thing.index);
    thing.figure.paint(pen, look);
    for (const inner of within(thing)) if (isInside(inner)) paint(inner);
    thing.figure.paintOver?.(pen, look);
  };
  for (const thing of [...things].sort((a, b) => depthOf(a) - depthOf(b))) {
    if (!isInside(thing)) layers.push({ name: thing.subject.kind, paint: () => paint(thing) });
  }
  layers.push({ name: 'window light', paint: () => paintWindowLight(picture) });
  layers.push(...placeTexts(picture));
  return layers;
}

/** Paint order: what is behind first, what rests on others last. */
const depthOf = (thing: Thing): number => {
  const kind = thing.subject.relation?.kind;
  return kind === 'behind' ? -1 : kind === 'on' ? 2 : kind === 'front' ? 3 : 0;
};

function arrangeThings(picture: Picture): Thing[] {
  const { stage, facts } = picture;
  const random = picture.random.fork('things');
  const things: Thing[] = [];
  facts.subjects.forEach((subject, index) => {
    const figure = figureOf(subject.kind);
    const inVase = subject.kind === 'flower' && facts.subjects.some((other) => other.kind === 'vase');
    if (!figure || inVase) return;
    for (let i = 0; i < Math.min(6, subject.count); i++)
      things.push({ subject: recoloured(subject, i), figure, index: index * 8 + i, x: 0, y: 0, height: 0 });
  });
  const anchorOf = (thing: Thing): Thing | undefined => {
    const to = thing.subject.relation?.to;
    const kind = facts.subjects[to ?? -1]?.kind;
    return kind === undefined ? undefined : things.find((other) => other !== thing && other.subject.kind === kind);
  };
  const depends = (thing: Thing): boolean =>
    ['on', 'inside', 'behind', 'front', 'above'].includes(thing.subject.relation?.kind ?? '') &&
    anchorOf(thing) !== undefined;
  const row = things.filter((thing) => !depends(thing));
  for (const thing of things) {
    const relation = thing.subject.relation?.kind;
    const anchor = anchorOf(thing);
    if (!anchor || depends(thing) || (relation !== 'left' && relation !== 'right')) continue;
    row.splice(row.indexOf(thing), 1);
    row.splice(row.indexOf(anchor) + (relation === 'right' ? 1 : 0), 0, thing);
  }
  const sizes = row.map((thing) =>
    thing.figure.tall > 0.6 ? 1.2 : Math.max(0.34, Math.sqrt(thing.figure.tall / 0.3) * 0.8),
  );
  const sum = row.reduce((total, thing, i) => total + (sizes[i] ?? 1) * thing.figure.aspect, 0);
  const stacked = things.some((thing) => depends(thing));
  const unit = Math.min(
    (stage.width * 0.84) / Math.max(0.1, sum * 1.12),
    (stage.height * (stacked ? 0.44 : 0.56)) / Math.max(0.5, ...sizes),
  );
  let x = (stage.width - sum * unit * 1.12) / 2;
  row.forEach((thing, i) => {
    thing.height = (sizes[i] ?? 1) * unit;
    const wide = thing.height * thing.figure.aspect * 1.12;
    thing.x = x + wide / 2;
    thing.y =
      tableFront(picture) -
      (row.length > 2 && i % 2 === 1 ? 0.06 * stage.mean : 0) +
      random.between(-0.012, 0.012) * stage.mean;
    x += wide;
  });
  for (let pass = 0; pass < 2; pass++)
    for (const thing of things) if (depends(thing)) rest(thing, anchorOf(thing), random.chance(0.5) ? 1 : -1);
  return things;
}

const tableFront = (picture: Picture): number =>
  Math.min(picture.stage.height * 0.86, picture.horizon + picture.stage.mean * 0.3);

/** One of several takes its own colour when as many are named: a red and a blue block. */
const recoloured = (subject: Subject, i: number): Subject =>
  subject.count > 1 && subject.colors.length > 1
    ? { ...subject, colors: subject.colors.slice(i % subject.colors.length) }
    : subject;

function rest(thing: Thing, anchor: Thing | undefined, side: number): void {
  if (!anchor || anchor.height === 0) return;
  const relation = thing.subject.relation?.kind;
  const width = anchor.height * anchor.figure.aspect;
  if (relation === 'on' || relation === 'above') {
    thing.height = Math.min((width * 0.8) / thing.figure.aspect, anchor.height * 0.62);
    thing.x = anchor.x + width * 0.02;
    thing.y = anchor.y + anchor.height * (anchor.figure.top ?? -0.97);
  } else if (relation === 'inside') {
    const room = anchor.figure.inner ?? { x: 0, y: -0.5, height: 0.6 };
    const small = thing.subject.traits.includes('small') || thing.subject.traits.includes('tiny') ? 0.8 : 1;
    thing.height = Math.min(anchor.height * room.height * small, (width * 0.55) / thing.figure.aspect);
    thing.x = anchor.x + room.x * anchor.height;
    thing.y = anchor.y + room.y * anchor.height;
  } else {
    const behind = relation === 'behind';
    thing.height = behind ? anchor.height * 1.45 : anchor.height * 0.6;
    thing.x = anchor.x + side * width * 0.36;
    thing.y = anchor.y + anchor.height * (behind ? -0.3 : 0.16);
  }
}

function paintWall(picture: Picture): void {
  const { stage, side, facts } = picture;
  const color = facts.background ?? picture.random.fork('wall').pick([0xd9cbb6, 0xb9c4bc, 0xc9b8ae, 0xa9b4bf]);
  const wall = multiplyColors(color, picture.air.tint);
  const [near, far] = [mix(wall, 0xfff2d8, 0.38), multiplyColors(wall, 0x8a84a0)];
  const paint = linear(side < 0 ? 0 : stage.width, 0, side < 0 ? stage.width : 0, stage.height * 0.8, [
    [0, near],
    [0.45, wall],
    [1, far],
  ]);
  fillContours(stage.canvas, [rectangle(0, 0, stage.width, stage.height)], paint);
  const reach = stage.mean * 0.34;
  const x = stage.width * (0.5 - side * 0.14);
  const y = picture.horizon - stage.mean * 0.38;
  const slant = stage.mean * 0.12 * -side;
  for (let c = 0; c < 2; c++) {
    for (let r = 0; r < 2; r++) {
      const [l, t] = [x + (c - 1) * reach * 0.56, y + (r - 1) * reach * 0.62];
      const pane = Float32Array.of(
        l,
        t,
        l + reach * 0.5,
        t + slant * 0.16,
        l + reach * 0.5 + slant * 0.4,
        t + reach * 0.56 + slant * 0.16,
        l + slant * 0.4,
        t + reach * 0.56,
      );
      fillContours(stage.canvas, [pane], solid(mix(0xfff0cc, picture.air.lit, 0.3), 0.36), { blend: 'screen' });
    }
  }
}

function paintTable(picture: Picture): void {
  const { stage } = picture;
  const top = picture.horizon;
  paintGrain(
    stage,
    top,
    picture.facts.subjects.some((subject) => subject.traits.includes('wooden')) ||
      picture.facts.places.includes('table')
      ? 0x9a6a3e
      : picture.random.fork('table').pick([0x9a6a3e, 0xb58a5a, 0x6f4a32]),
  );
  const edge = linear(0, top, 0, top + stage.mean * 0.05, [
    [0, 0x1a0f0a, 0.35],
    [1, 0x1a0f0a, 0],
  ]);
  fillContours(stage.canvas, [rectangle(0, top, stage.width, stage.mean * 0.05)], edge);
}

function paintWindowLight(picture: Picture): void {
  const { stage, side } = picture;
  glow(
    stage.canvas,
    side < 0 ? -stage.width * 0.05 : stage.width * 1.05,
    stage.height * 0.18,
    stage.mean * 0.95,
    0xfff0cf,
    0.5,
  );
  const random = stage.random.fork('motes');
  const dust = shader((y, x0, x1, out) => {
    for (let i = 0; i < x1 - x0; i++) {
      out.fill(255, i * 4, i * 4 + 3);
      out[i * 4 + 3] = grainAt(x0 + i, y) > 60 ? 8 : 0;
    }
  });
  if (random.chance(0.5)) fillContours(stage.canvas, [rectangle(0, 0, stage.width * 0.3, stage.height * 0.3)], dust);
}
