import type { Pixels } from '../../contracts/media.ts';
import { Canvas } from '../raster/canvas.ts';
import { boxBlur, enlarged } from './soft-copy.ts';

/** Writes how much each pixel of row `y` of `picture` belongs to a region, 0 .. 255. */
export type RegionRow = (y: number, picture: Pixels, out: Uint8Array) => void;

/**
 * Carries a region found on a small copy to full size. Near its border a pixel belongs to it by likeness to the region's colours
 * around there: one small picture holds those colours, spread outwards, another how near the border is.
 */
export function regionReader(picture: Pixels, small: Canvas, inside: Uint8Array): RegionRow {
  const { width, height } = small;
  const presence = new Canvas(width, height, 0);
  for (const [at, is] of inside.entries()) presence.data.fill(is * 255, at * 4, at * 4 + 3);
  boxBlur(presence, 1.6);
  const colours = enlarged(spreadColours(small, inside), picture.width, picture.height);
  const nearness = enlarged(presence, picture.width, picture.height);
  const colour = new Uint8ClampedArray(picture.width * 3);
  const near = new Uint8ClampedArray(picture.width * 3);
  return (y, source, out) => {
    nearness.readRow(y, near);
    colours.readRow(y, colour);
    const data = source.data;
    for (let x = 0, at = y * source.width * 4; x < source.width; x++, at += 4) {
      const share = near[x * 3] ?? 0;
      if (share < 8) {
        out[x] = 0;
      } else if (share > 250) {
        out[x] = 255;
      } else {
        const away = Math.max(
          Math.abs((data[at] ?? 0) - (colour[x * 3] ?? 0)),
          Math.abs((data[at + 1] ?? 0) - (colour[x * 3 + 1] ?? 0)),
          Math.abs((data[at + 2] ?? 0) - (colour[x * 3 + 2] ?? 0)),
        );
        out[x] = away <= 14 ? 255 : away >= 40 ? 0 : (255 * (40 - away)) / 26;
      }
    }
  };
}

/** Carries each colour of the region outwards over the pixels that are not in it: down, up, then sideways. */
function spreadColours(small: Canvas, inside: Uint8Array): Canvas {
  const { width, height } = small;
  const canvas = new Canvas(width, height, small.data.slice());
  const known = inside.slice();
  const carry = (from: number, to: number) => {
    if (known[from] !== 1 || known[to] === 1) return;
    canvas.words[to] = canvas.words[from] ?? 0;
    known[to] = 1;
  };
  for (let at = width; at < known.length; at++) carry(at - width, at);
  for (let at = known.length - width - 1; at >= 0; at--) carry(at + width, at);
  for (let at = 1; at < known.length; at++) if (at % width !== 0) carry(at - 1, at);
  for (let at = known.length - 2; at >= 0; at--) if ((at + 1) % width !== 0) carry(at + 1, at);
  return canvas;
}
