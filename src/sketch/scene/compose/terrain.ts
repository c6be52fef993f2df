import type { PlaceKind } from '../../prompt/vocabulary.ts';
import { fillContours } from '../../raster/canvas.ts';
import type { Color } from '../../raster/color.ts';
import { mix, multiplyColors } from '../../raster/color.ts';
import { linear, solid } from '../../raster/paint.ts';
import { rectangle } from '../../raster/shapes.ts';
import { figureOf } from '../figures/registry.ts';
import { paintSkyline } from '../layers/city.ts';
import { paintTree } from '../layers/foliage.ts';
import { paintGrass, paintGround } from '../layers/ground.ts';
import { paintMountains } from '../layers/mountains.ts';
import { paintStreet } from '../layers/street.ts';
import { paintLake, paintSea } from '../layers/water.ts';
import { Pen } from '../pen.ts';
import type { Picture } from '../picture.ts';
import { castOf, lookOf } from './place-figures.ts';

const flowerSets: readonly (readonly Color[])[] = [
  [0xe8503a, 0xf6f2e6, 0x7a6ad8, 0xf2c23a],
  [0xf08fb0, 0xffffff, 0xb86ad0, 0xf6d84a],
  [0x6a78e0, 0xf4f0ff, 0xf2b43a, 0xe86a8a],
];

export function grassColor(picture: Picture): Color {
  const { season } = picture.facts;
  if (isWhite(picture)) return 0xe6edf4;
  if (season === 'autumn') return 0xa88a3e;
  return 0x5f9440;
}

export function leafColor(picture: Picture): Color {
  const { season, weather } = picture.facts;
  if (season === 'autumn') return picture.random.pick([0xd9762a, 0xc94a2a, 0xe0a02c]);
  if (season === 'spring') return 0xf0a9c0;
  if (weather.has('snow') || season === 'winter') return 0x9db0ae;
  return 0x3f7a3c;
}

const isWhite = (picture: Picture): boolean =>
  picture.facts.weather.has('snow') ||
  picture.facts.season === 'winter' ||
  picture.facts.subjects.some((subject) => subject.kind === 'snowman' || subject.kind === 'penguin');

/** Height that mountains and towers may take above the horizon, in pixels. */
const riseOf = (picture: Picture, share: number): number =>
  Math.min(picture.horizon * 0.82, picture.stage.mean * share);

function treeLine(
  picture: Picture,
  base: number,
  tall: number,
  kind: 'pine' | 'round',
  count: number,
  haze: number,
): void {
  const { stage, air } = picture;
  const random = stage.random.fork(`trees${Math.round(base)}`);
  const color = mix(kind === 'pine' ? (isWhite(picture) ? 0x8fa3a6 : 0x2c5540) : leafColor(picture), air.haze, haze);
  const spread = Math.max(1, stage.width / stage.mean);
  const total = Math.round(count * spread);
  for (let i = 0; i < total; i++) {
    const x = ((i + random.next()) / total) * stage.width;
    const size = tall * random.between(0.6, 1.15);
    paintTree(Pen.at(stage, x, base + random.between(-0.02, 0.05) * tall, size), kind, color, random, 0.35);
  }
}

/** The flowers of a field: those named, in their own colours, else a mixture. */
function meadowFlowers(picture: Picture): readonly Color[] {
  if (isWhite(picture)) return [];
  const named = picture.facts.subjects.find((subject) => subject.kind === 'flower');
  if (named?.colors.length) return named.colors;
  const field = fieldFlowers.find((row) => named?.name.includes(row.word));
  return field?.colors ?? flowerSets[picture.random.fork('flowers').whole(0, flowerSets.length - 1)] ?? [];
}

const fieldFlowers: readonly { readonly word: string; readonly colors: readonly Color[] }[] = [
  { word: 'lavender', colors: [0x9a7ad0, 0x8a66c8, 0xb08ae0] },
  { word: 'popp', colors: [0xe0402c, 0xd8342a] },
  { word: 'sunflower', colors: [0xf2b62c, 0xf6c83c] },
  { word: 'tulip', colors: [0xe8503a, 0xf2c23a, 0xe86a9a] },
  { word: 'dais', colors: [0xfaf6ee, 0xf6f0e0] },
];

/** A beach is asked for, or someone who cannot swim is in the picture. */
const standsOnShore = (picture: Picture): boolean =>
  picture.facts.symbols.has('beach') ||
  (!picture.facts.subjects.some((subject) => subject.kind === 'surfboard') &&
    castOf(picture.facts).some(
      ({ figure, subject }) =>
        subject.kind !== 'lighthouse' && (figure.habitat === 'ground' || figure.habitat === 'road'),
    ));

/** The near bank, with a line of foam where the water meets it. */
function paintShore(picture: Picture, color: Color): void {
  const { stage, air } = picture;
  const top = picture.horizon + (stage.height - picture.horizon) * 0.52;
  paintGround(stage, air, top - stage.mean * 0.016, mix(0xffffff, air.haze, 0.25), {
    wave: 0.03,
    mottle: 0.1,
    haze: 0.1,
  });
  paintGround(stage, air, top, color, { wave: 0.03, mottle: 0.35, haze: 0.12 });
}

/** Concrete underfoot and a parapet before the city. */
function paintRooftop(picture: Picture): void {
  const { stage, air, horizon } = picture;
  const wall = multiplyColors(0x8a8488, air.tint);
  const top = horizon + stage.mean * 0.035;
  const tall = stage.mean * 0.1;
  fillContours(
    stage.canvas,
    [rectangle(0, horizon, stage.width, tall)],
    solid(mix(multiplyColors(wall, air.shade), air.haze, 0.3)),
  );
  paintGround(stage, air, top + tall * 0.8, 0x77757c, { wave: 0, mottle: 0.25, haze: 0.1 });
  fillContours(
    stage.canvas,
    [rectangle(0, top, stage.width, tall)],
    linear(0, top, 0, top + tall, [
      [0, mix(wall, air.lit, 0.2)],
      [1, multiplyColors(wall, air.shade)],
    ]),
  );
  fillContours(stage.canvas, [rectangle(0, top, stage.width, tall * 0.16)], solid(mix(wall, air.lit, 0.5)));
}

/** Houses along the horizon, with smoke where it is cold. */
function paintVillage(picture: Picture): void {
  const { stage, horizon } = picture;
  const random = stage.random.fork('village');
  const count = Math.max(3, Math.round((6 * stage.width) / stage.mean));
  backdrops.hills?.(picture);
  for (let i = 0; i < count; i++) {
    const size = riseOf(picture, random.between(0.14, 0.22));
    const x = ((i + random.between(0.2, 0.8)) / count) * stage.width;
    const subject = {
      kind: 'house' as const,
      name: 'house',
      count: 1,
      colors: isWhite(picture) ? [0xcbb294, 0xf2f5fa] : [],
      traits: [],
    };
    figureOf('house')?.paint(
      Pen.at(stage, x, horizon + size * random.between(0.05, 0.4), size, random.chance(0.5)),
      lookOf(picture, subject, i),
    );
  }
}

type Terrain = (picture: Picture) => void;

/** What stands at the horizon. */
export const backdrops: Readonly<Partial<Record<PlaceKind, Terrain>>> = {
  mountains: (p) =>
    paintMountains(p.stage, p.air, p.horizon, {
      layers: 4,
      rock: p.random.pick([0x6d7690, 0x77706f, 0x5f6c84]),
      snow: isWhite(p) || p.random.chance(0.6),
      rise: riseOf(p, p.random.between(0.44, 0.56)),
    }),
  village: (p) => {
    if (!p.facts.subjects.some((subject) => subject.kind === 'house')) paintVillage(p);
  },
  hills: (p) =>
    paintMountains(p.stage, p.air, p.horizon, {
      layers: 4,
      rock: mix(grassColor(p), 0x3c6a3c, 0.35),
      snow: false,
      rise: riseOf(p, 0.2),
      smooth: true,
    }),
  city: (p) =>
    paintSkyline(p.stage, p.air, p.horizon, {
      lights: p.hour === 'night' || p.hour === 'neon' ? 0.55 : p.hour === 'dusk' || p.hour === 'sunset' ? 0.32 : 0.08,
      neon: p.facts.styles.has('neon'),
      rise: riseOf(p, 0.62),
    }),
  forest: (p) => {
    paintMountains(p.stage, p.air, p.horizon, {
      layers: 2,
      rock: 0x47694f,
      snow: false,
      rise: riseOf(p, 0.2),
      smooth: true,
    });
    const kind = p.facts.symbols.has('jungle')
      ? 'round'
      : p.facts.season === 'autumn' || p.facts.season === 'spring'
        ? 'round'
        : 'pine';
    for (const k of [0, 1, 2])
      treeLine(
        p,
        p.horizon + p.stage.mean * (0.015 + k * 0.04),
        riseOf(p, 0.24 + k * 0.15),
        kind,
        20 - k * 5,
        0.55 - k * 0.24,
      );
  },
};

/** What the ground is from the horizon to the viewer. */
export const grounds: Readonly<Partial<Record<PlaceKind, Terrain>>> = {
  sea: (p) => {
    paintSea(p.stage, p.air, p.horizon, p.luminary?.x ?? p.stage.width / 2);
    if (standsOnShore(p)) paintShore(p, 0xe6cf9c);
  },
  lake: (p) => {
    treeLine(p, p.horizon + p.stage.mean * 0.006, riseOf(p, 0.075), 'pine', 46, 0.3);
    paintLake(p.stage, p.air, p.horizon + p.stage.mean * 0.006, p.luminary?.x ?? p.stage.width / 2);
    if (standsOnShore(p)) paintShore(p, grassColor(p));
  },
  desert: (p) => {
    paintMountains(p.stage, p.air, p.horizon + p.stage.mean * 0.03, {
      layers: 3,
      rock: 0xd9a062,
      snow: false,
      rise: riseOf(p, 0.14),
      smooth: true,
    });
    paintGround(p.stage, p.air, p.horizon + p.stage.mean * 0.07, 0xdda562, { wave: 0.03, mottle: 0.35 });
  },
  meadow: (p) => {
    const grass = grassColor(p);
    const roll = p.random.fork('meadow');
    if (roll.chance(0.6) && !p.facts.places.includes('mountains')) backdrops.hills?.(p);
    paintGround(p.stage, p.air, p.horizon, grass);
    const trees = roll.pick(['round', 'pine', 'round'] as const);
    treeLine(p, p.horizon + p.stage.mean * 0.008, riseOf(p, roll.between(0.05, 0.1)), trees, roll.whole(6, 18), 0.42);
    paintGrass(p.stage, p.air, p.horizon + p.stage.mean * 0.02, p.stage.height * 0.93, {
      color: grass,
      flowers: meadowFlowers(p),
      density: isWhite(p) ? 0.25 : 0.9,
      blooming: p.facts.subjects.some((subject) => subject.kind === 'flower') ? 0.75 : 0.2,
    });
  },
  street: (p) => paintStreet(p),
  rooftop: (p) => paintRooftop(p),
  moon_surface: (p) =>
    paintGround(p.stage, p.air, p.horizon, p.facts.symbols.has('mars') ? 0xb8603c : 0x9b9a98, {
      mottle: 0.9,
      haze: 0,
      wave: 0.03,
    }),
};

/** Grass before the feet of those who stand in it. */
export function paintForeground(picture: Picture): void {
  const { height } = picture.stage;
  if (isWhite(picture)) return;
  const flowers = flowerSets[picture.random.fork('front').whole(0, flowerSets.length - 1)] ?? [];
  paintGrass(picture.stage, picture.air, height * 0.95, height * 1.07, {
    color: grassColor(picture),
    flowers,
    density: 0.2,
  });
}

/** The ground where the prompt names none. */
export function plainGround(picture: Picture): void {
  const grass = grassColor(picture);
  paintGround(picture.stage, picture.air, picture.horizon, grass);
  paintGrass(picture.stage, picture.air, picture.horizon + picture.stage.mean * 0.015, picture.stage.height * 0.95, {
    color: grass,
    flowers: [],
    density: isWhite(picture) ? 0.15 : 0.6,
  });
}
