import { mix } from '../../raster/color.ts';
import { ellipse } from '../../raster/shapes.ts';
import type { Pen } from '../pen.ts';

export function paintPlate(pen: Pen, x: number, y: number, r: number, color = 0xf4f2ee): void {
  pen.shadow(x, y + r * 0.06, r * 1.25, 0.6, 0.4);
  pen.form(ellipse(x, y, r, r * 0.42), color, { puff: 0.5, gloss: 0.5 });
  pen.form(ellipse(x, y - r * 0.012, r * 0.78, r * 0.32), mix(color, 0xb8bcc4, 0.16), { puff: -0.5 });
}
