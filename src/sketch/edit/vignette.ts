import type { Canvas } from '../raster/canvas.ts';

/** Darkens towards the corners; `strength` 0 .. 1 is what a corner loses. The middle half stays as it is. */
export function vignette(canvas: Canvas, strength: number): void {
  const { width, height, data } = canvas;
  const across = new Float32Array(width);
  for (let x = 0; x < width; x++) across[x] = ((x + 0.5) / width - 0.5) ** 2 * 2;
  const limit = Math.min(1, Math.max(0, strength));
  for (let y = 0; y < height; y++) {
    const down = ((y + 0.5) / height - 0.5) ** 2 * 2;
    for (let x = 0, at = y * width * 4; x < width; x++, at += 4) {
      const far = (across[x] ?? 0) + down - 0.22;
      if (far <= 0) continue;
      const t = far / 0.78;
      const keep = 1 - limit * t * (2 - t);
      data[at] = (data[at] ?? 0) * keep;
      data[at + 1] = (data[at + 1] ?? 0) * keep;
      data[at + 2] = (data[at + 2] ?? 0) * keep;
    }
  }
}
