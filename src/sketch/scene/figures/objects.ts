import { mix } from '../../raster/color.ts';
import { blob, ellipse, polygon, roundedRectangle } from '../../raster/shapes.ts';
import { paintClump, paintTree } from '../layers/foliage.ts';
import type { Pen } from '../pen.ts';
import type { Figure, FigureTable, Look } from './figure.ts';

const cubeFaces = {
  front: [-0.46, -0.76, 0.3, -0.76, 0.3, 0, -0.46, 0],
  side: [0.3, -0.76, 0.5, -0.94, 0.5, -0.2, 0.3, 0],
  top: [-0.46, -0.76, -0.26, -0.94, 0.5, -0.94, 0.3, -0.76],
  back: [-0.26, -0.94, 0.5, -0.94, 0.5, -0.2, -0.26, -0.2],
  floor: [-0.46, 0, -0.26, -0.2, 0.5, -0.2, 0.3, 0],
} as const;

const isGlass = (look: Look): boolean =>
  look.traits.has('glass') || look.traits.has('transparent') || look.traits.has('crystal');

function paintCube(pen: Pen, look: Look): void {
  pen.shadow(0.1, -0.03, 0.8, 0.6, 0.22);
  if (!isGlass(look)) {
    const color = look.colors[0] ?? look.random.pick([0xd9574a, 0x3f78c4, 0xe8a838, 0x5a9a6a]);
    const [near, far] = pen.stage.light.x < 0 ? [0.06, -0.34] : [-0.26, 0.12];
    const toned = (amount: number): number =>
      amount < 0 ? mix(color, 0x10081c, -amount) : mix(color, 0xffffff, amount);
    pen.form(polygon(cubeFaces.front), toned(near), { puff: 0.2 });
    pen.form(polygon(cubeFaces.side), toned(far), { puff: 0.2 });
    pen.form(polygon(cubeFaces.top), toned(0.34), { puff: 0.2 });
    return;
  }
  pen.fill(polygon(cubeFaces.back), 0xbfe0e6, { opacity: 0.14 });
  pen.fill(polygon(cubeFaces.floor), 0x8fc0c8, { opacity: 0.25 });
  const edges = [
    [-0.26, -0.94, -0.26, -0.2],
    [-0.26, -0.2, 0.5, -0.2],
    [-0.26, -0.2, -0.46, 0],
  ];
  for (const edge of edges) pen.line(edge, 0.012, 0xd9f0f0, { opacity: 0.55 });
}

function paintCubeFront(pen: Pen, look: Look): void {
  if (!isGlass(look)) return;
  pen.fill(
    polygon(cubeFaces.front),
    pen.linear(-0.46, -0.76, 0.3, 0, [
      [0, 0xffffff, 0.34],
      [0.35, 0xd4eef0, 0.06],
      [0.7, 0x9cc8d0, 0.12],
      [1, 0xffffff, 0.2],
    ]),
  );
  pen.fill(
    polygon(cubeFaces.side),
    pen.linear(0.3, 0, 0.5, -0.94, [
      [0, 0x5f98a4, 0.34],
      [1, 0xcdeaf0, 0.24],
    ]),
  );
  pen.fill(polygon(cubeFaces.top), 0xeefafa, { opacity: 0.3 });
  pen.fill(polygon([-0.42, -0.72, -0.25, -0.72, -0.42, -0.36]), 0xffffff, { opacity: 0.35 });
  pen.fill(polygon([-0.12, -0.76, 0.02, -0.76, -0.4, -0.06, -0.46, -0.06, -0.46, -0.16]), 0xffffff, { opacity: 0.13 });
  const edges = [
    [-0.46, -0.76, 0.3, -0.76],
    [0.3, -0.76, 0.3, 0],
    [0.3, 0, -0.46, 0],
    [-0.46, 0, -0.46, -0.76],
    [-0.46, -0.76, -0.26, -0.94],
    [-0.26, -0.94, 0.5, -0.94],
    [0.3, -0.76, 0.5, -0.94],
    [0.5, -0.94, 0.5, -0.2],
    [0.5, -0.2, 0.3, 0],
  ];
  for (const edge of edges) {
    pen.line(edge, 0.022, 0x7fb4be, { opacity: 0.6 });
    pen.line(edge, 0.009, 0xffffff, { opacity: 0.9 });
  }
}

function paintSphere(pen: Pen, look: Look): void {
  pen.shadow(0.08, -0.05, 0.62, 0.7, 0.24);
  const glass = isGlass(look) && look.colors.length === 0;
  const color = look.colors[0] ?? (glass ? 0x9cc8d8 : look.random.pick([0xd9574a, 0x3f78c4, 0xe8a838]));
  pen.form(ellipse(0, -0.5, 0.5), color, { puff: 2, gloss: 1, ...(glass ? { opacity: 0.6 } : {}) });
  const side = pen.stage.light.x < 0 ? -1 : 1;
  pen.fill(
    ellipse(side * 0.2, -0.72, 0.13, 0.09, side * 0.6),
    pen.radial(side * 0.2, -0.72, 0.13, [
      [0, 0xffffff, 0.95],
      [0.6, 0xffffff, 0.4],
      [1, 0xffffff, 0],
    ]),
  );
  pen.fill(
    ellipse(-side * 0.2, -0.2, 0.26, 0.14),
    pen.radial(-side * 0.2, -0.2, 0.26, [
      [0, mix(color, 0xffe6c4, 0.6), 0.5],
      [1, color, 0],
    ]),
  );
}

function paintBook(pen: Pen, look: Look): void {
  const color = look.colors[0] ?? look.random.pick([0xb83232, 0x2f5f8a, 0x3f7a5a, 0x7a4a8a]);
  pen.shadow(0.1, -0.05, 1.6, 0.5, 0.2);
  const pages = mix(0xf4ead2, 0xffffff, 0.2);
  pen.form(polygon([-1.3, -0.42, 1.0, -0.42, 1.0, -0.06, -1.3, -0.06]), pages, { puff: 0.3 });
  for (let i = 0; i < 6; i++)
    pen.line([-1.25, -0.36 + i * 0.055, 1, -0.36 + i * 0.055], 0.012, pen.tinted(0xb8a888), { opacity: 0.6 });
  pen.form(polygon([1.0, -0.42, 1.35, -0.88, 1.35, -0.5, 1.0, -0.06]), mix(pages, 0x8a7a66, 0.35), { puff: 0.3 });
  pen.form(polygon([-1.36, -0.46, -1.0, -0.95, 1.4, -0.95, 1.04, -0.46]), color, { puff: 0.35, gloss: 0.3 });
  pen.form(polygon([-1.36, -0.5, 1.04, -0.5, 1.04, -0.41, -1.36, -0.41]), mix(color, 0x1a0808, 0.25));
  pen.form(polygon([-1.36, -0.1, 1.04, -0.1, 1.04, 0, -1.36, 0]), mix(color, 0x1a0808, 0.3));
  pen.form(blob([-1.4, -0.48, -1.3, -0.48, -1.3, 0, -1.4, 0, -1.46, -0.24]), mix(color, 0x1a0808, 0.12), { puff: 0.8 });
  pen.fill(polygon([-0.8, -0.6, -0.62, -0.84, 0.95, -0.84, 0.78, -0.6]), pen.tinted(mix(color, 0xf2d48a, 0.55)), {
    opacity: 0.35,
  });
}

function paintPlant(pen: Pen, look: Look): void {
  const pot = look.colors[1] ?? look.random.pick([0xb8663f, 0xd9d2c4, 0x59626a]);
  const green = look.colors[0] ?? 0x3f8a4a;
  pen.shadow(0, 0, 0.34, 0.7, 0.2);
  for (let i = 0; i < 22; i++) {
    const t = i / 21;
    const angle = -Math.PI * (0.06 + 0.88 * ((i * 0.618) % 1)) + look.random.between(-0.12, 0.12);
    const reach = look.random.between(0.36, 0.6);
    const [ex, ey] = [Math.cos(angle) * reach, -0.38 + Math.sin(angle) * reach * 0.98];
    const [mx, my] = [ex * 0.55, -0.38 + (ey + 0.38) * 0.62 - 0.07];
    const [nx, ny] = [-(ey + 0.38) / reach, ex / reach];
    const wide = look.random.between(0.06, 0.1);
    pen.shape(
      [0, -0.33, mx + nx * wide, my + ny * wide, ex, ey, mx - nx * wide, my - ny * wide],
      mix(green, t > 0.5 ? 0xa8d46a : 0x123a2a, Math.abs(t - 0.5) * 0.6),
      { puff: 0.7 },
    );
    pen.line([0, -0.35, mx, my, ex, ey], [0.008, 0.006, 0.001], pen.tinted(mix(green, 0xe6f2b0, 0.5)), {
      opacity: 0.5,
    });
  }
  pen.shape([-0.2, -0.34, 0.2, -0.34, 0.18, -0.12, 0.14, 0, -0.14, 0, -0.18, -0.12], pot, { puff: 1.2 });
  pen.form(roundedRectangle(-0.22, -0.37, 0.44, 0.075, 0.03), mix(pot, 0xffffff, 0.12), { puff: 1.1 });
}

function paintVase(pen: Pen, look: Look): void {
  const color = look.colors[0] ?? look.random.pick([0x3f6f9a, 0xd9cdb8, 0xa8563f]);
  pen.shadow(0, 0, 0.4, 0.7, 0.2);
  for (let i = 0; i < 9; i++) {
    const x = look.random.between(-0.34, 0.34);
    const y = look.random.between(-0.98, -0.72);
    pen.line([0, -0.5, x * 0.6, (y - 0.5) / 2, x, y], 0.012, pen.tinted(0x4a7a44));
    paintFlowerHead(pen, x, y, 0.1, look.random.pick([0xe86a7a, 0xf2c23a, 0xf4f0ea, 0xb07ad8]));
  }
  pen.shape(
    [
      -0.09, -0.54, 0.09, -0.54, 0.07, -0.46, 0.2, -0.3, 0.2, -0.14, 0.1, 0, -0.1, 0, -0.2, -0.14, -0.2, -0.3, -0.07,
      -0.46,
    ],
    color,
    { puff: 1.5, gloss: 0.8 },
  );
}

export function paintFlowerHead(pen: Pen, x: number, y: number, r: number, color: number, petals = 8): void {
  for (let ring = 0; ring < 2; ring++) {
    for (let i = 0; i < petals; i++) {
      const angle = ((i + ring * 0.5) / petals) * Math.PI * 2;
      const far = r * (ring === 0 ? 0.62 : 0.36);
      pen.form(
        ellipse(x + Math.cos(angle) * far, y + Math.sin(angle) * far, r * 0.44, r * 0.25, angle),
        mix(color, 0xffffff, ring * 0.25),
        { puff: 0.8 },
      );
    }
  }
  pen.form(ellipse(x, y, r * 0.27), 0xd9982c, { puff: 1.2, grain: 18 });
}

function paintFlower(pen: Pen, look: Look): void {
  const kind = look.traits;
  const color =
    look.colors[0] ??
    (kind.has('sunflower') || kind.has('sunflowers')
      ? 0xf2b62c
      : kind.has('rose')
        ? 0xc8283c
        : kind.has('lavender')
          ? 0x9a7ad0
          : look.random.pick([0xe8506a, 0xf2a0b8, 0xf2c23a, 0xb06ad0]));
  pen.line([0, 0, 0.03, -0.35, 0, -0.72], [0.03, 0.024], pen.tinted(0x4a8040));
  for (const side of [-1, 1])
    pen.shape([0.02, -0.24, side * 0.16, -0.36, side * 0.3, -0.38, side * 0.17, -0.24], 0x4f8a44, { puff: 0.8 });
  const sun = kind.has('sunflower') || kind.has('sunflowers');
  paintFlowerHead(pen, 0, -0.74, 0.27, color, sun ? 16 : 8);
  if (sun) pen.form(ellipse(0, -0.74, 0.13), 0x5a3a1c, { puff: 1.2, grain: 30 });
}

function paintTreeClump(pen: Pen, look: Look): void {
  if (look.traits.has('palm') || look.traits.has('pine')) {
    paintTree(pen, look.traits.has('palm') ? 'palm' : 'pine', look.colors[0] ?? 0x3f7a44, look.random);
    return;
  }
  pen.shadow(0, 0, 0.4, 0.6, 0.15);
  pen.limb([0, 0.01, 0.02, -0.3, -0.02, -0.6], [0.12, 0.08, 0.04], 0x5d4433);
  const color =
    look.colors[0] ?? (look.traits.has('cherry') ? 0xf0a9c0 : look.traits.has('maple') ? 0xd9602a : 0x4a8a3f);
  for (let i = 0; i < 12; i++) {
    const angle = (i / 11) * Math.PI * 2;
    const ring = i === 11 ? 0 : 0.24;
    paintClump(
      pen.stage,
      look.random,
      pen.toX(Math.cos(angle) * ring * 1.15, 0),
      pen.toY(0, -0.66 + Math.sin(angle) * ring * 0.85),
      pen.scale * look.random.between(0.15, 0.21),
      color,
      46,
    );
  }
}

const simple = (aspect: number, tall: number, paint: Figure['paint'], top?: number): Figure => ({
  aspect,
  tall,
  habitat: 'table',
  paint,
  ...(top === undefined ? {} : { top }),
});

export const objects: FigureTable = {
  cube: {
    aspect: 1.05,
    habitat: 'table',
    tall: 0.3,
    top: -0.85,
    inner: { x: -0.02, y: -0.08, height: 0.5 },
    paint: paintCube,
    paintOver: paintCubeFront,
  },
  sphere: simple(1, 0.22, paintSphere),
  pyramid: simple(1.1, 0.3, (pen, look) => {
    const color = look.colors[0] ?? 0xe0a848;
    pen.shadow(0.1, -0.02, 0.7, 0.6, 0.2);
    pen.form(polygon([0, -1, 0.55, -0.12, 0.12, 0]), mix(color, 0x1a0c20, 0.3), { puff: 0.2 });
    pen.form(polygon([0, -1, 0.12, 0, -0.55, -0.1]), mix(color, 0xffffff, 0.12), { puff: 0.2 });
  }),
  book: simple(2.8, 0.09, paintBook, -0.7),
  plant: simple(0.95, 0.42, paintPlant),
  vase: simple(0.75, 0.42, paintVase),
  flower: { aspect: 0.6, habitat: 'ground', tall: 0.55, paint: paintFlower },
  tree: { aspect: 0.9, habitat: 'ground', tall: 2.2, paint: paintTreeClump },
};
