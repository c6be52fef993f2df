import type { Subject, Understanding } from '../../prompt/understand.ts';
import { fillContours } from '../../raster/canvas.ts';
import { mix } from '../../raster/color.ts';
import { linear } from '../../raster/paint.ts';
import { ellipse, polygon, rectangle } from '../../raster/shapes.ts';
import { lookOf } from '../compose/place-figures.ts';
import { figureOf } from '../figures/registry.ts';
import { letter } from '../lettering.ts';
import { Pen } from '../pen.ts';
import type { Layer, Picture } from '../picture.ts';
import { paintFlag } from './flags.ts';

/** A raised slab seen from 45 degrees above on a plain ground, its subjects on top, its title above. */
export function composeDiorama(picture: Picture): Layer[] {
  const { stage, facts } = picture;
  const ground = facts.background ?? picture.random.fork('ground').pick([0xa9d3f0, 0xf4d9c6, 0xcfe6cf, 0xe2d6f0]);
  const titled = facts.quotes.length > 0;
  const unit = Math.min(stage.width * 0.42, stage.height * (titled ? 0.4 : 0.46));
  const pen = Pen.at(stage, stage.width / 2, stage.height * (titled ? 0.66 : 0.56), unit);
  const outdoor =
    facts.subjects.some((subject) => figureOf(subject.kind)?.habitat !== 'table') || facts.subjects.length === 0;
  return [
    {
      name: 'ground',
      paint: () =>
        fillContours(
          stage.canvas,
          [rectangle(0, 0, stage.width, stage.height)],
          linear(0, 0, stage.width, stage.height, [
            [0, mix(ground, 0xffffff, 0.22)],
            [1, mix(ground, 0x3a5a7a, 0.12)],
          ]),
        ),
    },
    { name: 'base', paint: () => paintBase(pen, outdoor) },
    { name: 'subjects', paint: () => paintSubjects(picture, pen, outdoor) },
    { name: 'title', paint: () => paintTitle(picture) },
  ];
}

function paintBase(pen: Pen, outdoor: boolean): void {
  pen.shadow(0.06, 0.62, 1.25, 0.55, 0.4);
  const top = outdoor ? 0x86c06a : 0xeed9b6;
  const side = outdoor ? 0x8a6242 : 0xc9a271;
  const lit = pen.stage.light.x < 0;
  pen.form(polygon([-1, 0.02, 0, 0.52, 0, 0.7, -1, 0.2]), mix(side, lit ? 0xffffff : 0x2a1830, lit ? 0.12 : 0.25), {
    puff: 0.3,
  });
  pen.form(polygon([0, 0.52, 1, 0.02, 1, 0.2, 0, 0.7]), mix(side, lit ? 0x2a1830 : 0xffffff, lit ? 0.25 : 0.12), {
    puff: 0.3,
  });
  pen.form(polygon([0, -0.48, 1, 0.02, 0, 0.52, -1, 0.02]), top, { puff: 0.3, grain: 8 });
  pen.line([-1, 0.02, 0, 0.52], 0.014, mix(top, 0xffffff, 0.55), { opacity: 0.8 });
  pen.line([0, 0.52, 1, 0.02], 0.014, mix(top, 0xffffff, 0.4), { opacity: 0.8 });
}

function paintSubjects(picture: Picture, pen: Pen, outdoor: boolean): void {
  const cast = buildingsFor(picture.facts)
    .concat(picture.facts.subjects)
    .filter((subject) => figureOf(subject.kind) && subject.kind !== 'sign')
    .slice(0, 5);
  const spots = [
    [0, 0.3],
    [-0.5, 0.1],
    [0.5, 0.1],
    [0, -0.16],
    [0.28, 0.34],
  ] as const;
  if (outdoor) {
    const tree = figureOf('tree');
    const random = picture.random.fork('garden');
    for (const [x, y] of [
      [-0.62, -0.02],
      [0.6, -0.04],
      [0.04, -0.34],
    ] as const) {
      tree?.paint(pen.within({ x, y, scale: random.between(0.4, 0.52) }), {
        colors: [0x5aa04f],
        traits: new Set(),
        neon: false,
        random,
      });
    }
  }
  const placed = cast
    .map((subject, i) => ({ subject, spot: spots[i] ?? spots[0], i }))
    .sort((a, b) => a.spot[1] - b.spot[1]);
  for (const { subject, spot, i } of placed) {
    const figure = figureOf(subject.kind);
    if (!figure) continue;
    const size = Math.min(cast.length === 1 ? 0.92 : 0.62, (cast.length === 1 ? 1.4 : 0.8) / figure.aspect);
    figure.paint(pen.within({ x: spot[0], y: spot[1], scale: size }), lookOf(picture, subject, i));
  }
  if (outdoor) return;
  const garnish = picture.random.fork('garnish');
  for (let i = 0; i < 5; i++)
    pen.shape(
      [-0.62 + i * 0.03, 0.06 + i * 0.012, -0.58 + i * 0.03, -0.02, -0.53 + i * 0.03, 0.04 + i * 0.012],
      0x6ab04a,
      { puff: 1 },
    );
  for (const side of [-1, 1])
    pen.limb([0.36 + side * 0.025, 0.3, 0.8 + side * 0.02, 0.08], [0.022, 0.03], 0x8a4a2a, { gloss: 0.5 });
  for (let i = 0; i < 3; i++)
    pen.form(ellipse(garnish.between(-0.2, 0.1), garnish.between(-0.32, -0.22), 0.04, 0.03), 0xf2b6b0, { puff: 1.2 });
}

/** A shop or a town seen from above is a building, with its cup beside it where coffee is poured. */
function buildingsFor({ places, subjects, symbols }: Understanding): Subject[] {
  const built = places.some((place) => ['interior', 'city', 'street', 'village'].includes(place));
  if (!built || subjects.some(({ kind }) => kind === 'house' || kind === 'castle')) return [];
  const subject = (kind: 'house' | 'coffee'): Subject => ({ kind, name: kind, count: 1, colors: [], traits: [] });
  return symbols.has('coffee_house') ? [subject('house'), subject('coffee')] : [subject('house')];
}

function paintTitle(picture: Picture): void {
  const { stage, facts } = picture;
  const [first, second] = facts.quotes;
  if (first === undefined) return;
  const big = Math.min(stage.height * 0.12, stage.width * 0.16);
  const y = Math.max(big * 0.85, stage.height * 0.1);
  const used = letter(stage, first, {
    x: stage.width / 2,
    y,
    size_px: big,
    width_max: stage.width * 0.84,
    paint: 0x24344a,
  });
  if (second !== undefined)
    letter(stage, second, {
      x: stage.width / 2,
      y: y + used * 0.92,
      size_px: used * 0.52,
      width_max: stage.width * 0.8,
      paint: 0xc8423a,
    });
  if (!facts.symbols.has('flag')) return;
  const flagTall = used * 0.4;
  paintFlag(
    Pen.at(stage, stage.width / 2, y + used * (second === undefined ? 1.15 : 1.75), flagTall),
    `${first} ${facts.unknown.join(' ')}`,
  );
}
