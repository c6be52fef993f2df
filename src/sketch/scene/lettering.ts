import { fillContours } from '../raster/canvas.ts';
import type { Color } from '../raster/color.ts';
import type { Paint } from '../raster/paint.ts';
import { solid } from '../raster/paint.ts';
import type { TextOptions } from '../text/layout-text.ts';
import { layoutText } from '../text/layout-text.ts';
import type { Stage } from './stage.ts';

export interface Lettering {
  /** Centre of the text block, or its left edge when `align` is `left`, in pixels. */
  readonly x: number;
  readonly y: number;
  /** The size asked for; made smaller until the text fits the box. */
  readonly size_px: number;
  readonly width_max: number;
  readonly height_max?: number;
  readonly paint: Color | Paint;
  readonly align?: 'left' | 'center';
  readonly weight?: NonNullable<TextOptions['weight']>;
  readonly family?: NonNullable<TextOptions['family']>;
  /** May break into lines. */
  readonly wrap?: boolean;
  /** Bends the line: height of the arc over its width; positive arches up. */
  readonly arc?: number;
  readonly opacity?: number;
}

/** Writes text centred on a point and returns the size used. Text always fits its box: legible beats large. */
export function letter(stage: Stage, text: string, options: Lettering): number {
  let size = options.size_px;
  const face = { weight: options.weight ?? 'bold', family: options.family ?? 'sans' } as const;
  const measure = (word: string): number => layoutText(word, { size_px: size * 1.01, ...face }).width;
  const layoutAt = (px: number): ReturnType<typeof layoutText> =>
    layoutText(text, {
      size_px: px,
      align: options.align ?? 'center',
      ...face,
      ...(options.wrap ? { max_width_px: options.width_max } : {}),
    });
  if (options.wrap) {
    // A word is never broken: the longest one sets the size.
    const widest = Math.max(1, ...text.split(/\s+/).map((word) => measure(word)));
    if (widest > options.width_max) size *= options.width_max / widest;
  }
  let layout = layoutAt(size);
  for (let i = 0; i < 6; i++) {
    const over = Math.max(layout.width / options.width_max, layout.height / (options.height_max ?? Infinity));
    if (over <= 1.001) break;
    size /= options.wrap ? Math.min(over, 1.25) : over;
    layout = layoutAt(size);
  }
  const left = options.align === 'left' ? options.x : options.x - layout.width / 2;
  const top = options.y - layout.height / 2;
  const arc = options.arc ?? 0;
  const placed = layout.contours.map((contour) => {
    const out = new Float32Array(contour.length);
    for (let i = 0; i + 1 < contour.length; i += 2) {
      const u = ((contour[i] ?? 0) / Math.max(1, layout.width)) * 2 - 1;
      out[i] = left + (contour[i] ?? 0);
      out[i + 1] = top + (contour[i + 1] ?? 0) + (u * u - 0.5) * arc * layout.width;
    }
    return out;
  });
  const paint = typeof options.paint === 'number' ? solid(options.paint) : options.paint;
  fillContours(stage.canvas, placed, paint, { opacity: options.opacity ?? 1 });
  return size;
}
