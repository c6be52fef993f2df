import type { Color } from '../../raster/color.ts';
import { mix } from '../../raster/color.ts';
import { blob, ellipse, star } from '../../raster/shapes.ts';
import type { Pen } from '../pen.ts';
import { paintAstronaut } from './astronaut.ts';
import type { FigureTable, Look } from './figure.ts';
import type { HeadSpec } from './head.ts';
import { paintHead } from './head.ts';
import { headFor } from './head-for.ts';
import { paintKneeling } from './kneeling.ts';

interface Dress {
  readonly top: Color;
  readonly bottom: Color;
  readonly shoes: Color;
  readonly cape?: Color;
  readonly gloves?: Color;
  readonly emblem?: Color;
  readonly apron?: boolean;
  readonly skirt?: boolean;
  readonly pose: 'rest' | 'hips';
  /** Share of the height that the head takes: grown people 0.14, children more. */
  readonly head: number;
}

/** A figure that faces us, built limb over limb from the ground up. */
function paintStanding(pen: Pen, look: Look, spec: HeadSpec, dress: Dress): void {
  const neck = -1 + dress.head * 0.98;
  const hip = neck * 0.56;
  const wide = Math.min(dress.head * 0.86, 0.135);
  const slim = spec.feminine ? 0.86 : 1;
  pen.shadow(0, 0.004, 0.3, 0.75, 0.16);
  if (dress.cape !== undefined) paintCape(pen, dress.cape, neck);
  if (spec.style === 'long')
    pen.shape(
      [-wide * 0.5, neck - 0.08, wide * 0.5, neck - 0.08, wide * 0.56, neck + 0.1, -wide * 0.56, neck + 0.1],
      spec.hair,
      { puff: 0.8 },
    );
  const stance = dress.pose === 'hips' ? 1.5 : 1;
  for (const side of [-1, 1]) {
    const foot = side * 0.062 * stance;
    pen.limb(
      [side * wide * 0.38, hip, side * wide * 0.46 * stance, hip * 0.52, foot, -0.045],
      [wide * 0.84 * slim, wide * 0.62, wide * 0.45],
      dress.bottom,
      { puff: 1.2 },
    );
    if (dress.cape !== undefined)
      pen.limb(
        [side * wide * 0.47 * stance, hip * 0.46, foot * 1.02, -0.035],
        [wide * 0.68, wide * 0.52],
        dress.shoes,
        { gloss: 0.4 },
      );
    pen.shape(
      [
        foot - 0.03,
        -0.05,
        foot + 0.03,
        -0.05,
        foot + 0.035 + side * 0.012,
        -0.005,
        foot,
        0.006,
        foot - 0.035 + side * 0.012,
        -0.005,
      ],
      dress.shoes,
      { gloss: 0.3 },
    );
  }
  if (dress.skirt)
    pen.shape(
      [
        -wide * 0.6,
        hip - 0.08,
        wide * 0.6,
        hip - 0.08,
        wide * 1.25,
        hip * 0.42,
        wide * 0.6,
        hip * 0.38,
        0,
        hip * 0.36,
        -wide * 0.6,
        hip * 0.38,
        -wide * 1.25,
        hip * 0.42,
      ],
      dress.bottom,
      { puff: 0.9 },
    );
  const waist = hip + (neck - hip) * 0.38;
  pen.shape(
    [
      0,
      neck + 0.01,
      wide * 0.75,
      neck + 0.035,
      wide * 1.02 * slim,
      neck + 0.075,
      wide * 0.86 * slim,
      neck + 0.17,
      wide * 0.66 * slim,
      waist,
      wide * 0.8,
      hip - 0.01,
      0,
      hip + 0.025,
      -wide * 0.8,
      hip - 0.01,
      -wide * 0.66 * slim,
      waist,
      -wide * 0.86 * slim,
      neck + 0.17,
      -wide * 1.02 * slim,
      neck + 0.075,
      -wide * 0.75,
      neck + 0.035,
    ],
    dress.top,
    { puff: 1.1 },
  );
  if (dress.cape !== undefined) {
    pen.shape(
      [
        -wide * 0.72,
        waist + 0.05,
        0,
        waist + 0.065,
        wide * 0.72,
        waist + 0.05,
        wide * 0.75,
        waist + 0.09,
        0,
        waist + 0.105,
        -wide * 0.75,
        waist + 0.09,
      ],
      mix(dress.shoes, 0xf2c23a, 0.75),
      { gloss: 0.6 },
    );
    pen.form(
      blob([
        0,
        neck + 0.09,
        0.05,
        neck + 0.105,
        0.04,
        neck + 0.16,
        0,
        neck + 0.2,
        -0.04,
        neck + 0.16,
        -0.05,
        neck + 0.105,
      ]),
      dress.emblem ?? 0xf2c23a,
      { gloss: 0.4 },
    );
    pen.fill(star(0, neck + 0.138, 0.03, 5), pen.tinted(dress.shoes));
  }
  if (dress.apron) {
    pen.shape(
      [
        -wide * 0.5,
        neck + 0.1,
        wide * 0.5,
        neck + 0.1,
        wide * 0.62,
        waist,
        wide * 0.8,
        hip * 0.62,
        -wide * 0.8,
        hip * 0.62,
        -wide * 0.62,
        waist,
      ],
      0xf6f3ec,
      { puff: 0.6 },
    );
    for (const y of [0.06, 0.12, 0.18])
      for (const side of [-1, 1]) pen.form(ellipse(side * 0.022, neck + y, 0.007), 0x6a6460);
  }
  for (const side of [-1, 1]) paintArm(pen, spec, dress, side, neck, hip, wide, slim);
  pen.limb([0, neck + 0.03, 0, neck - 0.03], [wide * 0.5, wide * 0.46], mix(spec.skin, 0x7a3a2a, 0.16));
  if (dress.cape !== undefined)
    for (const side of [-1, 1])
      pen.shape(
        [
          side * 0.01,
          neck + 0.03,
          side * wide * 0.9,
          neck + 0.035,
          side * wide * 1.02,
          neck + 0.08,
          side * wide * 0.4,
          neck + 0.075,
        ],
        dress.cape,
        { puff: 1 },
      );
  paintHead(pen.within({ y: neck - dress.head * 0.42, scale: dress.head }), spec);
  if (look.neon) {
    pen.line([-wide * 0.6, neck + 0.12, 0, neck + 0.2, wide * 0.6, neck + 0.12], 0.008, 0x39f2ff);
    pen.glow(0, neck + 0.18, 0.2, 0x39f2ff, 0.6);
  }
}

function paintArm(
  pen: Pen,
  spec: HeadSpec,
  dress: Dress,
  side: number,
  neck: number,
  hip: number,
  wide: number,
  slim: number,
): void {
  const shoulder = [side * wide * 0.92 * slim, neck + 0.065] as const;
  const [elbow, hand] =
    dress.pose === 'hips'
      ? ([
          [side * (wide + 0.11), neck + 0.2],
          [side * wide * 0.8, hip - 0.015],
        ] as const)
      : ([
          [side * (wide + 0.035), neck + 0.2],
          [side * (wide + 0.035), hip + 0.05],
        ] as const);
  pen.limb([...shoulder, ...elbow, ...hand], [wide * 0.52 * slim, wide * 0.42 * slim, wide * 0.3 * slim], dress.top, {
    puff: 1.2,
  });
  if (dress.gloves !== undefined) {
    const mid = [(elbow[0] + hand[0]) / 2, (elbow[1] + hand[1]) / 2];
    pen.limb([...mid, ...hand], [wide * 0.46, wide * 0.36], dress.gloves, { gloss: 0.4 });
  }
  pen.form(ellipse(hand[0], hand[1] + 0.012, wide * 0.2, wide * 0.24), dress.gloves ?? spec.skin, { puff: 1.1 });
}

/** Billows to the side that the wind blows to, with folds that the light finds. */
function paintCape(pen: Pen, color: Color, neck: number): void {
  pen.shape(
    [
      -0.1,
      neck + 0.03,
      0.1,
      neck + 0.03,
      0.16,
      neck + 0.25,
      0.3,
      neck + 0.45,
      0.5,
      -0.22,
      0.56,
      -0.12,
      0.4,
      -0.09,
      0.3,
      -0.14,
      0.16,
      -0.06,
      0.02,
      -0.12,
      -0.1,
      -0.07,
      -0.17,
      -0.16,
      -0.15,
      neck + 0.3,
    ],
    color,
    { puff: 0.9 },
  );
  const folds = [
    [0.06, neck + 0.1, 0.14, neck + 0.4, 0.34, -0.13],
    [0.1, neck + 0.08, 0.22, neck + 0.4, 0.46, -0.17],
    [-0.02, neck + 0.2, 0.04, -0.35, 0.14, -0.1],
    [-0.1, neck + 0.15, -0.11, -0.4, -0.1, -0.1],
  ];
  folds.forEach((fold, i) => {
    pen.line(fold, [0.004, 0.028, 0.012], pen.tinted(mix(color, i % 2 === 0 ? 0x1a0610 : 0xffd9b0, 0.42)), {
      opacity: 0.5,
    });
  });
}

const garments = [0x3f6a9a, 0xb8483f, 0x4a7a5a, 0xd9a441, 0x6b4f8a, 0x2f3b52, 0xe8e0d2] as const;

function dressFor(look: Look, kind: string): Dress {
  const [first, second] = look.colors;
  const { random } = look;
  const top = first ?? random.pick(garments);
  switch (kind) {
    case 'superhero':
      return {
        top: second ?? 0x2450a8,
        bottom: second ?? 0x2450a8,
        shoes: first ?? 0xc4262e,
        cape: first ?? 0xc4262e,
        gloves: first ?? 0xc4262e,
        emblem: 0xf2c23a,
        pose: 'hips',
        head: 0.135,
      };
    case 'chef':
      return { top: first ?? 0xf4f2ee, bottom: 0x3a3d46, shoes: 0x232326, apron: true, pose: 'hips', head: 0.17 };
    case 'child':
      return {
        top: first ?? random.pick([0xf2b632, 0xe8604a, 0x58a8d8]),
        bottom: second ?? 0x3f5f9a,
        shoes: 0xf2f0ea,
        pose: 'rest',
        head: 0.22,
      };
    case 'woman':
      return { top, bottom: second ?? top, shoes: 0x3a2a2a, skirt: true, pose: 'rest', head: 0.14 };
    case 'old_man':
      return { top: first ?? 0x6a6a5e, bottom: 0x4a4640, shoes: 0x2c2622, pose: 'rest', head: 0.155 };
    default:
      return { top, bottom: second ?? 0x33405a, shoes: 0x2a2426, pose: 'rest', head: 0.14 };
  }
}

const kinds: Readonly<Record<string, number>> = {
  man: 1,
  woman: 0.96,
  old_man: 0.94,
  child: 0.68,
  superhero: 1.06,
  chef: 1,
};

export const people: FigureTable = {
  ...Object.fromEntries(
    Object.entries(kinds).map(([kind, tall]) => [
      kind,
      {
        aspect: kind === 'superhero' ? 0.72 : kind === 'old_man' ? 0.5 : 0.42,
        habitat: 'ground' as const,
        tall,
        paint: (pen: Pen, look: Look) =>
          look.traits.has('repairing') && kind !== 'superhero'
            ? paintKneeling(pen.within({ scale: 0.86 }), look, kind)
            : paintStanding(
                pen.within({ scale: kind === 'chef' ? 0.9 : 0.97 }),
                look,
                headFor(look, kind),
                dressFor(look, kind),
              ),
      },
    ]),
  ),
  astronaut: { aspect: 0.62, habitat: 'ground', tall: 1.02, paint: paintAstronaut },
};
