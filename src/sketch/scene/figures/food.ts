import { mix } from '../../raster/color.ts';
import { blob, ellipse, polygon, roundedRectangle } from '../../raster/shapes.ts';
import { letter } from '../lettering.ts';
import type { Pen } from '../pen.ts';
import type { Figure, FigureTable, Look } from './figure.ts';
import { paintPlate } from './plate.ts';
import { paintSushi } from './sushi.ts';
import { paintLander, paintRocket } from './vehicles.ts';

function paintPizza(pen: Pen, look: Look): void {
  paintPlate(pen, 0, -0.42, 1.05, 0xb98a56);
  pen.form(ellipse(0, -0.47, 0.93, 0.4), 0xd99a4a, { puff: 1.1, grain: 14 });
  pen.form(ellipse(0, -0.49, 0.8, 0.335), 0xc83a24, { puff: 0.3 });
  pen.form(ellipse(0, -0.5, 0.77, 0.32), 0xf4cc62, { puff: 0.4, grain: 18 });
  for (let i = 0; i < 11; i++) {
    const angle = i * 2.4;
    const far = Math.sqrt((i + 0.5) / 11) * 0.64;
    const [x, y] = [Math.cos(angle) * far, -0.5 + Math.sin(angle) * far * 0.41];
    pen.form(ellipse(x, y, 0.105, 0.05), 0xb02c22, { puff: 0.9, gloss: 0.5 });
  }
  for (let i = 0; i < 9; i++) {
    const angle = i * 2.4 + 1.1;
    const far = Math.sqrt((i + 0.5) / 9) * 0.62;
    pen.form(
      ellipse(Math.cos(angle) * far, -0.5 + Math.sin(angle) * far * 0.41, 0.075, 0.03, look.random.between(-1, 1)),
      0x4a8a3a,
      { puff: 0.8 },
    );
  }
  for (let i = 0; i < 4; i++)
    pen.line(
      [0, -0.5, Math.cos(i * 0.8 + 0.2) * 0.9, -0.47 + Math.sin(i * 0.8 + 0.2) * 0.38],
      [0.006, 0.012],
      pen.tinted(0x9a5a24),
      { opacity: 0.5 },
    );
}

function paintCoffee(pen: Pen, look: Look): void {
  const color = look.colors[0] ?? look.random.pick([0xf4f0e8, 0xd9574a, 0x4a7a8a]);
  paintPlate(pen, 0, -0.1, 0.72, mix(color, 0xffffff, 0.3));
  const handle = [0.4, -0.5, 0.6, -0.52, 0.64, -0.36, 0.52, -0.24, 0.36, -0.24];
  pen.limb(handle, [0.07, 0.075, 0.06], color, { gloss: 0.6 });
  pen.shape([-0.45, -0.6, 0.45, -0.6, 0.43, -0.35, 0.28, -0.12, 0, -0.07, -0.28, -0.12, -0.43, -0.35], color, {
    puff: 1.3,
    gloss: 0.7,
  });
  pen.form(ellipse(0, -0.6, 0.455, 0.13), mix(color, 0xffffff, 0.25), { puff: 0.4 });
  pen.form(ellipse(0, -0.59, 0.405, 0.105), 0x6b3f22, { puff: 0.3 });
  for (const [r, c] of [
    [0.24, 0xe9cfa4],
    [0.17, 0x8a5630],
    [0.12, 0xf2dfbc],
  ] as const)
    pen.fill(
      blob([
        0,
        -0.59 + r * 0.3,
        r,
        -0.6,
        r * 0.6,
        -0.6 - r * 0.26,
        0,
        -0.6 - r * 0.12,
        -r * 0.6,
        -0.6 - r * 0.26,
        -r,
        -0.6,
      ]),
      pen.tinted(c),
    );
  for (const x of [-0.12, 0.04, 0.18])
    pen.line([x, -0.66, x + 0.05, -0.78, x - 0.03, -0.88, x + 0.04, -1], [0.01, 0.045, 0.04, 0.004], 0xffffff, {
      opacity: 0.3,
    });
}

function paintCake(pen: Pen, look: Look): void {
  const icing = look.colors[0] ?? look.random.pick([0xf4b0c0, 0xfaf0e0, 0x8a5230]);
  paintPlate(pen, 0, -0.06, 0.8);
  const tier = (y: number, w: number, h: number): void => {
    pen.shape(
      [-w, y - h, w, y - h, w, y - h * 0.1, w * 0.6, y + 0.05, -w * 0.6, y + 0.05, -w, y - h * 0.1],
      mix(icing, 0xe8c48a, 0.45),
      { puff: 0.9 },
    );
    pen.shape(
      [
        -w * 1.02,
        y - h,
        w * 1.02,
        y - h,
        w * 1.02,
        y - h * 0.62,
        w * 0.74,
        y - h * 0.4,
        w * 0.5,
        y - h * 0.6,
        w * 0.2,
        y - h * 0.36,
        -w * 0.1,
        y - h * 0.58,
        -w * 0.42,
        y - h * 0.34,
        -w * 0.7,
        y - h * 0.58,
        -w * 1.02,
        y - h * 0.45,
      ],
      icing,
      { puff: 1, gloss: 0.4 },
    );
    pen.form(ellipse(0, y - h, w * 1.02, w * 0.24), mix(icing, 0xffffff, 0.3), { puff: 0.5 });
  };
  tier(-0.06, 0.6, 0.36);
  tier(-0.43, 0.4, 0.26);
  for (let i = 0; i < 5; i++) {
    const x = -0.26 + i * 0.13;
    pen.form(
      roundedRectangle(x - 0.016, -0.88, 0.032, 0.17, 0.01),
      [0xe0504a, 0x4a8ad0, 0xf0c040, 0x58b070, 0xb070d0][i] ?? 0xe0504a,
    );
    pen.fill(blob([x, -0.98, x + 0.022, -0.91, x, -0.885, x - 0.022, -0.91]), 0xffc050);
    pen.glow(x, -0.92, 0.14, 0xffc860, 0.8);
  }
}

function paintBurger(pen: Pen, look: Look): void {
  pen.shadow(0, 0, 0.75, 0.6, 0.16);
  pen.shape([-0.58, -0.2, 0.58, -0.2, 0.56, -0.05, 0.4, 0, -0.4, 0, -0.56, -0.05], 0xd9964a, { puff: 1.2 });
  pen.form(roundedRectangle(-0.62, -0.36, 1.24, 0.19, 0.09), 0x5a3320, { puff: 1, grain: 26 });
  pen.form(
    polygon([-0.6, -0.4, 0.6, -0.4, 0.5, -0.3, 0.32, -0.36, 0.16, -0.22, 0, -0.35, -0.3, -0.3, -0.45, -0.36]),
    0xf4b83a,
  );
  pen.form(roundedRectangle(-0.58, -0.47, 1.16, 0.09, 0.04), 0xd03a2c, { gloss: 0.5 });
  pen.line(
    [-0.64, -0.47, -0.4, -0.52, -0.2, -0.45, 0, -0.52, 0.2, -0.45, 0.42, -0.52, 0.64, -0.46],
    0.07,
    pen.tinted(0x6ab04a),
  );
  pen.shape([-0.6, -0.5, -0.56, -0.75, -0.3, -0.97, 0.3, -0.97, 0.56, -0.75, 0.6, -0.5], 0xe0a050, {
    puff: 1.4,
    gloss: 0.5,
  });
  for (let i = 0; i < 20; i++)
    pen.form(
      ellipse(
        look.random.between(-0.4, 0.4),
        look.random.between(-0.92, -0.68),
        0.022,
        0.013,
        look.random.between(-1, 1),
      ),
      0xf8eccc,
    );
}

function fruitPiece(pen: Pen, x: number, y: number, r: number, color: number): void {
  pen.form(ellipse(x, y, r, r * 0.95), color, { puff: 1.8, gloss: 0.7 });
  pen.line([x, y - r * 0.85, x + r * 0.1, y - r * 1.2], [0.02, 0.012], pen.tinted(0x5a3a20));
  pen.shape(
    [x + r * 0.08, y - r * 1.0, x + r * 0.4, y - r * 1.3, x + r * 0.7, y - r * 1.15, x + r * 0.35, y - r * 0.95],
    0x5a9a3f,
    { puff: 0.8 },
  );
}

function paintFruit(pen: Pen, look: Look): void {
  const only =
    look.colors[0] ??
    (look.traits.has('apple')
      ? 0xc8302c
      : look.traits.has('pear')
        ? 0xb8c04a
        : look.traits.has('peach')
          ? 0xf2a070
          : undefined);
  if (only !== undefined) {
    pen.shadow(0, 0, 0.6, 0.6, 0.2);
    fruitPiece(pen, 0, -0.41, 0.42, only);
    return;
  }
  for (const [x, y, r, c] of [
    [-0.3, -0.56, 0.24, 0xc8302c],
    [0.02, -0.7, 0.24, 0xf0962c],
    [0.34, -0.56, 0.24, 0x9ab83a],
    [0.08, -0.5, 0.22, 0xe0c040],
  ] as const)
    fruitPiece(pen, x, y, r, c);
  for (let i = 0; i < 12; i++)
    pen.form(ellipse(-0.46 + (i % 4) * 0.085, -0.46 + Math.floor(i / 4) * 0.075, 0.055), 0x6a3a7a, {
      puff: 1.6,
      gloss: 0.8,
    });
  pen.shape([-0.62, -0.42, 0.62, -0.42, 0.5, -0.14, 0.2, 0, -0.2, 0, -0.5, -0.14], 0x8a5a34, { puff: 1.1, gloss: 0.4 });
}

function paintIceCream(pen: Pen, look: Look): void {
  pen.form(polygon([-0.24, -0.52, 0.24, -0.52, 0, 0]), 0xd9a05a, { puff: 0.9 });
  const cone = pen.clipped(polygon([-0.24, -0.52, 0.24, -0.52, 0, 0]));
  for (let i = -4; i < 6; i++)
    for (const side of [-1, 1]) cone.line([i * 0.1, -0.52, i * 0.1 + side * 0.3, 0], 0.012, pen.tinted(0x9a6a30));
  const [a, b] = [look.colors[0] ?? 0xf4a8b8, look.colors[1] ?? 0xf8ecd0];
  pen.form(ellipse(-0.1, -0.6, 0.2), a, { puff: 1.5 });
  pen.form(ellipse(0.12, -0.61, 0.19), b, { puff: 1.5 });
  pen.form(ellipse(0, -0.8, 0.19), mix(a, 0x8ad0b0, 0.6), { puff: 1.5 });
  pen.form(ellipse(0.02, -0.98, 0.05), 0xc8283a, { gloss: 1 });
}

function paintWine(pen: Pen, look: Look): void {
  pen.shadow(0.05, 0, 0.5, 0.6, 0.16);
  pen.shape(
    [
      -0.06, -1, 0.06, -1, 0.065, -0.72, 0.17, -0.6, 0.175, -0.04, 0.1, 0, -0.1, 0, -0.175, -0.04, -0.17, -0.6, -0.065,
      -0.72,
    ],
    look.colors[0] ?? 0x24452f,
    { puff: 1.4, gloss: 1 },
  );
  pen.form(roundedRectangle(-0.165, -0.48, 0.33, 0.3, 0.01), 0xf2e8d0, { puff: 0.6 });
  if (look.text !== undefined) {
    letter(pen.stage, look.text, {
      x: pen.toX(0, 0),
      y: pen.toY(0, -0.33),
      size_px: pen.scale * 0.08,
      width_max: pen.scale * 0.28,
      height_max: pen.scale * 0.26,
      wrap: true,
      family: 'serif',
      paint: 0x4a1c24,
    });
  }
  pen.form(roundedRectangle(-0.067, -1, 0.134, 0.17, 0.02), 0x7a2430, { gloss: 0.6 });
  const glass = pen.within({ x: 0.46 });
  glass.form(ellipse(0, -0.015, 0.15, 0.03), 0xdde8ea, { opacity: 0.7 });
  glass.line([0, -0.02, 0, -0.32], 0.022, 0xe6f0f0, { opacity: 0.8 });
  glass.shape([-0.15, -0.66, 0.15, -0.66, 0.18, -0.5, 0.1, -0.34, 0, -0.3, -0.1, -0.34, -0.18, -0.5], 0xdfeef0, {
    opacity: 0.35,
    gloss: 1,
  });
  glass.shape([-0.168, -0.52, 0.168, -0.52, 0.1, -0.35, 0, -0.31, -0.1, -0.35], 0x8a1c34, { gloss: 0.8, opacity: 0.9 });
}

/** Noodles in broth, half an egg, greens, and sticks across the rim. */
function paintBowl(pen: Pen, look: Look): void {
  const color = look.colors[0] ?? look.random.pick([0xb8342c, 0x2f3f52, 0xf2ede2]);
  pen.shadow(0, 0, 0.75, 0.6, 0.18);
  pen.shape([-0.78, -0.62, 0.78, -0.62, 0.7, -0.34, 0.46, -0.08, 0.3, 0, -0.3, 0, -0.46, -0.08, -0.7, -0.34], color, {
    puff: 1.2,
    gloss: 0.7,
  });
  pen.form(ellipse(0, -0.63, 0.8, 0.25), mix(color, 0xffffff, 0.25), { puff: 0.3 });
  pen.form(ellipse(0, -0.62, 0.72, 0.21), 0xc9853c, { puff: 0.3, gloss: 0.4 });
  const soup = pen.clipped(ellipse(0, -0.62, 0.72, 0.21));
  for (let i = 0; i < 16; i++) {
    const [x, y] = [look.random.between(-0.6, 0.3), look.random.between(-0.74, -0.52)];
    soup.line(
      [x, y, x + 0.12, y + 0.05, x + 0.26, y - 0.03, x + 0.4, y + 0.03],
      0.034,
      pen.tinted(mix(0xf4d892, 0xd9a850, look.random.next() * 0.5)),
    );
  }
  pen.form(ellipse(-0.3, -0.66, 0.15, 0.1), 0xfaf6ec, { puff: 1 });
  pen.form(ellipse(-0.3, -0.67, 0.08, 0.055), 0xf2a02c, { puff: 1.2, gloss: 0.6 });
  for (let i = 0; i < 12; i++)
    pen.form(
      ellipse(
        look.random.between(0.1, 0.5),
        look.random.between(-0.74, -0.6),
        0.035,
        0.018,
        look.random.between(-1, 1),
      ),
      0x5aa044,
    );
  pen.form(ellipse(0.02, -0.58, 0.12, 0.055), 0xf2b0a0, { puff: 0.8 });
  for (const y of [-0.8, -0.74]) pen.limb([-0.1, y + 0.14, 0.95, y - 0.12], [0.022, 0.03], 0x6a3a22, { gloss: 0.4 });
}

function paintBread(pen: Pen): void {
  pen.shadow(0, 0, 0.9, 0.6, 0.16);
  pen.shape([-0.8, -0.12, -0.7, -0.6, -0.3, -0.95, 0.3, -0.95, 0.7, -0.6, 0.8, -0.12, 0.4, 0, -0.4, 0], 0xc8863c, {
    puff: 1.4,
    grain: 18,
  });
  for (const x of [-0.4, 0, 0.4])
    pen.shape([x - 0.12, -0.35, x, -0.75, x + 0.13, -0.8, x + 0.03, -0.38], 0xf0cc8a, { puff: 0.8 });
}

/** A dome on a tray, as on the signs of old restaurants. */
export function paintCloche(pen: Pen, look: Look): void {
  const metal = look.colors[0] ?? 0xc9ccd2;
  pen.form(ellipse(0, -0.87, 0.07, 0.06), metal, { gloss: 1, puff: 1.4 });
  pen.shape([-0.68, -0.16, -0.62, -0.5, -0.36, -0.76, 0, -0.84, 0.36, -0.76, 0.62, -0.5, 0.68, -0.16], metal, {
    puff: 1.5,
    gloss: 0.9,
  });
  pen.form(roundedRectangle(-0.84, -0.18, 1.68, 0.12, 0.06), mix(metal, 0x59606a, 0.25), { gloss: 0.8 });
}

const dish = (aspect: number, tall: number, paint: Figure['paint'], top?: number): Figure => ({
  aspect,
  tall,
  habitat: 'table',
  paint,
  ...(top === undefined ? {} : { top }),
});

export const food: FigureTable = {
  sushi: dish(1.75, 0.22, paintSushi),
  pizza: dish(2.2, 0.22, paintPizza),
  coffee: dish(1.5, 0.2, paintCoffee, -0.6),
  cake: dish(1.6, 0.34, paintCake),
  burger: dish(1.35, 0.24, paintBurger),
  icecream: dish(0.62, 0.3, paintIceCream),
  fruit: dish(1.3, 0.26, paintFruit),
  lemon: dish(1.4, 0.12, (pen, look) => {
    pen.shadow(0, 0, 0.75, 0.6, 0.2);
    pen.shape(
      [
        -0.68, -0.46, -0.5, -0.6, -0.2, -0.88, 0.2, -0.9, 0.5, -0.62, 0.7, -0.5, 0.5, -0.22, 0.2, -0.03, -0.2, -0.02,
        -0.52, -0.26,
      ],
      look.colors[0] ?? 0xf2d038,
      { puff: 1.6, gloss: 0.6, grain: 16 },
    );
  }),
  banana: dish(1.5, 0.14, (pen, look) => {
    pen.shadow(0, 0, 0.75, 0.6, 0.16);
    pen.limb(
      [-0.66, -0.92, -0.5, -0.42, -0.05, -0.17, 0.5, -0.36, 0.68, -0.62],
      [0.05, 0.24, 0.28, 0.22, 0.06],
      look.colors[0] ?? 0xf2cf3c,
      { puff: 1.2 },
    );
  }),
  noodles: dish(1.75, 0.24, paintBowl),
  bread: dish(1.7, 0.18, paintBread),
  wine: dish(0.95, 0.36, paintWine),
  cloche: dish(1.7, 0.3, paintCloche),
};

/** Icons that an infographic borrows. */
export const icons = { rocket: paintRocket, lander: paintLander } as const;
