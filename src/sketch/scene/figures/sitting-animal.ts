import type { Color } from '../../raster/color.ts';
import { mix } from '../../raster/color.ts';
import { ellipse } from '../../raster/shapes.ts';
import type { Pen } from '../pen.ts';
import { paintAnimalHead } from './animal-head.ts';
import type { FigureTable, Look } from './figure.ts';
import type { Species } from './species.ts';

const species: Readonly<Record<string, Species>> = {
  cat: {
    coat: [0x8f8478, 0xc98a4e, 0x6b6a72, 0xd9c3a3, 0x4a4650],
    pale: 0xf2e8dc,
    ears: 'pointed',
    eye: 0x9ccc4a,
    muzzle: 0.6,
    nose: 0xd88a8a,
    tail: 'long',
    head: 1,
    stripes: 0x3c322e,
    slit: true,
  },
  dog: {
    coat: [0xe0ab62, 0xd0924a, 0xe9c48a],
    pale: 0xf7e4c2,
    ears: 'floppy',
    eye: 0x4a2c18,
    muzzle: 1.25,
    nose: 0x2a2224,
    tail: 'plume',
    head: 1.02,
  },
  bunny: {
    coat: [0xc9b39a, 0xe6ded4, 0xa58f7c],
    pale: 0xf8f2ea,
    ears: 'long',
    eye: 0x3a2620,
    muzzle: 0.7,
    nose: 0xe0a0a0,
    tail: 'stub',
    head: 0.96,
  },
  fox: {
    coat: [0xd9662a, 0xe0742e],
    pale: 0xfaf0e4,
    ears: 'pointed',
    eye: 0xc98a2c,
    muzzle: 0.9,
    nose: 0x231c1e,
    tail: 'bushy',
    head: 1,
    mask: 0xfaf0e4,
    dark: 0x33231f,
    slit: true,
  },
  bear: {
    coat: [0x7a5236, 0x5e4030],
    pale: 0xc9a27a,
    ears: 'round',
    eye: 0x2a1a14,
    muzzle: 1.2,
    nose: 0x1e1618,
    tail: 'stub',
    head: 1.05,
  },
  lion: {
    coat: [0xd9a556, 0xcf9748],
    pale: 0xf3dcae,
    ears: 'round',
    eye: 0xc98f2c,
    muzzle: 1.15,
    nose: 0x5a3230,
    tail: 'long',
    head: 0.95,
    mane: 0x7c4a22,
  },
  tiger: {
    coat: [0xe58a34],
    pale: 0xfbf1e2,
    ears: 'round',
    eye: 0xc9a73a,
    muzzle: 1.1,
    nose: 0xc87a78,
    tail: 'long',
    head: 1,
    stripes: 0x201a1c,
  },
};

/** Breeds that differ from their kind in colour alone. */
const breeds: readonly { readonly word: string; readonly change: Partial<Species> }[] = [
  { word: 'panda', change: { coat: [0xf4f1ea], pale: 0xf8f5ee, dark: 0x24242c, patch: 0x24242c } },
  { word: 'polar', change: { coat: [0xf3f1ea], pale: 0xfbfaf6 } },
  { word: 'husky', change: { coat: [0x70767f], pale: 0xf6f6f4, ears: 'pointed', eye: 0x7fc4ee, mask: 0xf6f6f4 } },
  { word: 'corgi', change: { coat: [0xd98f45], pale: 0xfaf4ea, ears: 'pointed', mask: 0xfaf4ea } },
  { word: 'shiba', change: { coat: [0xd98a48], pale: 0xfaf0e2, ears: 'pointed', mask: 0xfaf0e2 } },
];

const breedOf = (kind: Species, look: Look): Species => ({
  ...kind,
  ...breeds.find((breed) => look.traits.has(breed.word))?.change,
});

/** Sits and looks at the viewer: the pose in which a stranger knows an animal at once. */
function paintSitting(pen: Pen, look: Look, kind: Species): void {
  const coat = look.colors[0] ?? look.random.pick(kind.coat);
  const baby =
    look.traits.has('kitten') || look.traits.has('puppy') || look.traits.has('baby') || look.traits.has('kit');
  const pale = look.colors.length > 0 ? mix(coat, 0xffffff, 0.62) : kind.pale;
  const limbs = kind.dark ?? mix(coat, pale, 0.15);
  const striped = kind.stripes !== undefined && (look.colors.length === 0 || kind.slit !== true);
  const hair = look.traits.has('fluffy') || baby ? 1.5 : 1;
  const density = Math.min(1, pen.scale / 260);
  pen.shadow(0, 0.005, 0.46, 0.75, 0.2);
  paintTail(pen, kind, coat, pale, hair, density);
  const body = pen.shape(
    [
      0, -0.6, 0.15, -0.52, 0.22, -0.33, 0.26, -0.12, 0.2, 0, 0, 0.015, -0.2, 0, -0.26, -0.12, -0.22, -0.33, -0.15,
      -0.52,
    ],
    coat,
    { puff: 1.3 },
  );
  pen.fur(body, coat, 0.06 * hair, 420 * density);
  if (striped && kind.stripes !== undefined) bodyStripes(pen, kind.stripes);
  for (const side of [-1, 1]) {
    const haunch = pen.shape(
      [
        side * 0.13,
        -0.26,
        side * 0.27,
        -0.2,
        side * 0.3,
        -0.07,
        side * 0.25,
        0.01,
        side * 0.1,
        0.01,
        side * 0.09,
        -0.12,
      ],
      coat,
      { puff: 1.4 },
    );
    pen.fur(haunch, coat, 0.045 * hair, 130 * density);
    pen.shape(
      [side * 0.14, -0.045, side * 0.27, -0.05, side * 0.31, -0.01, side * 0.26, 0.02, side * 0.14, 0.02],
      limbs,
      { puff: 1.2 },
    );
  }
  const chest = pen.shape(
    [0, -0.56, 0.11, -0.48, 0.12, -0.34, 0.06, -0.2, 0, -0.17, -0.06, -0.2, -0.12, -0.34, -0.11, -0.48],
    pale,
    { puff: 0.9 },
  );
  pen.fur(chest, pale, 0.06 * hair, 170 * density);
  for (const side of [-1, 1]) {
    const leg = [
      side * 0.035,
      -0.36,
      side * 0.115,
      -0.34,
      side * 0.105,
      -0.12,
      side * 0.12,
      -0.02,
      side * 0.085,
      0.02,
      side * 0.03,
      0.02,
      side * 0.015,
      -0.02,
      side * 0.03,
      -0.15,
    ];
    const front = pen.shape(leg, kind.dark ?? coat, { puff: 1.3 });
    pen.fur(front, kind.dark ?? coat, 0.03 * hair, 70 * density);
    pen.shape(
      [
        side * 0.02,
        -0.05,
        side * 0.07,
        -0.075,
        side * 0.125,
        -0.05,
        side * 0.13,
        0.005,
        side * 0.075,
        0.028,
        side * 0.015,
        0.008,
      ],
      kind.dark ?? pale,
      { puff: 1.2 },
    );
    for (const toe of [0.055, 0.09])
      pen.line([side * toe, -0.015, side * toe, 0.015], 0.005, mix(limbs, 0x1a1214, 0.6));
  }
  paintAnimalHead(
    pen.within({ y: -0.7, scale: kind.head * (baby ? 1.14 : 1) }),
    look,
    kind,
    coat,
    pale,
    striped,
    hair,
    density,
  );
  if (look.neon) paintCollar(pen);
}

function paintTail(pen: Pen, kind: Species, coat: Color, pale: Color, hair: number, density: number): void {
  if (kind.tail === 'stub') {
    pen.form(ellipse(0.24, -0.08, 0.08), pale, { puff: 1.4 });
  } else if (kind.tail === 'long') {
    pen.limb([0.16, -0.05, 0.36, -0.04, 0.45, -0.16, 0.42, -0.32, 0.47, -0.42], [0.085, 0.08, 0.07, 0.06, 0.05], coat, {
      puff: 1.3,
    });
    if (kind.mane !== undefined) pen.form(ellipse(0.47, -0.42, 0.05, 0.06), kind.mane);
  } else {
    const plume = kind.tail === 'bushy' ? 1 : 0.72;
    const tail = pen.shape(
      [
        0.14,
        -0.06,
        0.3,
        -0.02,
        0.44,
        -0.1,
        0.5,
        -0.26 * plume - 0.05,
        0.46,
        -0.44 * plume,
        0.38,
        -0.34 * plume,
        0.33,
        -0.2,
        0.2,
        -0.14,
      ],
      coat,
      { puff: 1.3 },
    );
    pen.fur(tail, coat, 0.075 * hair, 260 * density, [0.3, -0.6]);
    if (kind.tail === 'bushy') {
      const tip = pen.shape([0.47, -0.27, 0.51, -0.32, 0.465, -0.47, 0.4, -0.39, 0.41, -0.32], pale, { puff: 1.2 });
      pen.fur(tip, pale, 0.06 * hair, 80 * density, [0.2, -0.8]);
    }
  }
}

function bodyStripes(pen: Pen, color: Color): void {
  for (const side of [-1, 1]) {
    for (let i = 0; i < 4; i++) {
      const y = -0.44 + i * 0.1;
      const out = side * (0.17 + i * 0.025);
      pen.line([out, y, out * 0.8, y + 0.02, out * 0.55, y + 0.005], [0.03, 0.02, 0.002], color, { opacity: 0.55 });
    }
  }
}

function paintCollar(pen: Pen): void {
  pen.limb([-0.155, -0.55, 0, -0.505, 0.155, -0.55], [0.045, 0.05, 0.045], 0x1d1a2b, { gloss: 0.8 });
  pen.line([-0.15, -0.55, 0, -0.505, 0.15, -0.55], 0.012, 0xff4fc0);
  pen.glow(0, -0.52, 0.22, 0xff2fa8, 0.7);
  pen.form(ellipse(0, -0.465, 0.032), 0x39f2ff, { glowing: 1, gloss: 1 });
  pen.glow(0, -0.465, 0.12, 0x39f2ff, 0.8);
  // Signs on both sides of the street throw their colours on the coat.
  pen.glow(-0.42, -0.62, 0.42, 0x19d8f0, 0.3);
  pen.glow(0.42, -0.5, 0.42, 0xff2fa8, 0.3);
  const circuits = [
    [0.1, -0.87, 0.16, -0.83, 0.16, -0.74, 0.2, -0.7],
    [0.13, -0.6, 0.18, -0.66, 0.21, -0.65],
    [-0.08, -0.88, -0.12, -0.84, -0.12, -0.79],
    [0.12, -0.3, 0.2, -0.26, 0.2, -0.14, 0.24, -0.1],
  ];
  circuits.forEach((trace, i) => {
    const color = i % 2 === 0 ? 0x39f2ff : 0xff4fc0;
    pen.line(trace, 0.007, color);
    const [x, y] = [trace[trace.length - 2] ?? 0, trace[trace.length - 1] ?? 0];
    pen.fill(ellipse(x, y, 0.011), color);
    pen.glow(x, y, 0.07, color, 0.8);
  });
}

const tallness: Readonly<Record<string, number>> = {
  cat: 0.38,
  dog: 0.48,
  bunny: 0.34,
  fox: 0.42,
  bear: 0.95,
  lion: 0.75,
  tiger: 0.75,
};

export const sittingAnimals: FigureTable = Object.fromEntries(
  Object.entries(species).map(([name, kind]) => [
    name,
    {
      aspect: 0.9,
      habitat: 'ground',
      tall: tallness[name] ?? 0.4,
      // Heads reach above one unit, so the drawing is scaled down to fit.
      paint: (pen, look) =>
        paintSitting(pen.within({ scale: kind.ears === 'long' ? 0.82 : 0.93 }), look, breedOf(kind, look)),
    },
  ]),
);
