import type { Canvas } from '../../raster/canvas.ts';
import { fillContours } from '../../raster/canvas.ts';
import { radial } from '../../raster/paint.ts';
import { ellipse } from '../../raster/shapes.ts';

const bands = [0xff3b30, 0xff9500, 0xffe14d, 0x4cd964, 0x34aadc, 0x5856d6] as const;

export interface Arch {
  /** Centre and outer radius, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Red outside, as light through which the rest is seen; against a bright sky it needs more strength and body. */
export function paintRainbow(
  canvas: Canvas,
  { x, y, radius }: Arch,
  { strength, blend }: { readonly strength: number; readonly blend: 'screen' | 'normal' },
): void {
  const stops = bands.map((color, i) => [0.86 + (1 - i / 5) * 0.11, color, strength] as const).reverse();
  fillContours(
    canvas,
    [ellipse(x, y, radius, radius)],
    radial(x, y, radius, [[0, 0x5856d6, 0], [0.84, 0x5856d6, 0], ...stops, [1, 0xff3b30, 0]]),
    { blend },
  );
}
