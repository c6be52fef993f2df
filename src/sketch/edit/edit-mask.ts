import type { Pixels } from '../../contracts/media.ts';
import type { Canvas } from '../raster/canvas.ts';
import type { Box } from './fill-hole.ts';
import { coverResize } from './resample.ts';

export interface EditMask {
  readonly pixels: Pixels;
  /** Bounds of what may change. */
  readonly area: Box;
  readonly open: (x: number, y: number) => boolean;
}

/** Fits a mask to the canvas as its picture was. Alpha 0 = change, 255 = keep. */
export function readMask(mask: Pixels, width: number, height: number): EditMask {
  const same = mask.width === width && mask.height === height;
  const pixels = same ? mask : coverResize(mask, width, height);
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((pixels.data[(y * width + x) * 4 + 3] ?? 255) > 127) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  const area =
    right < left
      ? { left: 0, top: 0, width, height }
      : { left, top, width: right - left + 1, height: bottom - top + 1 };
  return { pixels, area, open: (x, y) => (pixels.data[(y * width + x) * 4 + 3] ?? 255) < 250 };
}

/** Mixes the original back in by the mask's alpha; where that is 255, its bytes return untouched. */
export function keepOutside(canvas: Canvas, original: Pixels, { pixels }: EditMask): void {
  const { data } = canvas;
  for (let at = 0; at < data.length; at += 4) {
    const keep = pixels.data[at + 3] ?? 255;
    if (keep === 0) continue;
    for (let channel = 0; channel < 4; channel++) {
      const old = original.data[at + channel] ?? 0;
      data[at + channel] = ((data[at + channel] ?? 0) * (255 - keep) + old * keep + 127) / 255;
    }
  }
}
