import { grainAt } from '../form.ts';
import type { Stage } from '../stage.ts';

/** Dark contours and two directions of hatching on cream paper; colour stays as a faint wash when `wash` > 0. */
export function inkSketch(stage: Stage, wash: number): void {
  const { canvas, width, height, mean, noise } = stage;
  const { data } = canvas;
  const step = Math.max(1, Math.round(mean * 0.0016));
  const pitch = Math.max(3, mean * 0.0082);
  const thick = Math.max(1, pitch * 0.3);
  const [paperR, paperG, paperB] = [247, 241, 228];
  for (let y = 0; y < height; y++) {
    const below = Math.min(height - 1, y + step) * width;
    const wobble = (noise.at((y / mean) * 26, 2.5) - 0.5) * pitch * 1.6;
    for (let x = 0; x < width; x++) {
      const i = (y * width + x) << 2;
      const right = (y * width + Math.min(width - 1, x + step)) << 2;
      const down = (below + x) << 2;
      const r = data[i] ?? 0;
      const g = data[i + 1] ?? 0;
      const b = data[i + 2] ?? 0;
      const luma = r * 0.3 + g * 0.59 + b * 0.11;
      const edge =
        Math.abs(g - (data[right + 1] ?? 0)) +
        Math.abs(g - (data[down + 1] ?? 0)) +
        Math.abs(r - (data[right] ?? 0)) +
        Math.abs(b - (data[down + 2] ?? 0));
      let ink = edge > 20 ? (edge - 20) * 0.016 : 0;
      const speck = grainAt(x, y) * 0.002;
      const first = (x + y + wobble) % pitch;
      const second = (x - y + wobble + 65536 * pitch) % pitch;
      if (luma < 168 && first < thick * (1.15 - luma / 190)) ink += 0.55 + speck;
      if (luma < 104 && second < thick * (1.2 - luma / 130)) ink += 0.5 + speck;
      if (luma < 46) ink += 0.4;
      const dark = ink > 0.92 ? 0.92 : ink < 0 ? 0 : ink;
      const tooth = 1 + speck * 0.16;
      data[i] = Math.min(255, ((paperR + (r - paperR) * wash) * (1 - dark) + 34 * dark) * tooth);
      data[i + 1] = Math.min(255, ((paperG + (g - paperG) * wash) * (1 - dark) + 31 * dark) * tooth);
      data[i + 2] = Math.min(255, ((paperB + (b - paperB) * wash) * (1 - dark) + 38 * dark) * tooth);
    }
  }
}
