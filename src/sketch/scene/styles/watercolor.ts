import { Field } from '../../raster/field.ts';
import { grainAt } from '../form.ts';
import type { Stage } from '../stage.ts';

/** Thin pigment on rough paper: lifted tones, granulation, darker edges of washes, an uneven white border. */
export function watercolor(stage: Stage): void {
  const { canvas, width, height, noise, mean } = stage;
  const { data } = canvas;
  const spread = width / mean;
  const wash = new Field({ left: 0, top: 0, width, height }, 220, (u, v) => {
    const x = u * spread * 7;
    const y = (v * 7) / spread;
    return (noise.at(x, y) - 0.5) * 0.42 + (noise.at(x * 3.1, y * 3.1) - 0.5) * 0.22;
  });
  const border = new Field({ left: 0, top: 0, width, height }, 200, (u, v) => {
    const edge = Math.min(u * width, (1 - u) * width, v * height, (1 - v) * height) / mean;
    return (edge - 0.018 - (noise.at(u * spread * 5 + 3, (v / spread) * 5 + 1) - 0.35) * 0.085) * 42;
  });
  const washes = new Float32Array(width);
  const borders = new Float32Array(width);
  const step = Math.max(1, Math.round(mean * 0.0022));
  const [paperR, paperG, paperB] = [250, 246, 238];
  for (let y = 0; y < height; y++) {
    wash.row(y, 0, width, washes);
    border.row(y, 0, width, borders);
    const below = Math.min(height - 1, y + step) * width;
    for (let x = 0; x < width; x++) {
      const i = (y * width + x) << 2;
      const right = (y * width + Math.min(width - 1, x + step)) << 2;
      const down = (below + x) << 2;
      const green = data[i + 1] ?? 0;
      const edge = Math.abs(green - (data[right + 1] ?? 0)) + Math.abs(green - (data[down + 1] ?? 0));
      const thin = 0.8 + (washes[x] ?? 0) + Math.min(0.34, edge * 0.0042) + grainAt(x, y) * 0.0007;
      const mask = borders[x] ?? 0;
      const keep = (mask < 0 ? 0 : mask > 1 ? 1 : mask) * (thin < 0.25 ? 0.25 : thin > 1.12 ? 1.12 : thin);
      const r = paperR - (paperR - (data[i] ?? 0)) * keep;
      const g = paperG - (paperG - green) * keep;
      const b = paperB - (paperB - (data[i + 2] ?? 0)) * keep;
      data[i] = r < 0 ? 0 : r;
      data[i + 1] = g < 0 ? 0 : g;
      data[i + 2] = b < 0 ? 0 : b;
    }
  }
}
