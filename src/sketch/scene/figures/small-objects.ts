import { mix } from '../../raster/color.ts';
import { blob, ellipse, polygon, rectangle, roundedRectangle, star } from '../../raster/shapes.ts';
import type { Figure, FigureTable } from './figure.ts';

const simple = (aspect: number, tall: number, paint: Figure['paint'], top?: number): Figure => ({
  aspect,
  tall,
  habitat: 'table',
  paint,
  ...(top === undefined ? {} : { top }),
});

/** Things of the house and the camp, one row each. */
export const smallObjects: FigureTable = {
  candle: simple(0.35, 0.3, (pen, look) => {
    pen.shadow(0, 0, 0.25, 0.6, 0.2);
    pen.form(roundedRectangle(-0.13, -0.7, 0.26, 0.7, 0.04), look.colors[0] ?? 0xf2e6cc, { puff: 1.3 });
    pen.line([0, -0.7, 0.01, -0.77], 0.014, 0x2a1c18);
    pen.fill(
      blob([0, -1, 0.055, -0.86, 0.045, -0.77, 0, -0.745, -0.045, -0.77, -0.05, -0.86]),
      pen.linear(0, -1, 0, -0.745, [
        [0, 0xffe89a],
        [0.6, 0xffb43c],
        [1, 0x6a8aff],
      ]),
    );
    pen.glow(0, -0.86, 0.7, 0xffb860, 0.9);
  }),
  lamp: simple(0.6, 0.6, (pen, look) => {
    pen.shadow(0, 0, 0.3, 0.6, 0.2);
    pen.form(ellipse(0, -0.03, 0.2, 0.04), 0x4a4038, { gloss: 0.5 });
    pen.limb([0, -0.04, 0, -0.6], [0.035, 0.03], 0x6a5844, { gloss: 0.6 });
    pen.form(polygon([-0.15, -1, 0.15, -1, 0.29, -0.58, -0.29, -0.58]), look.colors[0] ?? 0xf2dcae, {
      glowing: 1,
      puff: 0.8,
    });
    pen.glow(0, -0.75, 0.95, 0xffcf86, 0.9);
  }),
  heart: simple(1.1, 0.5, (pen, look) => {
    pen.shape(
      [
        0, -0.76, 0.16, -0.95, 0.4, -0.94, 0.52, -0.72, 0.44, -0.46, 0.2, -0.2, 0, -0.01, -0.2, -0.2, -0.44, -0.46,
        -0.52, -0.72, -0.4, -0.94, -0.16, -0.95,
      ],
      look.colors[0] ?? 0xd8303f,
      { puff: 1.5, gloss: 1 },
    );
  }),
  crown: simple(1.3, 0.3, (pen, look) => {
    const gold = look.colors[0] ?? 0xe0ac3a;
    pen.form(polygon([-0.55, -0.1, -0.64, -0.75, -0.32, -0.42, 0, -0.92, 0.32, -0.42, 0.64, -0.75, 0.55, -0.1]), gold, {
      puff: 0.8,
      gloss: 1,
    });
    pen.form(roundedRectangle(-0.57, -0.2, 1.14, 0.2, 0.06), mix(gold, 0x8a5a1a, 0.25), { gloss: 0.8 });
    for (const [x, y] of [
      [-0.64, -0.78],
      [0, -0.95],
      [0.64, -0.78],
    ] as const) {
      pen.form(ellipse(x, y, 0.06), 0xd03048, { gloss: 1, puff: 1.4 });
    }
    for (const x of [-0.32, 0, 0.32]) pen.form(ellipse(x, -0.1, 0.05), x === 0 ? 0x3f8ad0 : 0x3fae7a, { gloss: 1 });
  }),
  gem: simple(1.1, 0.3, (pen, look) => {
    const color = look.colors[0] ?? look.random.pick([0x58c8f0, 0xe04a78, 0x5ad89a]);
    const facets = [
      [-0.3, -0.9, 0.3, -0.9, 0.18, -0.66, -0.18, -0.66, 0.5],
      [-0.3, -0.9, -0.18, -0.66, -0.55, -0.62, 0.25],
      [0.3, -0.9, 0.55, -0.62, 0.18, -0.66, -0.2],
      [-0.55, -0.62, -0.18, -0.66, 0, 0, 0.05],
      [-0.18, -0.66, 0.18, -0.66, 0, 0, 0.32],
      [0.18, -0.66, 0.55, -0.62, 0, 0, -0.4],
    ];
    for (const facet of facets) {
      const tone = facet[facet.length - 1] ?? 0;
      pen.form(polygon(facet.slice(0, -1)), tone > 0 ? mix(color, 0xffffff, tone) : mix(color, 0x0a1440, -tone), {
        puff: 0.1,
        gloss: 0.8,
      });
    }
    pen.fill(star(-0.2, -0.78, 0.12, 4, 0.2), 0xffffff, { opacity: 0.9 });
  }),
  leaf: simple(0.8, 0.2, (pen, look) => {
    pen.shape([0, -1, 0.26, -0.72, 0.32, -0.42, 0, -0.1, -0.32, -0.42, -0.26, -0.72], look.colors[0] ?? 0x4f9a44, {
      puff: 0.9,
    });
    pen.line([0, 0, 0, -0.5, 0, -0.96], [0.03, 0.02, 0.004], pen.tinted(0xcfe0a0), { opacity: 0.7 });
  }),
  mushroom: {
    aspect: 0.95,
    habitat: 'ground',
    tall: 0.22,
    paint: (pen, look) => {
      pen.shadow(0, 0, 0.4, 0.6, 0.2);
      pen.shape([-0.13, -0.5, 0.13, -0.5, 0.14, -0.2, 0.2, 0, -0.2, 0, -0.14, -0.2], 0xf2e6d2, { puff: 1.3 });
      pen.shape(
        [-0.47, -0.42, -0.42, -0.72, -0.2, -0.95, 0.2, -0.95, 0.42, -0.72, 0.47, -0.42, 0.2, -0.36, -0.2, -0.36],
        look.colors[0] ?? 0xc8302c,
        { puff: 1.4, gloss: 0.6 },
      );
      for (const [x, y, r] of [
        [-0.2, -0.72, 0.075],
        [0.1, -0.82, 0.06],
        [0.26, -0.6, 0.07],
        [-0.02, -0.56, 0.055],
        [-0.34, -0.52, 0.045],
      ] as const)
        pen.form(ellipse(x, y, r, r * 0.8), 0xf8f2e6);
    },
  },
  clock: simple(1, 0.35, (pen, look) => {
    pen.shadow(0, 0, 0.5, 0.5, 0.15);
    pen.form(ellipse(0, -0.5, 0.5), look.colors[0] ?? 0x8a5a34, { gloss: 0.8 });
    pen.form(ellipse(0, -0.5, 0.42), 0xf6efe0, { puff: 0.5 });
    for (let i = 0; i < 12; i++)
      pen.fill(
        ellipse(
          Math.cos((i / 12) * 6.2832) * 0.35,
          -0.5 + Math.sin((i / 12) * 6.2832) * 0.35,
          i % 3 === 0 ? 0.028 : 0.016,
        ),
        0x2a2422,
      );
    pen.line([0, -0.5, 0.14, -0.68], [0.03, 0.014], 0x1c1a1c);
    pen.line([0, -0.5, -0.2, -0.66], [0.022, 0.01], 0x1c1a1c);
  }),
  umbrella: {
    aspect: 1.1,
    habitat: 'ground',
    tall: 0.9,
    paint: (pen, look) => {
      const color = look.colors[0] ?? 0xd0383a;
      pen.limb([0, -0.9, 0, -0.12, 0.05, -0.03, 0.11, -0.09], [0.022, 0.022], 0x5a4030);
      for (let i = 0; i < 4; i++) {
        const [a, b] = [-0.54 + i * 0.27, -0.27 + i * 0.27];
        pen.form(
          blob([0, -0.98, a * 0.75, -0.82, a, -0.5, (a + b) / 2, -0.55, b, -0.5, b * 0.75, -0.82], 8),
          i % 2 === 0 ? color : mix(color, 0xffffff, 0.18),
          { puff: 0.8 },
        );
      }
    },
  },
  camera: simple(1.35, 0.2, (pen, look) => {
    pen.shadow(0, 0, 0.7, 0.6, 0.2);
    pen.form(roundedRectangle(-0.62, -0.78, 1.24, 0.78, 0.1), look.colors[0] ?? 0x2c2c32, { gloss: 0.4 });
    pen.form(roundedRectangle(-0.24, -0.94, 0.48, 0.22, 0.06), 0x4a4a52);
    pen.form(rectangle(-0.62, -0.66, 1.24, 0.14), 0xb9bcc2, { gloss: 0.5 });
    pen.form(ellipse(0, -0.36, 0.31), 0x1c1c22, { gloss: 0.6 });
    pen.form(ellipse(0, -0.36, 0.22), 0x26365a, { gloss: 1, puff: 1.4 });
    pen.fill(ellipse(-0.07, -0.44, 0.06, 0.04), 0xffffff, { opacity: 0.8 });
  }),
  guitar: simple(0.5, 0.75, (pen, look) => {
    pen.shape(
      [
        -0.11, -0.48, -0.15, -0.36, -0.11, -0.27, -0.22, -0.13, -0.14, 0, 0.14, 0, 0.22, -0.13, 0.11, -0.27, 0.15,
        -0.36, 0.11, -0.48,
      ],
      look.colors[0] ?? 0xc07a38,
      { gloss: 0.8 },
    );
    pen.form(ellipse(0, -0.29, 0.06), 0x2a1a12);
    pen.form(rectangle(-0.025, -0.92, 0.05, 0.6), 0x4a3020);
    pen.form(roundedRectangle(-0.045, -1, 0.09, 0.12, 0.02), 0x3a2418);
    for (const x of [-0.014, 0, 0.014]) pen.line([x, -0.94, x, -0.1], 0.003, 0xf0ead8);
  }),
  chair: {
    aspect: 0.95,
    habitat: 'ground',
    tall: 0.6,
    top: -0.46,
    paint: (pen, look) => {
      const color = look.colors[0] ?? 0x4a7a8a;
      pen.shadow(0, 0, 0.55, 0.6, 0.2);
      for (const x of [-0.36, 0.36]) pen.limb([x, -0.15, x * 1.05, 0], [0.05, 0.03], 0x5a3c26);
      pen.form(roundedRectangle(-0.36, -1, 0.72, 0.75, 0.16), color, { puff: 1.1 });
      pen.form(roundedRectangle(-0.4, -0.46, 0.8, 0.28, 0.1), mix(color, 0xffffff, 0.1), { puff: 1.2 });
      for (const side of [-1, 1])
        pen.form(roundedRectangle(side * 0.42 - 0.08, -0.62, 0.16, 0.5, 0.07), color, { puff: 1.2 });
    },
  },
  sofa: {
    aspect: 2.3,
    habitat: 'ground',
    tall: 0.75,
    top: -0.42,
    paint: (pen, look) => {
      const color = look.colors[0] ?? 0x4a7a8a;
      pen.shadow(0, 0, 1.2, 0.6, 0.2);
      for (const x of [-0.95, 0.95]) pen.limb([x, -0.12, x, 0], [0.05, 0.035], 0x5a3c26);
      pen.form(roundedRectangle(-1.02, -1, 2.04, 0.8, 0.18), color, { puff: 1 });
      for (const x of [-0.99, -0.33, 0.33])
        pen.form(roundedRectangle(x, -0.46, 0.66, 0.26, 0.09), mix(color, 0xffffff, 0.12), { puff: 1.2 });
      pen.form(roundedRectangle(-1.02, -0.26, 2.04, 0.16, 0.05), color, { puff: 1 });
      for (const side of [-1, 1])
        pen.form(roundedRectangle(side * 1.02 - 0.12, -0.68, 0.24, 0.58, 0.11), color, { puff: 1.2 });
    },
  },
  skull: simple(0.85, 0.25, (pen) => {
    pen.shape(
      [
        0, -1, 0.3, -0.92, 0.42, -0.66, 0.36, -0.38, 0.22, -0.3, 0.2, -0.06, 0, 0, -0.2, -0.06, -0.22, -0.3, -0.36,
        -0.38, -0.42, -0.66, -0.3, -0.92,
      ],
      0xeee4cc,
      { puff: 1.2 },
    );
    for (const side of [-1, 1]) pen.form(ellipse(side * 0.16, -0.52, 0.11, 0.12), 0x1c1416);
    pen.fill(polygon([0, -0.4, 0.05, -0.28, -0.05, -0.28]), 0x1c1416);
    for (let i = 0; i < 5; i++) pen.line([-0.12 + i * 0.06, -0.17, -0.12 + i * 0.06, -0.03], 0.014, 0x3a2c28);
  }),
  phone: simple(0.55, 0.16, (pen) => {
    pen.form(roundedRectangle(-0.26, -1, 0.52, 1, 0.08), 0x202228, { gloss: 0.6 });
    pen.fill(
      roundedRectangle(-0.23, -0.95, 0.46, 0.9, 0.05),
      pen.linear(-0.2, -0.95, 0.2, 0, [
        [0, 0x5a8af0],
        [0.5, 0xa060e0],
        [1, 0xf07a8a],
      ]),
    );
  }),
  shoe: simple(1.9, 0.12, (pen, look) => {
    const color = look.colors[0] ?? 0xd8403a;
    pen.shadow(0, 0, 1, 0.6, 0.14);
    pen.shape(
      [-0.85, -0.14, -0.86, -0.7, -0.6, -0.9, -0.3, -0.86, -0.05, -0.6, 0.45, -0.46, 0.85, -0.34, 0.92, -0.14],
      color,
      { puff: 1.1 },
    );
    pen.form(roundedRectangle(-0.9, -0.18, 1.85, 0.18, 0.08), 0xf4f2ec, { puff: 1 });
    for (let i = 0; i < 4; i++)
      pen.line([-0.22 + i * 0.14, -0.7 + i * 0.075, -0.06 + i * 0.14, -0.52 + i * 0.03], 0.035, 0xf8f6f0);
    pen.line([-0.75, -0.3, -0.3, -0.3, 0.1, -0.42], [0.02, 0.09, 0.02], 0xf8f6f0);
  }),
  campfire: {
    aspect: 0.95,
    habitat: 'ground',
    tall: 0.4,
    paint: (pen) => {
      pen.glow(0, -0.3, 1.3, 0xff9a40, 0.9);
      for (const turn of [-0.5, 0.5, 0.1])
        pen.within({ y: -0.06, turn }).form(roundedRectangle(-0.42, -0.06, 0.84, 0.12, 0.05), 0x5a3a24);
      for (const [w, h, color] of [
        [0.3, 1, 0xe8502a],
        [0.21, 0.76, 0xff9a34],
        [0.12, 0.5, 0xffe88a],
      ] as const)
        pen.fill(
          blob([
            0,
            -h,
            w * 0.5,
            -h * 0.62,
            w,
            -h * 0.3,
            w * 0.6,
            -0.04,
            -w * 0.6,
            -0.04,
            -w,
            -h * 0.34,
            -w * 0.5,
            -h * 0.55,
          ]),
          color,
        );
    },
  },
  tent: {
    aspect: 1.5,
    habitat: 'ground',
    tall: 0.8,
    paint: (pen, look) => {
      const color = look.colors[0] ?? 0xe0823a;
      pen.shadow(0, 0, 0.85, 0.6, 0.12);
      pen.form(polygon([0.1, -1, 0.75, 0, 0.2, 0]), mix(color, 0x1a0c18, 0.3), { puff: 0.4 });
      pen.form(polygon([0.1, -1, 0.2, 0, -0.72, 0]), color, { puff: 0.5 });
      pen.form(polygon([-0.02, -0.78, 0.06, 0, -0.34, 0]), 0xffdf9a, { glowing: 0.8 });
    },
  },
  snowman: {
    aspect: 0.62,
    habitat: 'ground',
    tall: 0.85,
    paint: (pen) => {
      pen.shadow(0, 0, 0.4, 0.5, 0.15);
      for (const [y, r] of [
        [-0.22, 0.25],
        [-0.55, 0.185],
        [-0.8, 0.135],
      ] as const)
        pen.form(ellipse(0, y, r, r * 0.95), 0xf6f8fc, { puff: 1.6 });
      for (const x of [-0.045, 0.045]) pen.fill(ellipse(x, -0.83, 0.016), 0x1a1a20);
      pen.form(polygon([-0.01, -0.8, 0.14, -0.77, -0.01, -0.765]), 0xf08a2c);
      pen.form(rectangle(-0.12, -0.925, 0.24, 0.03), 0x24222a);
      pen.form(rectangle(-0.08, -1.03, 0.16, 0.12), 0x24222a);
      pen.limb([-0.11, -0.69, 0, -0.66, 0.11, -0.69], [0.05, 0.05], 0xc8303a);
      for (const side of [-1, 1]) pen.line([side * 0.16, -0.58, side * 0.32, -0.7], [0.018, 0.008], 0x5a4030);
    },
  },
};
