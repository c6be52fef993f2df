import type { Color } from '../../raster/color.ts';
import { mix } from '../../raster/color.ts';
import { blob, ellipse, roundedRectangle } from '../../raster/shapes.ts';
import type { Pen } from '../pen.ts';

export interface HeadSpec {
  readonly skin: Color;
  readonly hair: Color;
  readonly style: 'short' | 'long' | 'bun' | 'thin' | 'curly' | 'bald';
  readonly eye: Color;
  readonly old?: boolean;
  readonly young?: boolean;
  readonly feminine?: boolean;
  readonly smile?: boolean;
  readonly beard?: boolean;
  readonly glasses?: boolean;
  readonly visor?: boolean;
  readonly hat?: 'chef' | 'cap' | 'helmet';
}

/** A face in its own units: one unit from chin to crown, centred on (0, 0). */
export function paintHead(pen: Pen, spec: HeadSpec): void {
  const fine = pen.scale > 60;
  const shade = mix(spec.skin, 0x7a2f22, 0.4);
  if (spec.style === 'long')
    pen.shape(
      [
        0, -0.58, 0.32, -0.5, 0.47, -0.15, 0.5, 0.35, 0.42, 0.72, 0.2, 0.62, -0.2, 0.62, -0.42, 0.72, -0.5, 0.35, -0.47,
        -0.15, -0.32, -0.5,
      ],
      mix(spec.hair, 0x000000, 0.15),
      { puff: 0.9 },
    );
  if (spec.style === 'bun') pen.form(ellipse(0, -0.6, 0.17, 0.15), spec.hair, { puff: 1.2 });
  if (spec.style === 'curly')
    pen.fur(
      pen.shape([0, -0.66, 0.38, -0.56, 0.54, -0.2, 0.46, 0.2, -0.46, 0.2, -0.54, -0.2, -0.38, -0.56], spec.hair, {
        puff: 1,
      }),
      spec.hair,
      0.13,
      200,
      [0, -0.2],
    );
  for (const side of [-1, 1])
    pen.form(ellipse(side * 0.385, 0.06, 0.06, 0.1), mix(spec.skin, shade, 0.25), { puff: 1 });
  const jaw = spec.feminine || spec.young ? 0.25 : 0.29;
  pen.shape(
    [
      0,
      -0.52,
      0.25,
      -0.46,
      0.37,
      -0.22,
      0.375,
      0.05,
      0.34,
      0.26,
      jaw * 0.78,
      0.43,
      0,
      0.5,
      -jaw * 0.78,
      0.43,
      -0.34,
      0.26,
      -0.375,
      0.05,
      -0.37,
      -0.22,
      -0.25,
      -0.46,
    ],
    spec.skin,
    { puff: 1, grain: 4 },
  );
  for (const side of [-1, 1]) {
    pen.fill(
      ellipse(side * 0.22, 0.2, 0.12, 0.085),
      pen.radial(side * 0.22, 0.2, 0.12, [
        [0, 0xe0604a, 0.24],
        [1, 0xe0604a, 0],
      ]),
    );
    pen.fill(
      ellipse(side * 0.155, 0.01, 0.115, 0.08),
      pen.radial(side * 0.155, 0.01, 0.115, [
        [0, pen.tinted(shade), 0.34],
        [1, pen.tinted(shade), 0],
      ]),
    );
  }
  for (const side of [-1, 1]) paintFaceSide(pen, spec, side, shade, fine);
  paintNoseAndMouth(pen, spec, shade);
  if (spec.old && fine) paintWrinkles(pen, shade);
  if (spec.beard) {
    const beard = pen.shape(
      [
        -0.35, 0.12, -0.24, 0.26, -0.12, 0.25, 0, 0.22, 0.12, 0.25, 0.24, 0.26, 0.35, 0.12, 0.32, 0.4, 0.16, 0.6, 0,
        0.66, -0.16, 0.6, -0.32, 0.4,
      ],
      spec.hair,
      { puff: 0.8 },
    );
    pen.fur(beard, spec.hair, 0.11, 220, [0, 1]);
    pen.line([-0.09, 0.315, 0, 0.335, 0.09, 0.315], 0.022, pen.tinted(mix(shade, 0x501818, 0.5)));
  }
  paintHair(pen, spec);
  paintExtras(pen, spec);
}

function paintFaceSide(pen: Pen, spec: HeadSpec, side: number, shade: Color, fine: boolean): void {
  const x = side * 0.155;
  const y = 0.02;
  const big = spec.young ? 1.3 : spec.feminine ? 1.12 : 1;
  const [w, h] = [0.082 * big, (spec.old ? 0.036 : 0.049) * big];
  pen.fill(
    blob([
      x - w,
      y + 0.005,
      x - w * 0.4,
      y - h,
      x + w * 0.4,
      y - h,
      x + w,
      y + 0.005,
      x + w * 0.4,
      y + h * 0.8,
      x - w * 0.4,
      y + h * 0.8,
    ]),
    pen.tinted(0xf7f3ee),
  );
  pen.fill(ellipse(x, y - 0.002, h * 0.98), pen.tinted(spec.eye));
  pen.fill(ellipse(x, y - 0.002, h * 0.5), 0x0d0a0c);
  if (fine) pen.fill(ellipse(x - h * 0.35, y - h * 0.42, h * 0.25), 0xffffff);
  pen.line(
    [x - w * 1.06, y + 0.008, x - w * 0.4, y - h * 1.05, x + w * 0.4, y - h * 1.05, x + w * 1.06, y + 0.008],
    spec.feminine ? [0.012, 0.024, 0.024, 0.012] : [0.008, 0.016, 0.016, 0.008],
    0x241616,
    { opacity: 0.9 },
  );
  const brow = spec.style === 'bald' || spec.old ? mix(spec.hair, shade, 0.3) : spec.hair;
  const tilt = spec.old ? 0.012 : -0.012;
  pen.line(
    [side * 0.075, -0.108, side * 0.16, -0.135 + tilt, side * 0.25, -0.088],
    spec.feminine ? [0.022, 0.026, 0.008] : [0.036, 0.04, 0.014],
    pen.tinted(mix(brow, 0x120c0a, 0.25)),
    { opacity: 0.85 },
  );
}

function paintNoseAndMouth(pen: Pen, spec: HeadSpec, shade: Color): void {
  const tinted = pen.tinted(shade);
  const lx = pen.stage.light.x > 0 ? -1 : 1;
  pen.fill(blob([0.01 * lx, -0.05, 0.05 * lx, 0.09, 0.075 * lx, 0.18, 0, 0.205, 0.012 * lx, 0.06]), tinted, {
    opacity: 0.34,
  });
  pen.line([-0.055, 0.175, -0.025, 0.2, 0, 0.205, 0.025, 0.2, 0.055, 0.175], [0.008, 0.016, 0.008], tinted, {
    opacity: 0.7,
  });
  pen.fill(ellipse(-0.012 * lx, 0.15, 0.022, 0.03), pen.tinted(0xffffff), { opacity: 0.22 });
  const lips = pen.tinted(spec.feminine ? mix(spec.skin, 0xb8283a, 0.62) : mix(spec.skin, 0x9a3a34, 0.45));
  if (spec.smile) {
    pen.fill(
      blob([-0.125, 0.285, -0.05, 0.29, 0, 0.295, 0.05, 0.29, 0.125, 0.285, 0.07, 0.36, 0, 0.378, -0.07, 0.36]),
      lips,
    );
    pen.fill(blob([-0.1, 0.298, 0, 0.308, 0.1, 0.298, 0.055, 0.335, 0, 0.342, -0.055, 0.335]), pen.tinted(0xfbf8f2));
    return;
  }
  pen.fill(
    blob([-0.105, 0.315, -0.035, 0.293, 0, 0.3, 0.035, 0.293, 0.105, 0.315, 0.05, 0.352, 0, 0.36, -0.05, 0.352]),
    lips,
  );
  pen.line([-0.105, 0.315, 0, 0.322, 0.105, 0.315], [0.006, 0.012, 0.006], mix(lips, 0x2a0c0c, 0.6));
}

function paintWrinkles(pen: Pen, shade: Color): void {
  const color = pen.tinted(shade);
  for (const side of [-1, 1]) {
    for (const dy of [-0.02, 0.02, 0.055])
      pen.line([side * 0.25, 0.02 + dy * 0.6, side * 0.32, 0.02 + dy * 1.7], [0.009, 0.003], color, { opacity: 0.55 });
    pen.line([side * 0.085, 0.19, side * 0.15, 0.27, side * 0.155, 0.34], [0.012, 0.014, 0.003], color, {
      opacity: 0.55,
    });
    pen.line([side * 0.09, 0.095, side * 0.16, 0.12, side * 0.23, 0.09], [0.004, 0.01, 0.003], color, { opacity: 0.5 });
  }
  for (const y of [-0.22, -0.28, -0.33])
    pen.line([-0.19, y + 0.01, 0, y - 0.008, 0.19, y + 0.01], [0.002, 0.01, 0.002], color, { opacity: 0.4 });
}

function paintHair(pen: Pen, spec: HeadSpec): void {
  if (spec.style === 'bald' || spec.hat) return;
  if (spec.style === 'thin') {
    for (const side of [-1, 1]) {
      const tuft = pen.shape(
        [
          side * 0.3,
          -0.3,
          side * 0.4,
          -0.24,
          side * 0.43,
          -0.02,
          side * 0.385,
          0.05,
          side * 0.355,
          -0.06,
          side * 0.34,
          -0.18,
        ],
        spec.hair,
        { puff: 1 },
      );
      pen.fur(tuft, spec.hair, 0.06, 40, [side * 0.3, 0.4]);
    }
    const top = pen.shape(
      [-0.29, -0.34, -0.2, -0.5, 0, -0.56, 0.2, -0.5, 0.29, -0.34, 0.17, -0.43, 0, -0.455, -0.17, -0.43],
      spec.hair,
      { puff: 0.8 },
    );
    pen.fur(top, spec.hair, 0.08, 80, [0.6, -0.1]);
    return;
  }
  const part = spec.style === 'short' ? 0.1 : -0.06;
  const cap = pen.shape(
    [
      -0.4,
      0.0,
      -0.43,
      -0.22,
      -0.33,
      -0.5,
      -0.1,
      -0.6,
      0.15,
      -0.6,
      0.35,
      -0.48,
      0.43,
      -0.22,
      0.4,
      0.0,
      0.355,
      -0.16,
      0.27,
      -0.27,
      part,
      -0.36,
      -0.2,
      -0.26,
      -0.34,
      -0.17,
    ],
    spec.hair,
    { puff: 1.1, gloss: 0.25 },
  );
  pen.fur(cap, spec.hair, 0.08, 260, [0.25, 0.9]);
  if (spec.style === 'short' && spec.feminine) {
    for (const side of [-1, 1]) {
      pen.limb(
        [side * 0.35, -0.28, side * 0.43, 0, side * 0.4, 0.24, side * 0.34, 0.34],
        [0.1, 0.13, 0.12, 0.03],
        spec.hair,
        { gloss: 0.3 },
      );
    }
  }
  if (spec.style !== 'long') return;
  for (const side of [-1, 1]) {
    pen.limb(
      [side * 0.36, -0.25, side * 0.43, 0.1, side * 0.4, 0.5, side * 0.34, 0.78],
      [0.12, 0.15, 0.14, 0.04],
      spec.hair,
      { gloss: 0.3 },
    );
  }
}

function paintExtras(pen: Pen, spec: HeadSpec): void {
  if (spec.glasses) {
    for (const side of [-1, 1]) {
      pen.fill(ellipse(side * 0.165, 0.03, 0.125, 0.105), 0xbfe0f0, { opacity: 0.2 });
      pen.line(Array.from(ellipse(side * 0.165, 0.03, 0.125, 0.105)), 0.02, 0x2a2326);
    }
    pen.line([-0.045, 0.015, 0, 0, 0.045, 0.015], 0.02, 0x2a2326);
  }
  if (spec.visor) {
    pen.form(roundedRectangle(-0.4, -0.085, 0.8, 0.2, 0.09), 0x141826, { gloss: 1 });
    pen.line([-0.34, 0.02, 0, 0.035, 0.34, 0.02], 0.03, 0x35f0ff);
    pen.glow(0, 0.02, 0.6, 0x35f0ff, 0.5);
  }
  if (spec.hat === 'chef') {
    pen.shape(
      [
        -0.33, -0.36, -0.5, -0.62, -0.4, -0.86, -0.18, -0.84, 0, -0.96, 0.18, -0.84, 0.4, -0.86, 0.5, -0.62, 0.33,
        -0.36,
      ],
      0xf8f6f2,
      { puff: 1.2 },
    );
    pen.form(roundedRectangle(-0.37, -0.5, 0.74, 0.2, 0.04), 0xefece6, { puff: 0.8 });
  } else if (spec.hat === 'cap') {
    pen.shape([-0.41, -0.22, -0.38, -0.5, 0, -0.63, 0.38, -0.5, 0.41, -0.22, 0, -0.29], 0x4a4f58, { puff: 1 });
    pen.shape([-0.36, -0.26, 0, -0.33, 0.36, -0.26, 0.3, -0.17, 0, -0.2, -0.3, -0.17], 0x383c44, { puff: 0.8 });
  }
}
