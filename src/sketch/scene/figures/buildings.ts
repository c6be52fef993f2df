import { mix } from '../../raster/color.ts';
import { blob, ellipse, polygon, rectangle, roundedRectangle } from '../../raster/shapes.ts';
import { paintEarth, paintMoon } from '../formats/step-icons.ts';
import type { Pen } from '../pen.ts';
import type { FigureTable, Look } from './figure.ts';

/** A window that is lit from within when it is dark outside. */
function pane(pen: Pen, x: number, y: number, w: number, h: number): void {
  pen.form(rectangle(x - 0.008, y - 0.008, w + 0.016, h + 0.016), 0xf2ece0);
  pen.fill(
    rectangle(x, y, w, h),
    pen.linear(x, y, x, y + h, [
      [0, 0xffe7a8],
      [1, 0xffc46a],
    ]),
  );
  pen.line([x + w / 2, y, x + w / 2, y + h], 0.008, pen.tinted(0x6a5a4a));
  pen.line([x, y + h / 2, x + w, y + h / 2], 0.008, pen.tinted(0x6a5a4a));
  pen.glow(x + w / 2, y + h / 2, w * 2, 0xffc870, 0.35);
}

function paintHouse(pen: Pen, look: Look): void {
  const wall = look.colors[0] ?? look.random.pick([0xe9dcc4, 0xb5654a, 0xd9c8a8, 0x8a9aa4]);
  const roof = look.colors[1] ?? look.random.pick([0x8a3f34, 0x4a4f5c, 0x6b4632]);
  pen.shadow(0.05, 0, 0.9, 0.7, 0.12);
  pen.form(polygon([0.12, -0.52, 0.68, -0.5, 0.68, 0, 0.12, 0]), mix(wall, 0x1a1028, 0.22), { puff: 0.2 });
  pen.form(polygon([-0.55, 0, -0.55, -0.5, -0.21, -0.92, 0.13, -0.5, 0.13, 0]), wall, { puff: 0.2 });
  pen.form(polygon([0.36, -0.74, 0.48, -0.74, 0.48, -1, 0.36, -1]), 0x8a5a44);
  pen.form(polygon([-0.24, -0.98, 0.44, -0.96, 0.78, -0.48, 0.12, -0.48]), roof, { puff: 0.35, grain: 16 });
  pen.form(polygon([-0.62, -0.46, -0.24, -0.98, -0.17, -0.94, -0.52, -0.44]), mix(roof, 0, 0.25));
  for (let i = 1; i < 6; i++)
    pen.line([-0.24 + i * 0.06, -0.98 + i * 0.083, 0.44 + i * 0.056, -0.96 + i * 0.08], 0.006, mix(roof, 0, 0.5), {
      opacity: 0.35,
    });
  pen.form(roundedRectangle(-0.29, -0.32, 0.17, 0.32, 0.02), mix(roof, 0x5a3a28, 0.6));
  pen.fill(ellipse(-0.15, -0.16, 0.012), 0xf2d070);
  pane(pen, -0.48, -0.34, 0.13, 0.15);
  pane(pen, -0.02, -0.34, 0.11, 0.15);
  pane(pen, -0.27, -0.66, 0.12, 0.14);
  pane(pen, 0.22, -0.36, 0.14, 0.16);
  pane(pen, 0.46, -0.36, 0.14, 0.16);
  for (let i = 0; i < 9; i++)
    pen.form(ellipse(-0.6 + i * 0.16, -0.02, 0.075, 0.055), mix(0x4a8a44, 0x9ac05a, (i % 3) / 3), { puff: 1.2 });
}

function paintLighthouse(pen: Pen, look: Look): void {
  const red = look.colors[0] ?? 0xc83a34;
  pen.form(
    blob([-0.42, 0.03, -0.3, -0.08, -0.1, -0.11, 0.15, -0.1, 0.34, -0.06, 0.45, 0.03, 0.2, 0.06, -0.2, 0.06]),
    0x6a645e,
    { grain: 22 },
  );
  const tower = [-0.14, -0.06, -0.085, -0.78, 0.085, -0.78, 0.14, -0.06];
  pen.form(polygon(tower), 0xf6f3ec, { puff: 1.2 });
  const clip = pen.clipped(polygon(tower));
  for (const y of [-0.7, -0.42, -0.14]) clip.form(rectangle(-0.2, y - 0.06, 0.4, 0.14), red, { puff: 0 });
  clip.fill(
    rectangle(0.0, -0.8, 0.2, 0.8),
    pen.linear(0, 0, 0.14, 0, [
      [0, 0x140c24, 0],
      [1, 0x140c24, 0.4],
    ]),
  );
  pen.form(rectangle(-0.12, -0.81, 0.24, 0.03), 0x3a3a42);
  pen.fill(rectangle(-0.06, -0.91, 0.12, 0.1), 0xfff2b8);
  pen.form(polygon([-0.085, -0.91, 0, -1, 0.085, -0.91]), red);
  for (const [tx, ty] of [
    [1.5, -1.05],
    [-1.5, -0.98],
  ] as const)
    pen.fill(
      polygon([0, -0.86, tx, ty - 0.12, tx, ty + 0.16]),
      pen.linear(0, -0.86, tx, ty, [
        [0, 0xfff2b0, 0.65],
        [1, 0xfff2b0, 0],
      ]),
      { blend: 'screen' },
    );
  pen.glow(0, -0.86, 0.4, 0xfff0b0, 1);
  for (const y of [-0.56, -0.28]) pen.form(roundedRectangle(-0.02, y, 0.04, 0.07, 0.02), 0x2c3440);
}

function paintCastle(pen: Pen, look: Look): void {
  const stone = look.colors[0] ?? look.random.pick([0xb5ab9c, 0x9aa0aa, 0xc9b49a]);
  const roof = look.colors[1] ?? 0x3f5a8a;
  pen.shadow(0, 0, 0.9, 0.7, 0.1);
  const tower = (x: number, w: number, top: number, dark: number): void => {
    const color = mix(stone, 0x181028, dark);
    pen.form(rectangle(x - w / 2, top, w, -top), color, { puff: 0.9, grain: 14 });
    pen.form(rectangle(x - w * 0.6, top - 0.02, w * 1.2, 0.05), mix(color, 0xffffff, 0.12));
    pen.form(polygon([x - w * 0.66, top - 0.02, x, top - w * 1.5, x + w * 0.66, top - 0.02]), roof, { puff: 0.9 });
    pen.line([x, top - w * 1.5, x, top - w * 1.5 - 0.07], 0.008, pen.tinted(0x3a3430));
    pen.fill(
      polygon([x, top - w * 1.5 - 0.07, x + 0.07, top - w * 1.5 - 0.05, x, top - w * 1.5 - 0.025]),
      pen.tinted(0xd2403a),
    );
    pen.form(roundedRectangle(x - 0.02, top + 0.08, 0.04, 0.09, 0.02), 0xffd98a, { glowing: 0.7 });
  };
  tower(-0.3, 0.16, -0.6, 0.2);
  tower(0.26, 0.17, -0.66, 0.15);
  tower(0, 0.2, -0.66, 0.08);
  pen.form(rectangle(-0.58, -0.34, 1.16, 0.34), stone, { puff: 0.3, grain: 16 });
  for (let i = 0; i < 12; i++) pen.form(rectangle(-0.58 + i * 0.1, -0.39, 0.055, 0.06), stone);
  tower(-0.6, 0.18, -0.46, 0);
  tower(0.6, 0.18, -0.46, 0.12);
  pen.form(blob([-0.11, 0, -0.11, -0.16, 0, -0.25, 0.11, -0.16, 0.11, 0], 6), 0x3a2a22);
}

function paintTemple(pen: Pen, look: Look): void {
  const red = look.colors[0] ?? 0xb83a30;
  pen.shadow(0, 0, 0.7, 0.7, 0.12);
  for (let k = 0; k < 4; k++) {
    const y = -k * 0.21;
    const w = 0.42 - k * 0.075;
    pen.form(rectangle(-w * 0.72, y - 0.17, w * 1.44, 0.17), mix(0xf0e2c8, red, 0.12), { puff: 0.3 });
    for (let i = 0; i < 4; i++) pen.form(rectangle(-w * 0.7 + (i * w * 1.34) / 3, y - 0.17, 0.03, 0.17), red);
    pen.fill(rectangle(-0.05, y - 0.13, 0.1, 0.1), 0xffd888);
    pen.shape(
      [
        -w * 1.35,
        y - 0.19,
        -w * 1.2,
        y - 0.155,
        0,
        y - 0.15,
        w * 1.2,
        y - 0.155,
        w * 1.35,
        y - 0.19,
        w * 0.7,
        y - 0.23,
        0,
        y - 0.25,
        -w * 0.7,
        y - 0.23,
      ],
      0x3a4a50,
      { puff: 0.9 },
    );
  }
  pen.limb([0, -0.86, 0, -1], [0.03, 0.008], 0xd9a93a, { gloss: 0.8 });
}

function paintWindmill(pen: Pen, look: Look): void {
  pen.shadow(0, 0, 0.4, 0.7, 0.14);
  pen.form(polygon([-0.2, 0, -0.12, -0.58, 0.12, -0.58, 0.2, 0]), look.colors[0] ?? 0xf0e8d8, { puff: 1 });
  pen.form(blob([-0.14, -0.56, -0.08, -0.7, 0.08, -0.7, 0.14, -0.56], 6), 0x7a4632);
  pen.form(roundedRectangle(-0.05, -0.16, 0.1, 0.16, 0.04), 0x6a4430);
  pane(pen, -0.035, -0.4, 0.07, 0.08);
  const turn = look.random.between(0, 0.9);
  for (let i = 0; i < 4; i++) {
    const sail = pen.within({ y: -0.6, turn: turn + (i * Math.PI) / 2 });
    sail.line([0, 0, 0, -0.4], 0.02, pen.tinted(0x5a4030));
    sail.form(polygon([0.01, -0.1, 0.11, -0.1, 0.11, -0.4, 0.01, -0.4]), 0xf6efe0, { puff: 0.3, opacity: 0.92 });
    for (let k = 0; k < 4; k++)
      sail.line([0.01, -0.14 - k * 0.08, 0.11, -0.14 - k * 0.08], 0.006, pen.tinted(0x8a6a4a));
  }
  pen.form(ellipse(0, -0.6, 0.035), 0x4a3424);
}

function paintBridge(pen: Pen, look: Look): void {
  const color = look.colors[0] ?? 0xb8432f;
  const paint = pen.tinted(color);
  for (const x of [-0.85, 0.85]) {
    pen.form(rectangle(x - 0.06, -1, 0.045, 1), color, { puff: 0.6 });
    pen.form(rectangle(x + 0.02, -1, 0.045, 1), mix(color, 0x100818, 0.25), { puff: 0.6 });
    for (const y of [-0.98, -0.76, -0.54]) pen.form(rectangle(x - 0.06, y, 0.125, 0.05), color);
  }
  const cable = (t: number): number => -0.4 - 0.57 * (t / 0.85) ** 2;
  for (let i = -16; i <= 16; i++) {
    const x = (i / 16) * 0.82;
    pen.line([x, cable(x), x, -0.3], 0.005, paint);
  }
  const main: number[] = [];
  for (let i = -12; i <= 12; i++) main.push((i / 12) * 0.85, cable((i / 12) * 0.85));
  pen.line(main, 0.018, paint);
  for (const side of [-1, 1]) {
    pen.line([side * 0.85, -0.97, side * 1.25, -0.6, side * 1.75, -0.34], 0.018, paint);
    for (let i = 1; i < 8; i++)
      pen.line([side * (0.85 + i * 0.11), -0.95 + i * 0.082, side * (0.85 + i * 0.11), -0.3], 0.005, paint);
  }
  pen.form(rectangle(-2.2, -0.32, 4.4, 0.06), color, { puff: 0.4 });
  pen.form(rectangle(-2.2, -0.26, 4.4, 0.02), mix(color, 0x100818, 0.5));
}

function paintRobot(pen: Pen, look: Look): void {
  const metal = look.colors[0] ?? look.random.pick([0xb9c2cc, 0x8fb0b8, 0xd9a85a]);
  const eye = look.neon ? 0xff4fc0 : 0x4fe0f0;
  pen.shadow(0, 0, 0.36, 0.75, 0.18);
  for (const side of [-1, 1]) {
    pen.limb([side * 0.1, -0.34, side * 0.11, -0.06], [0.1, 0.1], mix(metal, 0x30343c, 0.35), { gloss: 0.5 });
    pen.form(roundedRectangle(side * 0.12 - 0.09, -0.09, 0.18, 0.09, 0.04), metal, { gloss: 0.6 });
    pen.limb(
      [side * 0.21, -0.58, side * 0.32, -0.46, side * 0.29, -0.32],
      [0.075, 0.065, 0.06],
      mix(metal, 0x30343c, 0.35),
      { gloss: 0.5 },
    );
    pen.form(ellipse(side * 0.285, -0.285, 0.055), metal, { gloss: 0.7, puff: 1.4 });
    pen.form(ellipse(side * 0.21, -0.58, 0.06), metal, { gloss: 0.7, puff: 1.4 });
  }
  pen.form(roundedRectangle(-0.2, -0.65, 0.4, 0.34, 0.07), metal, { gloss: 0.7, puff: 1 });
  pen.form(roundedRectangle(-0.12, -0.58, 0.24, 0.15, 0.03), mix(metal, 0x20242c, 0.6));
  for (const [x, color] of [
    [-0.07, 0xf05a4a],
    [0, 0xf2c23a],
    [0.07, 0x5ad87a],
  ] as const) {
    pen.fill(ellipse(x, -0.505, 0.022), color);
    pen.glow(x, -0.505, 0.07, color, 0.7);
  }
  pen.form(rectangle(-0.05, -0.7, 0.1, 0.06), mix(metal, 0x20242c, 0.5));
  pen.form(roundedRectangle(-0.19, -0.95, 0.38, 0.26, 0.08), metal, { gloss: 0.8, puff: 1.1 });
  pen.form(roundedRectangle(-0.15, -0.9, 0.3, 0.14, 0.06), 0x1a2028, { gloss: 0.8 });
  for (const side of [-1, 1]) {
    pen.fill(ellipse(side * 0.065, -0.83, 0.035), eye);
    pen.glow(side * 0.065, -0.83, 0.13, eye, 0.9);
    pen.form(ellipse(side * 0.2, -0.82, 0.03, 0.05), mix(metal, 0x30343c, 0.4));
  }
  pen.line([-0.05, -0.735, 0, -0.725, 0.05, -0.735], 0.012, 0x2a3038);
  pen.line([0, -0.95, 0, -1], 0.014, pen.tinted(0x59606a));
  pen.form(ellipse(0, -1, 0.025), 0xf05a4a, { glowing: 1 });
}

function paintPlanet(pen: Pen, look: Look): void {
  const color = look.colors[0] ?? look.random.pick([0xd9a066, 0x8a6ad0, 0x4fa0b8, 0xc8604a]);
  if (look.traits.has('earth')) {
    paintEarth(pen, 0, -0.5, 0.5);
    return;
  }
  const ring = (from: number, to: number): void => {
    const points: number[] = [];
    for (let i = 0; i <= 30; i++) {
      const angle = from + ((to - from) * i) / 30;
      points.push(Math.cos(angle) * 0.82, -0.5 + Math.sin(angle) * 0.2 + Math.cos(angle) * -0.12);
    }
    pen.line(points, [0.1], pen.tinted(mix(color, 0xfff0d0, 0.55)), { opacity: 0.75 });
    pen.line(points, [0.03], pen.tinted(mix(color, 0x402818, 0.4)), { opacity: 0.6 });
  };
  ring(Math.PI, Math.PI * 2);
  pen.form(ellipse(0, -0.5, 0.46), color, { puff: 2 });
  const disc = pen.clipped(ellipse(0, -0.5, 0.46));
  for (let i = 0; i < 8; i++)
    disc.line(
      [-0.5, -0.86 + i * 0.1, 0, -0.82 + i * 0.1, 0.5, -0.9 + i * 0.1],
      look.random.between(0.02, 0.07),
      pen.tinted(mix(color, i % 2 === 0 ? 0xfff2dc : 0x3a1c28, 0.4)),
      { opacity: 0.4 },
    );
  disc.fill(
    ellipse(0, -0.5, 0.47),
    pen.radial(pen.stage.light.x * 0.3, -0.72, 0.85, [
      [0, 0x000010, 0],
      [0.55, 0x000010, 0.1],
      [1, 0x000010, 0.8],
    ]),
  );
  ring(0, Math.PI);
}

export const buildings: FigureTable = {
  house: { aspect: 1.5, habitat: 'ground', tall: 2, paint: paintHouse },
  lighthouse: { aspect: 0.8, habitat: 'ground', tall: 3, paint: paintLighthouse },
  castle: {
    aspect: 1.45,
    habitat: 'ground',
    tall: 3.4,
    paint: (pen, look) => paintCastle(pen.within({ scale: 0.92 }), look),
  },
  temple: { aspect: 1.15, habitat: 'ground', tall: 2.8, paint: paintTemple },
  windmill: { aspect: 0.85, habitat: 'ground', tall: 2.4, paint: paintWindmill },
  bridge: { aspect: 3.4, habitat: 'water', tall: 2.4, paint: paintBridge },
  robot: { aspect: 0.75, habitat: 'ground', tall: 0.95, paint: paintRobot },
  planet: {
    aspect: 1.5,
    habitat: 'air',
    tall: 2.6,
    paint: (pen, look) => (look.traits.has('moon') ? paintMoon(pen, 0, -0.5, 0.5) : paintPlanet(pen, look)),
  },
};
