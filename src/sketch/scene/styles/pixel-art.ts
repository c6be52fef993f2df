import { wordOf } from '../../raster/canvas.ts';
import { rgb } from '../../raster/color.ts';
import type { Stage } from '../stage.ts';

const bayer = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5];
const LEVELS = 6;

/** Big square pixels of few colours, dithered in order: about 112 of them on the short side. */
export function pixelArt(stage: Stage): void {
  const { canvas, width, height } = stage;
  const { data, words } = canvas;
  const block = Math.max(2, Math.round(stage.short / 112));
  const step = Math.max(1, block >> 2);
  for (let top = 0, row = 0; top < height; top += block, row++) {
    for (let left = 0, column = 0; left < width; left += block, column++) {
      const [right, bottom] = [Math.min(width, left + block), Math.min(height, top + block)];
      let [r, g, b, n] = [0, 0, 0, 0];
      for (let y = top; y < bottom; y += step) {
        for (let x = left; x < right; x += step) {
          const i = (y * width + x) << 2;
          r += data[i] ?? 0;
          g += data[i + 1] ?? 0;
          b += data[i + 2] ?? 0;
          n++;
        }
      }
      const dither = ((bayer[(row & 3) * 4 + (column & 3)] ?? 0) / 16 - 0.47) * 0.6;
      const level = (sum: number): number =>
        Math.round(Math.min(LEVELS, Math.max(0, (sum / n / 255) * LEVELS + dither))) * (255 / LEVELS);
      const word = wordOf(rgb(level(r), level(g), level(b)));
      for (let y = top; y < bottom; y++) words.fill(word, y * width + left, y * width + right);
    }
  }
}
