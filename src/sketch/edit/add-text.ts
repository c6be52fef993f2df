import { type Canvas, fillContours } from '../raster/canvas.ts';
import { type Color, lumaOf } from '../raster/color.ts';
import { solid } from '../raster/paint.ts';
import { layoutText, type TextLayout } from '../text/layout-text.ts';
import type { FontFamily } from '../text/load-font.ts';

export interface TextPlace {
  /** -1 left or top, 0 middle, 1 right or bottom. */
  readonly x: -1 | 0 | 1;
  readonly y: -1 | 0 | 1;
}

export interface AddedText extends TextPlace {
  readonly text: string;
  readonly color: Color;
  readonly family: FontFamily;
  /** 1 = as large as a headline should be. */
  readonly scale: number;
  /** The part of the canvas that it is set in. */
  readonly area: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
}

/** Sets bold text as large as fits the place, with an outline against its own brightness, so that it reads on any ground. */
export function addText(canvas: Canvas, added: AddedText): void {
  const { area } = added;
  const side = Math.min(area.width, area.height);
  const margin = side * 0.06;
  const room = (area.width - margin * 2) * (added.x === 0 ? 1 : 0.62);
  const { layout, size_px } = largestFit(added, room, area.height * 0.34 * Math.max(1, added.scale), side);
  const left =
    area.left +
    (added.x < 0 ? margin : added.x > 0 ? area.width - margin - layout.width : (area.width - layout.width) / 2);
  const top =
    area.top +
    (added.y < 0 ? margin : added.y > 0 ? area.height - margin - layout.height : (area.height - layout.height) / 2);
  const contours = layout.contours.map((contour) => moved(contour, left, top));
  const outline = lumaOf(added.color) > 0.45 ? 0x0d1017 : 0xffffff;
  const reach = Math.max(1, size_px * 0.05);
  outlined(canvas, contours, reach * 2.1, outline, 0.22, size_px * 0.03);
  outlined(canvas, contours, reach, outline, 0.92, 0);
  fillContours(canvas, contours, solid(added.color));
}

function largestFit(
  added: AddedText,
  room: number,
  heightMax: number,
  side: number,
): { layout: TextLayout; size_px: number } {
  let size_px = side * 0.13 * added.scale;
  for (;;) {
    const layout = layoutText(added.text, {
      size_px,
      max_width_px: room,
      weight: 'bold',
      family: added.family,
      align: 'center',
      line_height: 1.12,
    });
    const whole = layoutText(longestWord(added.text), { size_px, weight: 'bold', family: added.family });
    if ((layout.height <= heightMax && whole.width <= room) || size_px < 6) return { layout, size_px };
    size_px *= 0.88;
  }
}

const longestWord = (text: string): string =>
  text.split(/\s+/).reduce((longest, word) => (word.length > longest.length ? word : longest), '');

/** The shape laid down around itself: their union is the outline. */
function outlined(
  canvas: Canvas,
  contours: readonly Float32Array[],
  reach: number,
  color: Color,
  opacity: number,
  drop: number,
): void {
  const ring: Float32Array[] = [];
  for (let step = 0; step < 12; step++) {
    const turn = (step / 12) * 2 * Math.PI;
    for (const contour of contours) {
      ring.push(moved(contour, Math.cos(turn) * reach, Math.sin(turn) * reach + drop));
    }
  }
  // The counters of O and A wind the other way: laid over each other in one fill they would cancel the outline inside.
  fillContours(canvas, ring, solid(color), { opacity });
}

function moved(contour: Float32Array, x: number, y: number): Float32Array {
  return contour.map((value, at) => value + (at % 2 === 0 ? x : y));
}
