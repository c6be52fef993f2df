import { mix } from '../../raster/color.ts';
import { blob, ellipse, polygon, rectangle, roundedRectangle } from '../../raster/shapes.ts';
import type { Pen } from '../pen.ts';
import type { FigureTable, Look } from './figure.ts';
import { paintSurf } from './surf.ts';

function wheel(pen: Pen, x: number, y: number, r: number): void {
  pen.form(ellipse(x, y, r), 0x26252b, { puff: 0.8 });
  pen.form(ellipse(x, y, r * 0.62), 0xb9bec6, { puff: 1, gloss: 0.8 });
  pen.form(ellipse(x, y, r * 0.2), 0x6a6f78);
}

function paintCar(pen: Pen, look: Look): void {
  const color = look.colors[0] ?? look.random.pick([0xc4322e, 0x2f6fb8, 0xe0a832, 0x3f7f5f, 0xd9d6cf]);
  pen.shadow(0, 0, 1.25, 0.8, 0.13);
  pen.shape(
    [
      -1.18, -0.2, -1.2, -0.44, -1.02, -0.53, -0.7, -0.58, -0.45, -0.9, -0.2, -0.97, 0.3, -0.96, 0.52, -0.86, 0.76,
      -0.6, 1.08, -0.52, 1.2, -0.4, 1.2, -0.2, 1.1, -0.13, -1.1, -0.13,
    ],
    color,
    { gloss: 0.9, puff: 1.1 },
  );
  const glass = look.neon ? 0x2a3a6a : 0x4f6a80;
  pen.form(blob([-0.56, -0.6, -0.4, -0.85, -0.12, -0.89, -0.1, -0.6], 6), glass, { gloss: 1 });
  pen.form(blob([0.0, -0.6, -0.02, -0.89, 0.28, -0.88, 0.44, -0.8, 0.58, -0.61], 6), glass, { gloss: 1 });
  pen.line([-0.05, -0.58, -0.06, -0.2], 0.012, pen.tinted(mix(color, 0x100810, 0.5)));
  pen.line([-1.12, -0.36, 0, -0.4, 1.15, -0.34], 0.018, pen.tinted(mix(color, 0xffffff, 0.55)), { opacity: 0.7 });
  pen.form(ellipse(1.13, -0.4, 0.07, 0.055), look.neon ? 0x5ff2ff : 0xfff2c4, { glowing: 1, gloss: 1 });
  pen.form(ellipse(-1.16, -0.42, 0.05, 0.055), 0xe0322e, { glowing: 0.8 });
  if (look.neon) {
    pen.glow(1.2, -0.4, 0.7, 0x5ff2ff, 0.9);
    pen.line([-0.9, -0.08, 0.9, -0.08], 0.03, 0xff3fb4);
    pen.glow(0, -0.05, 1.1, 0xff3fb4, 0.6);
  }
  for (const x of [-0.72, 0.74]) wheel(pen, x, -0.2, 0.21);
}

function paintBicycle(pen: Pen, look: Look): void {
  const color = pen.tinted(look.colors[0] ?? 0xc9342c);
  const lit = mix(color, 0xffffff, 0.4);
  pen.shadow(0, 0, 0.85, 0.65, 0.1);
  for (const x of [-0.52, 0.52]) {
    const ring = Array.from(ellipse(x, -0.36, 0.345));
    for (let i = 0; i < 14; i++) {
      const angle = (i / 14) * Math.PI * 2;
      pen.line([x, -0.36, x + Math.cos(angle) * 0.34, -0.36 + Math.sin(angle) * 0.34], 0.006, pen.tinted(0xb9bcc4), {
        opacity: 0.8,
      });
    }
    pen.line([...ring, ring[0] ?? 0, ring[1] ?? 0], 0.042, pen.tinted(0x26252a));
    const rim = Array.from(ellipse(x, -0.36, 0.315));
    pen.line([...rim, rim[0] ?? 0, rim[1] ?? 0], 0.014, pen.tinted(0xc4c7cd));
    pen.form(ellipse(x, -0.36, 0.035), 0x8a8d94);
  }
  const tubes = [
    [-0.52, -0.36, -0.08, -0.34],
    [-0.52, -0.36, -0.2, -0.76],
    [-0.08, -0.34, -0.22, -0.82],
    [-0.08, -0.34, 0.36, -0.76],
    [-0.2, -0.76, 0.36, -0.78],
    [0.52, -0.36, 0.34, -0.92],
  ];
  for (const tube of tubes) {
    pen.line(tube, 0.042, color);
    pen.line(
      tube.map((value, i) => (i % 2 === 0 ? value - 0.006 : value - 0.008)),
      0.011,
      lit,
      { opacity: 0.8 },
    );
  }
  pen.line([0.34, -0.92, 0.3, -0.97, 0.4, -0.985, 0.46, -0.93], 0.03, pen.tinted(0x3a3a40));
  pen.shape([-0.36, -0.86, -0.2, -0.87, -0.08, -0.84, -0.2, -0.81, -0.33, -0.81], 0x2e2624, { gloss: 0.4 });
  pen.form(ellipse(-0.08, -0.34, 0.085), 0x8d9097, { gloss: 0.5 });
  pen.line([-0.08, -0.34, 0.02, -0.2], 0.022, pen.tinted(0x77797f));
  pen.form(roundedRectangle(-0.03, -0.21, 0.12, 0.03, 0.01), 0x2a2a2e);
  pen.line([-0.08, -0.42, -0.52, -0.385], 0.01, pen.tinted(0x55565c));
  pen.line([-0.08, -0.26, -0.52, -0.33], 0.01, pen.tinted(0x55565c));
}

function paintBoat(pen: Pen, look: Look): void {
  const hull = look.colors[0] ?? look.random.pick([0x8a4a32, 0xb83a32, 0x2f5f8a, 0xf0ece2]);
  const sail = look.colors[1] ?? 0xf7efe0;
  pen.limb([0.02, -0.16, 0.02, -0.99], [0.024, 0.014], 0x6b4a30);
  const belly = look.random.between(0.36, 0.46);
  pen.shape([0.04, -0.95, 0.2, -0.7, belly, -0.42, 0.44, -0.25, 0.2, -0.235, 0.045, -0.24], sail, { puff: 0.9 });
  pen.shape(
    [0.0, -0.9, -0.12, -0.66, -0.32, -0.36, -0.36, -0.25, -0.16, -0.24, -0.005, -0.25],
    mix(sail, 0xe0cfae, 0.25),
    { puff: 0.9 },
  );
  pen.form(
    blob(
      [
        -0.52, -0.2, -0.3, -0.165, 0, -0.155, 0.3, -0.165, 0.58, -0.215, 0.46, -0.02, 0.25, 0.02, -0.22, 0.02, -0.4,
        -0.01,
      ],
      8,
    ),
    hull,
    { puff: 1, gloss: 0.3 },
  );
  pen.line([-0.5, -0.18, 0, -0.135, 0.54, -0.19], 0.016, pen.tinted(0xf4ead6));
  pen.fill(polygon([0.02, -0.99, 0.16, -0.955, 0.02, -0.92]), pen.tinted(0xd8403a));
  for (let i = 0; i < 7; i++)
    pen.fill(
      ellipse(look.random.between(-0.4, 0.4), 0.04 + i * 0.035, 0.34 - i * 0.035, 0.008),
      pen.tinted(mix(hull, 0x10202c, 0.45)),
      { opacity: 0.45 },
    );
}

function paintBalloon(pen: Pen, look: Look): void {
  const palette =
    look.colors.length > 1
      ? look.colors
      : [
          look.colors[0] ?? look.random.pick([0xe0503c, 0x3f78c4, 0xe8a32c]),
          0xf7e8cc,
          look.random.pick([0xf2b632, 0xe87a4a, 0x58a8b8]),
        ];
  const outline = [
    0, -1, 0.24, -0.95, 0.38, -0.77, 0.37, -0.58, 0.24, -0.38, 0.09, -0.22, -0.09, -0.22, -0.24, -0.38, -0.37, -0.58,
    -0.38, -0.77, -0.24, -0.95,
  ];
  for (const x of [-0.075, -0.03, 0.03, 0.075]) pen.line([x * 1.2, -0.23, x * 0.85, -0.1], 0.006, pen.tinted(0x4a3a30));
  pen.shape(outline, palette[0] ?? 0xe0503c, { puff: 1.3 });
  const inside = pen.clipped(blob(outline));
  for (let i = 0; i < 5; i++) {
    const from = Math.sin((i / 5 - 0.5) * Math.PI * 0.98) * 0.39;
    const to = Math.sin(((i + 0.5) / 5 - 0.5) * Math.PI * 0.98) * 0.39;
    inside.form(
      blob(
        [0, -1.04, from, -0.84, from * 1.02, -0.62, from * 0.2, -0.18, to * 0.2, -0.18, to * 1.02, -0.62, to, -0.84],
        8,
      ),
      palette[(i % Math.max(1, palette.length - 1)) + 1] ?? 0xf7e8cc,
      { puff: 0.3, opacity: 0.92 },
    );
  }
  inside.fill(
    ellipse(0.2 * -pen.stage.light.x, -0.5, 0.36, 0.5),
    pen.radial(0.25 * -pen.stage.light.x, -0.45, 0.5, [
      [0, 0x1a1030, 0.3],
      [1, 0x1a1030, 0],
    ]),
  );
  inside.fill(
    ellipse(0, -0.6, 0.5, 0.5),
    pen.radial(0.17 * pen.stage.light.x, -0.78, 0.32, [
      [0, 0xffffff, 0.38],
      [1, 0xffffff, 0],
    ]),
  );
  pen.form(roundedRectangle(-0.075, -0.11, 0.15, 0.11, 0.02), 0x8a5a34, { grain: 14 });
  pen.glow(0, -0.2, 0.08, 0xffb040, 0.8);
}

export function paintRocket(pen: Pen, look: Look): void {
  const body = look.colors[0] ?? 0xeef0f2;
  const accent = look.colors[1] ?? 0xd2402f;
  pen.fill(
    blob([-0.07, -0.17, 0.07, -0.17, 0.09, -0.02, 0.03, 0.1, 0, 0.2, -0.03, 0.1, -0.09, -0.02]),
    pen.linear(0, -0.17, 0, 0.2, [
      [0, 0xfff6cc],
      [0.4, 0xffb53a],
      [0.8, 0xf0582a, 0.8],
      [1, 0xf0582a, 0],
    ]),
  );
  pen.glow(0, 0, 0.42, 0xffa040, 0.8);
  for (const side of [-1, 1])
    pen.form(blob([side * 0.1, -0.42, side * 0.25, -0.22, side * 0.26, -0.08, side * 0.1, -0.2], 6), accent, {
      gloss: 0.4,
    });
  pen.shape(
    [
      0, -1, 0.09, -0.86, 0.145, -0.62, 0.14, -0.36, 0.095, -0.17, -0.095, -0.17, -0.14, -0.36, -0.145, -0.62, -0.09,
      -0.86,
    ],
    body,
    { puff: 1.5, gloss: 0.6 },
  );
  pen
    .clipped(
      blob([
        0, -1, 0.09, -0.86, 0.145, -0.62, 0.14, -0.36, 0.095, -0.17, -0.095, -0.17, -0.14, -0.36, -0.145, -0.62, -0.09,
        -0.86,
      ]),
    )
    .form(rectangle(-0.2, -1.02, 0.4, 0.22), accent, { puff: 1.3, gloss: 0.5 });
  pen.form(ellipse(0, -0.62, 0.07), 0x8a929c, { gloss: 0.6 });
  pen.form(ellipse(0, -0.62, 0.052), 0x3f8ad0, { gloss: 1 });
  pen.form(roundedRectangle(-0.07, -0.2, 0.14, 0.045, 0.01), 0x59606a);
}

function paintTrain(pen: Pen, look: Look): void {
  const color = look.colors[0] ?? look.random.pick([0x2f4f3f, 0x8a2f2a, 0x2c3a52]);
  pen.shadow(0, 0, 1.4, 0.7, 0.09);
  pen.form(rectangle(-1.3, -0.05, 2.6, 0.04), 0x5a5048);
  for (let k = 0; k < 7; k++) {
    const [x, r] = [0.62 - k * 0.13, 0.07 + k * 0.025];
    pen.form(ellipse(x, -1.0 - k * 0.045, r, r * 0.8), 0xe9e6e2, { opacity: 0.7 - k * 0.07, puff: 1.3 });
  }
  pen.form(roundedRectangle(-0.28, -0.66, 1.25, 0.4, 0.18), color, { puff: 1.4, gloss: 0.6 });
  pen.form(rectangle(-0.62, -0.86, 0.44, 0.6), color, { puff: 0.7, gloss: 0.3 });
  pen.form(rectangle(-0.68, -0.91, 0.56, 0.06), mix(color, 0, 0.4));
  pen.form(roundedRectangle(-0.53, -0.78, 0.26, 0.22, 0.03), 0xffdf96, { glowing: 0.7 });
  pen.form(polygon([0.56, -0.66, 0.54, -0.93, 0.72, -0.93, 0.7, -0.66]), 0x2a2a2e);
  pen.form(ellipse(0.2, -0.68, 0.09, 0.07), 0xc99a3a, { gloss: 0.8 });
  pen.form(rectangle(-0.7, -0.28, 1.72, 0.09), 0x2a2a2e);
  pen.form(polygon([0.98, -0.24, 1.2, -0.03, 0.9, -0.03]), 0xa8342c);
  pen.form(ellipse(0.98, -0.46, 0.06), 0xfff2c0, { glowing: 1 });
  pen.glow(1.05, -0.46, 0.35, 0xffe9a0, 0.8);
  for (const x of [-0.5, -0.14, 0.22]) wheel(pen, x, -0.18, 0.16);
  for (const x of [0.58, 0.82]) wheel(pen, x, -0.12, 0.1);
  pen.limb([-0.5, -0.16, 0.22, -0.16], [0.035, 0.035], 0xb4b8be, { gloss: 0.7 });
  pen.form(roundedRectangle(-1.28, -0.74, 0.56, 0.5, 0.04), mix(color, 0x7a3a2a, 0.35), { gloss: 0.3 });
  for (const x of [-1.2, -1.0]) pen.form(roundedRectangle(x, -0.64, 0.14, 0.16, 0.02), 0xffe2a0, { glowing: 0.6 });
  for (const x of [-1.14, -0.88]) wheel(pen, x, -0.13, 0.11);
}

function paintPlane(pen: Pen, look: Look): void {
  const color = look.colors[0] ?? 0xf0f2f4;
  pen.shape([0.1, -0.5, -0.2, -0.95, -0.42, -0.98, -0.2, -0.5], mix(color, 0x8a95a4, 0.35), { puff: 0.7 });
  pen.shape([-1.1, -0.62, -1.36, -0.98, -1.2, -0.99, -0.82, -0.64], look.colors[1] ?? 0x2f6fb8, { puff: 0.6 });
  pen.shape(
    [1.3, -0.48, 1.12, -0.62, 0.7, -0.68, -0.8, -0.68, -1.3, -0.66, -1.2, -0.56, -0.5, -0.4, 0.8, -0.36, 1.18, -0.4],
    color,
    { puff: 1.4, gloss: 0.6 },
  );
  pen.shape([0.25, -0.46, -0.25, 0, -0.55, 0, -0.28, -0.46], mix(color, 0x8a95a4, 0.2), { puff: 0.8 });
  for (let i = 0; i < 12; i++)
    pen.fill(roundedRectangle(-0.75 + i * 0.12, -0.58, 0.05, 0.06, 0.02), pen.tinted(0x3a5a78));
  pen.form(blob([1.0, -0.58, 1.16, -0.54, 1.02, -0.5, 0.94, -0.52]), 0x3a5a78, { gloss: 1 });
  pen.form(roundedRectangle(-0.2, -0.3, 0.26, 0.1, 0.05), mix(color, 0x59606a, 0.4), { puff: 1.2 });
}

function paintUfo(pen: Pen, look: Look): void {
  pen.fill(
    polygon([-0.3, -0.4, 0.3, -0.4, 0.75, 0.1, -0.75, 0.1]),
    pen.linear(0, -0.4, 0, 0.1, [
      [0, 0xa8ffe0, 0.6],
      [1, 0xa8ffe0, 0],
    ]),
  );
  pen.form(ellipse(0, -0.62, 0.36, 0.34), look.neon ? 0x6a8aff : 0x8fd0e0, { gloss: 1, puff: 1.4 });
  pen.form(ellipse(0, -0.5, 0.95, 0.2), look.colors[0] ?? 0xa9b0ba, { gloss: 0.8, puff: 1.3 });
  for (let i = 0; i < 7; i++) pen.glow(-0.66 + i * 0.22, -0.45 + Math.abs(i - 3) * -0.012, 0.12, 0xfff08a, 1);
}

export function paintLander(pen: Pen, look: Look): void {
  const gold = look.colors[0] ?? 0xd2a03a;
  pen.shadow(0, 0, 0.6, 0.7, 0.16);
  for (const side of [-1, 1]) {
    pen.limb([side * 0.22, -0.42, side * 0.52, -0.03], [0.035, 0.025], 0xb9bdc4);
    pen.limb([side * 0.2, -0.25, side * 0.45, -0.12], [0.02, 0.02], 0x8a8e96);
    pen.form(ellipse(side * 0.53, -0.015, 0.09, 0.02), 0xc9ccd2);
  }
  pen.form(polygon([-0.1, -0.22, 0.1, -0.22, 0.16, -0.1, -0.16, -0.1]), 0x4a4d54);
  pen.form(polygon([-0.32, -0.5, 0.32, -0.5, 0.36, -0.36, 0.3, -0.2, -0.3, -0.2, -0.36, -0.36]), gold, {
    grain: 22,
    gloss: 0.7,
  });
  pen.form(polygon([-0.2, -0.92, 0.14, -0.94, 0.28, -0.76, 0.24, -0.5, -0.26, -0.5, -0.3, -0.74]), 0xc9ccd2, {
    gloss: 0.3,
  });
  pen.form(polygon([-0.16, -0.82, -0.04, -0.82, -0.06, -0.7]), 0x1a2030, { gloss: 1 });
  pen.form(polygon([0.04, -0.82, 0.16, -0.82, 0.08, -0.7]), 0x1a2030, { gloss: 1 });
  pen.form(roundedRectangle(-0.07, -0.66, 0.14, 0.14, 0.02), 0x6a6e76);
  pen.limb([0.18, -0.9, 0.24, -1], [0.012, 0.008], 0xe0e2e6);
  pen.form(ellipse(0.25, -0.99, 0.06, 0.03, -0.5), 0xe0e2e6);
}

export const vehicles: FigureTable = {
  car: { aspect: 2.5, habitat: 'road', tall: 0.85, paint: paintCar },
  bicycle: { aspect: 1.8, habitat: 'road', tall: 0.66, paint: paintBicycle },
  surfboard: { aspect: 1.9, habitat: 'water', tall: 1.7, top: -0.2, paint: paintSurf },
  boat: { aspect: 1.15, habitat: 'water', tall: 2.2, paint: paintBoat },
  balloon: { aspect: 0.8, habitat: 'air', tall: 1.6, paint: paintBalloon },
  rocket: {
    aspect: 0.55,
    habitat: 'ground',
    tall: 2.4,
    paint: (pen, look) => paintRocket(pen.within({ y: -0.16, scale: 0.84 }), look),
  },
  train: {
    aspect: 2.7,
    habitat: 'road',
    tall: 1.6,
    paint: (pen, look) => paintTrain(pen.within({ scale: 0.82 }), look),
  },
  plane: { aspect: 2.6, habitat: 'air', tall: 1.2, paint: paintPlane },
  ufo: { aspect: 1.9, habitat: 'air', tall: 1.1, paint: paintUfo },
  lander: { aspect: 1.25, habitat: 'ground', tall: 1.4, paint: paintLander },
};
