import type { Canvas } from '../raster/canvas.ts';

/** Lays a picture on another by its alpha; its edges melt over `feather_px`. What lies outside the canvas is left out. */
export function pastePicture(canvas: Canvas, inner: Canvas, left: number, top: number, feather_px = 0): void {
  for (let y = Math.max(0, -top); y < Math.min(inner.height, canvas.height - top); y++) {
    const edgeY = Math.min(y + 1, inner.height - y);
    for (let x = Math.max(0, -left); x < Math.min(inner.width, canvas.width - left); x++) {
      const edge = Math.min(edgeY, x + 1, inner.width - x);
      const t = feather_px <= 0 ? 1 : Math.min(1, edge / feather_px);
      const from = (y * inner.width + x) * 4;
      const k = (t * t * (3 - 2 * t) * (inner.data[from + 3] ?? 0)) / 255;
      if (k === 0) continue;
      const to = ((top + y) * canvas.width + left + x) * 4;
      for (let channel = 0; channel < 3; channel++) {
        const old = canvas.data[to + channel] ?? 0;
        canvas.data[to + channel] = old + ((inner.data[from + channel] ?? 0) - old) * k + 0.5;
      }
    }
  }
}
