import { mix } from '../../raster/color.ts';
import { blob, ellipse, roundedRectangle } from '../../raster/shapes.ts';
import type { Pen } from '../pen.ts';
import type { Look } from './figure.ts';

export function paintAstronaut(pen: Pen, look: Look): void {
  const suit = look.colors[0] ?? 0xe9ebee;
  pen.shadow(0, 0.004, 0.34, 0.75, 0.18);
  pen.form(roundedRectangle(-0.2, -0.78, 0.4, 0.42, 0.07), mix(suit, 0x8a929c, 0.5));
  for (const side of [-1, 1]) {
    pen.limb([side * 0.08, -0.42, side * 0.105, -0.22, side * 0.11, -0.06], [0.17, 0.15, 0.14], suit, { puff: 1.4 });
    pen.shape([side * 0.04, -0.09, side * 0.18, -0.09, side * 0.2, 0, side * 0.03, 0.004], mix(suit, 0x59626e, 0.4), {
      puff: 1.2,
    });
    pen.limb([side * 0.15, -0.68, side * 0.25, -0.54, side * 0.24, -0.4], [0.14, 0.12, 0.11], suit, { puff: 1.4 });
    pen.form(ellipse(side * 0.24, -0.37, 0.055), mix(suit, 0x59626e, 0.35), { puff: 1.3 });
    for (const y of [-0.28, -0.14])
      pen.line([side * 0.03, y, side * 0.105, y + 0.015, side * 0.18, y], 0.009, pen.tinted(0x9aa2ac), {
        opacity: 0.7,
      });
  }
  pen.shape(
    [-0.17, -0.72, 0, -0.76, 0.17, -0.72, 0.19, -0.52, 0.16, -0.38, 0, -0.35, -0.16, -0.38, -0.19, -0.52],
    suit,
    { puff: 1.3 },
  );
  pen.form(roundedRectangle(-0.09, -0.62, 0.18, 0.11, 0.02), 0xc4c9cf);
  for (const [x, color] of [
    [-0.055, 0xd8403a],
    [0, 0x3f8ad0],
    [0.055, 0xf0c040],
  ] as const)
    pen.form(ellipse(x, -0.565, 0.016), color, { gloss: 0.8 });
  pen.form(ellipse(0, -0.83, 0.17, 0.165), suit, { puff: 1.5, gloss: 0.6 });
  const visor = blob([-0.12, -0.86, 0, -0.935, 0.12, -0.86, 0.115, -0.77, 0, -0.725, -0.115, -0.77]);
  pen.form(visor, look.neon ? 0x1b1440 : 0x1a2a44, { puff: 1.3, gloss: 1 });
  pen.fill(blob([-0.095, -0.86, -0.03, -0.905, -0.04, -0.84, -0.09, -0.79]), look.neon ? 0xff4fc0 : 0xf4c86a, {
    opacity: 0.55,
  });
  pen.fill(ellipse(0.055, -0.79, 0.03, 0.018, -0.5), 0x8ed4ff, { opacity: 0.5 });
}
