import type { Color } from '../../raster/color.ts';
import { mix } from '../../raster/color.ts';
import { blob, ellipse } from '../../raster/shapes.ts';
import type { Pen } from '../pen.ts';
import type { Look } from './figure.ts';
import type { Species } from './species.ts';

export function paintAnimalHead(
  pen: Pen,
  look: Look,
  kind: Species,
  coat: Color,
  pale: Color,
  striped: boolean,
  hair: number,
  density: number,
): void {
  if (kind.mane !== undefined) {
    const mane = pen.form(
      blob([
        0, -0.32, 0.22, -0.25, 0.33, -0.04, 0.28, 0.18, 0.12, 0.32, -0.12, 0.32, -0.28, 0.18, -0.33, -0.04, -0.22,
        -0.25,
      ]),
      kind.mane,
      { puff: 1 },
    );
    pen.fur(mane, kind.mane, 0.13, 520 * density, [0, 0.1]);
  }
  if (kind.ears !== 'floppy') paintEars(pen, kind, coat, pale, hair, density);
  const outline = [
    0, -0.2, 0.13, -0.175, 0.2, -0.08, 0.225, 0.03, 0.15, 0.125, 0, 0.165, -0.15, 0.125, -0.225, 0.03, -0.2, -0.08,
    -0.13, -0.175,
  ];
  const head = pen.shape(outline, coat, { puff: 1.35 });
  pen.fur(head, coat, 0.05 * hair, 330 * density, [0, 0.25]);
  if (kind.mask !== undefined) {
    for (const side of [-1, 1]) {
      const cheek = pen.shape(
        [side * 0.02, 0.15, side * 0.02, 0.02, side * 0.1, 0.035, side * 0.215, 0.02, side * 0.15, 0.125],
        kind.mask,
        { puff: 0.8 },
      );
      pen.fur(cheek, kind.mask, 0.05, 60 * density, [side * 0.5, 0.6]);
    }
  }
  if (striped && kind.stripes !== undefined) {
    for (const x of [-0.06, 0, 0.06])
      pen.line([x * 1.2, -0.19, x, -0.13, x * 0.8, -0.09], [0.022, 0.018, 0.003], kind.stripes, { opacity: 0.6 });
    for (const side of [-1, 1]) {
      for (const dy of [0, 0.045])
        pen.line([side * 0.215, dy, side * 0.16, 0.01 + dy, side * 0.12, dy], [0.02, 0.014, 0.002], kind.stripes, {
          opacity: 0.55,
        });
    }
  }
  if (kind.ears === 'floppy') paintEars(pen, kind, coat, pale, hair, density);
  paintFace(pen, look, kind, pale, density);
}

function paintEars(pen: Pen, kind: Species, coat: Color, pale: Color, hair: number, density: number): void {
  const inner = mix(pale, 0xd88a86, 0.55);
  for (const side of [-1, 1]) {
    if (kind.ears === 'pointed' || kind.ears === 'tufts') {
      const lean = kind.ears === 'tufts' ? 0.7 : 1;
      const ear = pen.form(
        blob(
          [
            side * 0.055,
            -0.15,
            side * 0.1,
            -0.27 * lean,
            side * 0.19,
            -0.345 * lean,
            side * 0.215,
            -0.25 * lean,
            side * 0.22,
            -0.06,
          ],
          8,
        ),
        kind.dark ?? coat,
        { puff: 1 },
      );
      pen.form(
        blob(
          [
            side * 0.09,
            -0.15,
            side * 0.125,
            -0.24 * lean,
            side * 0.18,
            -0.3 * lean,
            side * 0.19,
            -0.22 * lean,
            side * 0.185,
            -0.11,
          ],
          8,
        ),
        inner,
        { puff: 0.8 },
      );
      pen.fur(ear, coat, 0.035 * hair, 30 * density, [0, -1]);
    } else if (kind.ears === 'round') {
      pen.form(ellipse(side * 0.165, -0.17, 0.075, 0.075), kind.dark ?? coat, { puff: 1.2 });
      pen.form(ellipse(side * 0.16, -0.165, 0.045, 0.045), inner, { puff: 0.8 });
    } else if (kind.ears === 'long') {
      const ear = pen.shape(
        [
          side * 0.03,
          -0.13,
          side * 0.045,
          -0.3,
          side * 0.1,
          -0.47,
          side * 0.155,
          -0.46,
          side * 0.16,
          -0.3,
          side * 0.12,
          -0.12,
        ],
        coat,
        { puff: 1.2 },
      );
      pen.shape(
        [
          side * 0.06,
          -0.17,
          side * 0.075,
          -0.31,
          side * 0.11,
          -0.43,
          side * 0.135,
          -0.4,
          side * 0.13,
          -0.28,
          side * 0.1,
          -0.16,
        ],
        inner,
        { puff: 0.7 },
      );
      pen.fur(ear, coat, 0.025, 40 * density, [0, -1]);
    } else {
      const ear = pen.shape(
        [
          side * 0.1,
          -0.185,
          side * 0.2,
          -0.175,
          side * 0.27,
          -0.06,
          side * 0.265,
          0.075,
          side * 0.21,
          0.105,
          side * 0.165,
          0.02,
          side * 0.15,
          -0.08,
        ],
        mix(coat, 0x6b3a14, 0.28),
        { puff: 1.2 },
      );
      pen.fur(ear, mix(coat, 0x6b3a14, 0.28), 0.05 * hair, 90 * density, [0, 1]);
    }
  }
}

function paintFace(pen: Pen, look: Look, kind: Species, pale: Color, density: number): void {
  const owl = kind.ears === 'tufts';
  const size = owl ? 0.075 : 0.05;
  for (const side of [-1, 1]) {
    const x = side * (owl ? 0.085 : 0.092);
    const y = owl ? -0.04 : -0.022;
    if (owl) pen.form(ellipse(x, y, 0.11), pale, { puff: 0.5 });
    if (kind.patch !== undefined) pen.form(ellipse(x, y + 0.012, 0.075, 0.09, side * 0.5), kind.patch, { puff: 0.6 });
    paintEye(pen, x, y, size, look.neon ? 0x29f0ff : kind.eye, kind.slit === true, side, look.neon);
  }
  if (owl) {
    pen.form(blob([-0.03, 0.0, 0.03, 0.0, 0.012, 0.07, 0, 0.095, -0.012, 0.07]), 0xd9a23c, { gloss: 0.5 });
    return;
  }
  const m = kind.muzzle;
  for (const side of [-1, 1]) {
    const pad = pen.form(
      ellipse(side * 0.036 * (0.7 + m * 0.3), 0.083, 0.05 * (0.75 + m * 0.25), 0.038 + m * 0.012),
      pale,
      { puff: 1.1 },
    );
    pen.fur(pad, pale, 0.02, 30 * density, [side * 0.4, 0.5]);
  }
  pen.form(ellipse(0, 0.118 + m * 0.008, 0.036, 0.022), pale, { puff: 1 });
  pen.form(
    blob([-0.03 - m * 0.008, 0.036, 0, 0.03, 0.03 + m * 0.008, 0.036, 0.012, 0.066, 0, 0.071, -0.012, 0.066]),
    kind.nose,
    { gloss: 0.8, puff: 1.2 },
  );
  const mouth = 0x3a2226;
  for (const side of [-1, 1])
    pen.line([0, 0.07, side * 0.01, 0.098, side * 0.045, 0.098], [0.006, 0.006, 0.002], mouth, { opacity: 0.85 });
  if (m < 1.2) {
    for (const side of [-1, 1]) {
      for (const dy of [-0.025, 0, 0.025])
        pen.line(
          [side * 0.06, 0.085 + dy * 0.4, side * 0.17, 0.075 + dy, side * 0.285, 0.085 + dy * 2],
          [0.0035, 0.003, 0.001],
          0xf6f2ea,
          { opacity: 0.75 },
        );
    }
  }
}

function paintEye(
  pen: Pen,
  x: number,
  y: number,
  r: number,
  iris: Color,
  slit: boolean,
  side: number,
  neon: boolean,
): void {
  pen.fill(ellipse(x, y, r * 1.16, r * 1.12), 0x1c1417);
  pen.fill(
    ellipse(x, y, r, r * 0.98),
    pen.radial(x, y + r * 0.3, r * 1.2, [
      [0, mix(iris, 0xffffff, 0.4)],
      [0.6, iris],
      [1, mix(iris, 0x0a0608, 0.6)],
    ]),
  );
  pen.fill(ellipse(x, y, slit ? r * 0.42 : r * 0.62, r * 0.74), 0x0b090c);
  pen.fill(ellipse(x - r * 0.3, y - r * 0.36, r * 0.24), 0xffffff);
  pen.fill(ellipse(x + r * 0.3, y + r * 0.4, r * 0.12), 0xffffff, { opacity: 0.6 });
  pen.line([x - r * 1.15, y - r * 0.3, x, y - r * 1.12, x + r * 1.15, y - r * 0.3], [0.002, 0.012, 0.002], 0x1a1215, {
    opacity: 0.7,
  });
  if (neon) pen.glow(x, y, r * 3.4, side < 0 ? 0x29f0ff : 0xff3fb4, 0.75);
}
