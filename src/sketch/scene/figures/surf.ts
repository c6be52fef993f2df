import { mix } from '../../raster/color.ts';
import { ellipse } from '../../raster/shapes.ts';
import type { Pen } from '../pen.ts';
import type { Look } from './figure.ts';

/** A wave that curls, and the board that runs before it. */
export function paintSurf(pen: Pen, look: Look): void {
  const water = pen.tinted(0x2f8fb0);
  pen.shape(
    [
      -1, 0.02, -0.94, -0.34, -0.74, -0.74, -0.4, -0.97, -0.08, -1, 0.16, -0.9, 0.28, -0.74, 0.1, -0.82, -0.12, -0.74,
      -0.1, -0.48, 0.14, -0.26, 0.6, -0.12, 1, 0.04,
    ],
    0x2f8fb0,
    { gloss: 0.8, puff: 0.9 },
  );
  for (let i = 0; i < 7; i++) {
    const x = -0.86 + i * 0.1;
    pen.line([x, -0.1, x + 0.05, -0.4, x + 0.26, -0.72 - i * 0.02], [0.006, 0.02, 0.004], mix(water, 0xffffff, 0.5), {
      opacity: 0.6,
    });
  }
  for (let i = 0; i < 16; i++)
    pen.form(
      ellipse(-0.52 + i * 0.05, -0.93 - Math.sin(i * 0.21) * 0.06 + look.random.between(0, 0.04), 0.06),
      0xf4fafc,
      { puff: 1 },
    );
  for (let i = 0; i < 26; i++)
    pen.form(ellipse(look.random.between(-0.95, 0.98), look.random.between(-0.03, 0.05), 0.07, 0.035), 0xf0f8fb, {
      puff: 0.8,
    });
  const board = look.colors[0] ?? 0xf2c23a;
  pen.shape([-0.62, -0.14, -0.3, -0.2, 0.3, -0.21, 0.72, -0.3, 0.4, -0.12, -0.3, -0.09], board, { gloss: 0.7 });
  pen.line([-0.55, -0.14, 0.1, -0.16, 0.6, -0.24], 0.016, pen.tinted(0xd8403a));
}
