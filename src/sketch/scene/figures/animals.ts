import { mix } from '../../raster/color.ts';
import { blob, ellipse, polygon } from '../../raster/shapes.ts';
import type { Pen } from '../pen.ts';
import type { FigureTable, Look } from './figure.ts';

function paintBird(pen: Pen, look: Look): void {
  const color = look.colors[0] ?? look.random.pick([0x3f6fb0, 0xc8503a, 0xf2f0ea, 0x4a4a56, 0xe0a83a]);
  pen.shape([-0.1, -0.45, -0.3, -0.85, -0.62, -1, -0.52, -0.72, -0.2, -0.36], mix(color, 0x101018, 0.25), {
    puff: 0.6,
  });
  pen.shape(
    [-0.75, -0.3, -0.42, -0.36, -0.1, -0.5, 0.3, -0.52, 0.5, -0.42, 0.42, -0.28, 0.1, -0.16, -0.3, -0.2, -0.7, -0.16],
    color,
    { puff: 1.3 },
  );
  pen.shape([0.1, -0.24, 0.42, -0.3, 0.3, -0.2, 0.0, -0.17, -0.2, -0.21], mix(color, 0xffffff, 0.6), { puff: 0.8 });
  pen.shape([0.12, -0.46, 0.02, -0.85, 0.26, -1, 0.3, -0.72, 0.26, -0.4], mix(color, 0x101018, 0.12), { puff: 0.7 });
  pen.form(polygon([0.47, -0.44, 0.66, -0.38, 0.47, -0.34]), 0xe8a02c);
  pen.fill(ellipse(0.37, -0.42, 0.03), 0x0e0c10);
  pen.fill(ellipse(0.378, -0.43, 0.01), 0xffffff);
}

export function paintButterfly(pen: Pen, look: Look): void {
  const color = look.colors[0] ?? look.random.pick([0xf2902c, 0x4a8ae0, 0xe86a9a, 0xf2c83a, 0x9a5ad0]);
  const dark = mix(color, 0x1a0c18, 0.75);
  const fold = look.random.between(0.62, 1);
  for (const side of [-1, 1]) {
    const s = side * (side < 0 ? fold : 1);
    const wings = [
      [s * 0.03, -0.5, s * 0.2, -0.86, s * 0.48, -0.98, s * 0.56, -0.76, s * 0.42, -0.52, s * 0.04, -0.44],
      [s * 0.03, -0.46, s * 0.36, -0.44, s * 0.42, -0.24, s * 0.26, -0.06, s * 0.1, -0.16],
    ];
    for (const wing of wings) {
      pen.form(blob(wing), dark, { puff: 0.5 });
      const cx = s * 0.24;
      const cy = wing === wings[0] ? -0.68 : -0.3;
      pen.form(
        blob(wing.map((value, i) => (i % 2 === 0 ? cx + (value - cx) * 0.78 : cy + (value - cy) * 0.78))),
        color,
        { puff: 0.5 },
      );
      pen.line([s * 0.05, -0.47, cx * 1.1, cy], [0.02, 0.006], dark, { opacity: 0.7 });
    }
    pen.fill(ellipse(s * 0.49, -0.86, 0.025), 0xffffff);
    pen.line([side * 0.01, -0.64, side * 0.08, -0.82, side * 0.13, -0.86], [0.014, 0.01], 0x1c1418);
  }
  pen.limb([0, -0.64, 0, -0.2], [0.06, 0.035], 0x2a1c20);
}

function paintFish(pen: Pen, look: Look): void {
  const color = look.colors[0] ?? look.random.pick([0xf2802c, 0xf0c03a, 0x3f9ad0, 0xe05a6a]);
  pen.shape([-0.55, -0.5, -0.95, -0.92, -0.85, -0.5, -0.95, -0.1], mix(color, 0xffffff, 0.18), { puff: 0.6 });
  pen.shape([-0.2, -0.78, 0.02, -1, 0.32, -0.9, 0.3, -0.75], mix(color, 0x601818, 0.2), { puff: 0.6 });
  const outline = [
    0.85, -0.48, 0.6, -0.72, 0.2, -0.84, -0.25, -0.74, -0.62, -0.5, -0.25, -0.24, 0.2, -0.16, 0.6, -0.28,
  ];
  pen.shape(outline, color, { puff: 1.4, gloss: 0.6 });
  const body = pen.clipped(blob(outline));
  for (const x of [-0.2, 0.28])
    body.line([x + 0.06, -0.9, x, -0.5, x + 0.06, -0.1], [0.1, 0.14, 0.1], pen.tinted(0xfaf4ea), { opacity: 0.85 });
  for (let i = 0; i < 10; i++)
    body.line(
      [
        -0.5 + (i % 5) * 0.2,
        -0.66 + Math.floor(i / 5) * 0.26,
        -0.44 + (i % 5) * 0.2,
        -0.58 + Math.floor(i / 5) * 0.26,
        -0.5 + (i % 5) * 0.2,
        -0.5 + Math.floor(i / 5) * 0.26,
      ],
      0.012,
      mix(color, 0x501010, 0.4),
      { opacity: 0.4 },
    );
  pen.shape([0.1, -0.4, -0.16, -0.26, -0.12, -0.12, 0.16, -0.3], mix(color, 0x601818, 0.15), { puff: 0.6 });
  pen.fill(ellipse(0.58, -0.54, 0.075), 0xffffff);
  pen.fill(ellipse(0.6, -0.54, 0.045), 0x100c12);
  pen.fill(ellipse(0.585, -0.56, 0.016), 0xffffff);
}

function paintWhale(pen: Pen, look: Look): void {
  const color = look.colors[0] ?? 0x4a6f94;
  pen.shape([-1.0, -0.5, -1.3, -0.95, -0.98, -0.86, -0.8, -1, -0.72, -0.62], color, { puff: 0.8 });
  pen.shape(
    [
      1.1, -0.35, 1.0, -0.62, 0.5, -0.76, -0.1, -0.7, -0.7, -0.5, -1.05, -0.6, -0.9, -0.38, -0.4, -0.1, 0.3, 0, 0.9,
      -0.08,
    ],
    color,
    { puff: 1.4, gloss: 0.4 },
  );
  pen.shape([1.06, -0.3, 0.6, -0.22, 0.0, -0.18, -0.4, -0.12, 0.3, 0, 0.88, -0.08], 0xe6ebf0, { puff: 0.8 });
  pen.shape([0.3, -0.16, 0.05, 0.12, 0.12, 0.18, 0.45, -0.08], mix(color, 0x0a1020, 0.2), { puff: 0.8 });
  pen.fill(ellipse(0.78, -0.38, 0.03), 0x0e1016);
  for (const x of [-0.12, 0, 0.12])
    pen.line([0.5, -0.78, 0.5 + x * 0.6, -0.92, 0.5 + x * 1.6, -0.98], [0.03, 0.02, 0.004], 0xe6f4fa, {
      opacity: 0.85,
    });
}

function paintOwl(pen: Pen, look: Look): void {
  const color = look.colors[0] ?? look.random.pick([0x8a6a4a, 0x9b8468, 0x6f6258]);
  pen.limb([-0.8, 0.02, 0, -0.02, 0.8, 0.03], [0.05, 0.08, 0.04], 0x5a4232, { grain: 18 });
  const body = pen.shape(
    [
      0, -0.96, 0.24, -0.9, 0.36, -0.7, 0.4, -0.36, 0.26, -0.06, 0, 0.02, -0.26, -0.06, -0.4, -0.36, -0.36, -0.7, -0.24,
      -0.9,
    ],
    color,
    { puff: 1.3 },
  );
  pen.fur(body, color, 0.06, 260, [0, 1]);
  const belly = [0, -0.56, 0.2, -0.48, 0.22, -0.26, 0, -0.04, -0.22, -0.26, -0.2, -0.48];
  pen.shape(belly, mix(color, 0xf6ead2, 0.7), { puff: 0.9 });
  for (let i = 0; i < 12; i++) {
    const [x, y] = [-0.12 + (i % 3) * 0.12 + (i % 6 > 2 ? 0.05 : 0), -0.44 + Math.floor(i / 3) * 0.09];
    pen.line([x - 0.035, y, x, y + 0.04, x + 0.035, y], 0.016, pen.tinted(mix(color, 0x201410, 0.3)), { opacity: 0.7 });
  }
  for (const side of [-1, 1]) {
    const wing = pen.shape(
      [side * 0.3, -0.66, side * 0.42, -0.4, side * 0.36, -0.12, side * 0.22, 0, side * 0.22, -0.3],
      mix(color, 0x201410, 0.25),
      { puff: 1 },
    );
    pen.fur(wing, mix(color, 0x201410, 0.25), 0.06, 70, [0, 1]);
    pen.shape([side * 0.1, -0.92, side * 0.24, -0.93, side * 0.33, -1.03, side * 0.31, -0.84], color, { puff: 0.9 });
    pen.form(ellipse(side * 0.15, -0.73, 0.17, 0.165), mix(color, 0xf6ead2, 0.75), { puff: 0.7 });
    pen.fill(ellipse(side * 0.14, -0.73, 0.105), 0x1a1210);
    pen.fill(ellipse(side * 0.14, -0.73, 0.092), 0xf2a92c);
    pen.fill(ellipse(side * 0.135, -0.73, 0.055), 0x0c0a0c);
    pen.fill(ellipse(side * 0.135 - 0.025, -0.755, 0.02), 0xffffff);
    for (const x of [0.07, 0.11, 0.15]) pen.form(ellipse(side * x, -0.005, 0.022, 0.04), 0xe0a23c);
  }
  pen.shape([-0.04, -0.68, 0, -0.71, 0.04, -0.68, 0, -0.56], 0xd9a23c, { gloss: 0.6 });
}

function paintPenguin(pen: Pen, look: Look): void {
  pen.shadow(0, 0, 0.4, 0.6, 0.18);
  const dark = look.colors[0] ?? 0x262a34;
  for (const side of [-1, 1]) pen.form(ellipse(side * 0.12, -0.02, 0.11, 0.035), 0xf0a030);
  pen.shape(
    [
      0, -1, 0.19, -0.92, 0.22, -0.72, 0.33, -0.4, 0.28, -0.08, 0, -0.02, -0.28, -0.08, -0.33, -0.4, -0.22, -0.72,
      -0.19, -0.92,
    ],
    dark,
    { puff: 1.3, gloss: 0.3 },
  );
  pen.shape(
    [0, -0.76, 0.14, -0.7, 0.23, -0.4, 0.19, -0.12, 0, -0.06, -0.19, -0.12, -0.23, -0.4, -0.14, -0.7],
    0xf6f4ee,
    { puff: 1 },
  );
  for (const side of [-1, 1]) {
    pen.shape([side * 0.22, -0.66, side * 0.42, -0.36, side * 0.4, -0.2, side * 0.27, -0.4], dark, { puff: 1 });
    pen.form(ellipse(side * 0.08, -0.83, 0.075, 0.085), 0xf6f4ee, { puff: 0.6 });
    pen.fill(ellipse(side * 0.075, -0.83, 0.035), 0x0e0c10);
    pen.fill(ellipse(side * 0.065, -0.845, 0.012), 0xffffff);
  }
  pen.form(polygon([-0.055, -0.79, 0.055, -0.79, 0, -0.7]), 0xf0a030, { gloss: 0.5 });
}

function paintDragon(pen: Pen, look: Look): void {
  const color = look.colors[0] ?? look.random.pick([0x3f8a5a, 0xb03a34, 0x5a4a9a]);
  pen.shadow(0, 0, 0.8, 0.7, 0.14);
  for (const side of [-1, 1]) {
    const wing = [
      side * 0.1,
      -0.56,
      side * 0.4,
      -0.98,
      side * 0.85,
      -0.92,
      side * 0.78,
      -0.7,
      side * 0.84,
      -0.5,
      side * 0.62,
      -0.52,
      side * 0.54,
      -0.36,
      side * 0.38,
      -0.46,
      side * 0.2,
      -0.36,
    ];
    pen.form(blob(wing, 5), mix(color, 0xf2a050, 0.4), { puff: 0.5 });
    for (const [x, y] of [
      [0.85, -0.92],
      [0.84, -0.5],
      [0.54, -0.36],
    ] as const)
      pen.line(
        [side * 0.1, -0.56, side * x * 0.6, y * 1.05, side * x, y],
        [0.035, 0.022, 0.006],
        pen.tinted(mix(color, 0x100810, 0.3)),
      );
  }
  pen.limb([0.1, -0.1, 0.5, -0.02, 0.72, -0.14, 0.78, -0.3], [0.2, 0.12, 0.06, 0.01], color, { puff: 1.2 });
  pen.shape([0, -0.66, 0.18, -0.52, 0.25, -0.24, 0.2, 0, -0.2, 0, -0.25, -0.24, -0.18, -0.52], color, { puff: 1.3 });
  pen.shape(
    [0, -0.6, 0.11, -0.46, 0.14, -0.2, 0.08, -0.02, -0.08, -0.02, -0.14, -0.2, -0.11, -0.46],
    mix(color, 0xf6e2a8, 0.7),
    { puff: 0.8 },
  );
  for (let i = 0; i < 6; i++)
    pen.line([-0.11, -0.12 - i * 0.07, 0, -0.1 - i * 0.07, 0.11, -0.12 - i * 0.07], 0.01, mix(color, 0x402010, 0.4), {
      opacity: 0.5,
    });
  for (const side of [-1, 1]) {
    pen.shape([side * 0.08, -0.12, side * 0.26, -0.14, side * 0.3, 0.0, side * 0.1, 0.01], color, { puff: 1.2 });
    pen.shape([side * 0.06, -0.9, side * 0.1, -1.02, side * 0.16, -1.04, side * 0.14, -0.88], 0xf2e2b8, { puff: 0.8 });
  }
  pen.shape([0, -0.94, 0.15, -0.88, 0.17, -0.74, 0.1, -0.6, 0, -0.57, -0.1, -0.6, -0.17, -0.74, -0.15, -0.88], color, {
    puff: 1.3,
  });
  for (const side of [-1, 1]) {
    pen.fill(ellipse(side * 0.08, -0.79, 0.04, 0.045), 0xf6d23a);
    pen.fill(ellipse(side * 0.08, -0.79, 0.013, 0.04), 0x0e0a0c);
    pen.fill(ellipse(side * 0.03, -0.64, 0.012), 0x1a0c10);
  }
}

export const animals: FigureTable = {
  bird: { aspect: 1.45, habitat: 'air', tall: 0.2, paint: paintBird },
  butterfly: { aspect: 1.15, habitat: 'air', tall: 0.14, paint: paintButterfly },
  fish: { aspect: 1.9, habitat: 'underwater', tall: 0.3, paint: paintFish },
  whale: { aspect: 2.5, habitat: 'water', tall: 1.2, paint: paintWhale },
  owl: {
    aspect: 0.95,
    habitat: 'ground',
    tall: 0.35,
    paint: (pen, look) => paintOwl(pen.within({ scale: 0.95 }), look),
  },
  penguin: { aspect: 0.85, habitat: 'ground', tall: 0.6, paint: paintPenguin },
  dragon: {
    aspect: 1.7,
    habitat: 'ground',
    tall: 1.5,
    paint: (pen, look) => paintDragon(pen.within({ scale: 0.95 }), look),
  },
};
