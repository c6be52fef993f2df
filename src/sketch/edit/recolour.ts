import type { Canvas } from '../raster/canvas.ts';
import { blueOf, type Color, greenOf, redOf } from '../raster/color.ts';
import { type ColourMatch, hsvOf, rgbOf } from './colour-match.ts';
import type { RegionRow } from './region-reader.ts';

export interface Recolouring {
  readonly from: ColourMatch;
  readonly to: Color;
  /** Only inside this region. */
  readonly region?: RegionRow;
}

interface Shift extends Recolouring {
  readonly hue: number;
  readonly saturation: number;
  readonly value: number;
}

/**
 * Paints what matches one colour in another; light and shade stay, since value and saturation are scaled by how the new colour
 * differs from the average of the old. Several are done at once, so that two colours can change places.
 */
export function recolour(canvas: Canvas, recolourings: readonly Recolouring[]): void {
  const shifts = recolourings.map((one) => shiftOf(canvas, one));
  const { width, height, data } = canvas;
  const out = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  const share = new Uint8Array(width);
  for (let y = 0; y < height; y++) {
    const row = y * width * 4;
    // The match is asked of the row as it was, or a colour that was just painted would be painted back.
    const before = shifts.length > 1 ? data.slice(row, row + width * 4) : data.subarray(row, row + width * 4);
    for (const shift of shifts) {
      shift.region?.(y, canvas, share);
      for (let x = 0; x < width; x++) {
        const inside = shift.region === undefined ? 1 : (share[x] ?? 0) / 255;
        if (inside > 0) shiftPixel(before, x * 4, out, row + x * 4, shift, inside);
      }
    }
  }
}

function shiftPixel(
  before: Uint8Array,
  from: number,
  out: Uint8ClampedArray,
  at: number,
  shift: Shift,
  inside: number,
): void {
  const r = before[from] ?? 0;
  const g = before[from + 1] ?? 0;
  const b = before[from + 2] ?? 0;
  const k = shift.from(r, g, b) * inside;
  if (k === 0) return;
  const [, saturation, value] = hsvOf(r, g, b);
  const newValue = Math.min(1, value * shift.value);
  const [nr, ng, nb] = rgbOf(shift.hue, Math.min(1, saturation * shift.saturation), newValue);
  out[at] = r + (nr - r) * k;
  out[at + 1] = g + (ng - g) * k;
  out[at + 2] = b + (nb - b) * k;
}

function shiftOf(canvas: Canvas, recolouring: Recolouring): Shift {
  const { width, height, data } = canvas;
  const step = Math.max(1, Math.floor(Math.max(width, height) / 300));
  let weight = 0;
  let saturation = 0;
  let value = 0;
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) {
      const at = (y * width + x) * 4;
      const k = recolouring.from(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
      if (k === 0) continue;
      const [, s, v] = hsvOf(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
      weight += k;
      saturation += s * k;
      value += v * k;
    }
  }
  const { to } = recolouring;
  const [hue, toSaturation, toValue] = hsvOf(redOf(to), greenOf(to), blueOf(to));
  const meanSaturation = weight === 0 ? 0.5 : saturation / weight;
  const meanValue = weight === 0 ? 0.6 : value / weight;
  return {
    ...recolouring,
    hue,
    // A grey that gets a colour has no saturation to scale: it is given the colour's own.
    saturation: toSaturation / Math.max(0.12, meanSaturation),
    value: toValue / Math.max(0.12, meanValue),
  };
}
