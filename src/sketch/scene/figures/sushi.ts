import { mix } from '../../raster/color.ts';
import { blob, ellipse } from '../../raster/shapes.ts';
import type { Pen } from '../pen.ts';
import type { Look } from './figure.ts';
import { paintPlate } from './plate.ts';

/** Seen from above at an angle: salmon and prawn on rice, and two rolls. */
export function paintSushi(pen: Pen, look: Look): void {
  paintPlate(pen, 0, -0.2, 0.82, look.traits.has('wooden') ? 0xb8844e : 0x2f3a48);
  paintRoll(pen, 0.28, -0.42, 0.19, 0xf08a4a);
  paintRoll(pen, -0.12, -0.52, 0.17, 0x8cc05a);
  paintNigiri(pen.within({ x: -0.36, y: -0.24, scale: 0.62 }), 0xf4814a, look);
  paintNigiri(pen.within({ x: 0.12, y: -0.1, scale: 0.66 }), look.random.pick([0xd8443c, 0xf4a05a]), look);
  pen.shape([0.5, -0.24, 0.56, -0.33, 0.66, -0.32, 0.7, -0.24, 0.62, -0.2], 0x9ac45a, { puff: 1.4 });
  for (let i = 0; i < 4; i++)
    pen.form(ellipse(-0.62 + i * 0.05, -0.14 - i * 0.018, 0.075, 0.042, -0.5), 0xf6b8b0, { puff: 1 });
}

function paintNigiri(pen: Pen, color: number, look: Look): void {
  const rice = pen.shape(
    [-0.42, -0.02, -0.44, -0.16, -0.3, -0.26, 0.3, -0.26, 0.44, -0.16, 0.42, -0.02, 0.2, 0.06, -0.2, 0.06],
    0xf8f5ec,
    { puff: 1.3 },
  );
  if (rice)
    for (let i = 0; i < 46; i++)
      pen.form(
        ellipse(
          look.random.between(-0.38, 0.38),
          look.random.between(-0.16, 0.03),
          0.035,
          0.018,
          look.random.between(-1, 1),
        ),
        0xfdfbf4,
        { puff: 1.2 },
      );
  const outline = [-0.5, -0.12, -0.4, -0.3, 0, -0.38, 0.4, -0.3, 0.5, -0.12, 0.3, -0.16, 0, -0.18, -0.3, -0.16];
  pen.shape(outline, color, { puff: 1.2, gloss: 0.8 });
  const top = pen.clipped(blob(outline));
  for (let i = 0; i < 7; i++)
    top.line(
      [-0.42 + i * 0.13, -0.4, -0.36 + i * 0.13, -0.27, -0.44 + i * 0.13, -0.1],
      [0.01, 0.026, 0.01],
      pen.tinted(mix(color, 0xffffff, 0.7)),
      { opacity: 0.75 },
    );
}

function paintRoll(pen: Pen, x: number, y: number, r: number, filling: number): void {
  pen.shadow(x, y + r * 1.05, r * 1.5, 0.5, 0.35);
  pen.shape(
    [
      x - r,
      y,
      x + r,
      y,
      x + r,
      y + r * 0.75,
      x + r * 0.6,
      y + r * 1.05,
      x - r * 0.6,
      y + r * 1.05,
      x - r,
      y + r * 0.75,
    ],
    0x1e2f2a,
    { puff: 1.1, gloss: 0.3 },
  );
  pen.form(ellipse(x, y, r, r * 0.5), 0x22362f, { puff: 0.6 });
  pen.form(ellipse(x, y, r * 0.88, r * 0.43), 0xfbf8f0, { puff: 0.8, grain: 16 });
  pen.form(ellipse(x - r * 0.1, y, r * 0.4, r * 0.2), filling, { puff: 1 });
  pen.form(ellipse(x + r * 0.22, y + r * 0.04, r * 0.2, r * 0.12), 0x7ab850, { puff: 1 });
}
