import { Canvas } from '../raster/canvas.ts';
import { enlarged, thumbnail } from './soft-copy.ts';

/** The filter works on a copy of this size and is read back larger: strokes grow with the picture, as they should. */
const side_px_max = 640;

/**
 * Kuwahara's filter (1976): each pixel takes the mean of that of the four squares around it which varies least. Noise and small
 * detail melt into patches, edges stay. Summed-area tables make it independent of the radius.
 */
export function oilPaint(canvas: Canvas, radius_of_1024: number): void {
  const { small } = thumbnail(canvas, side_px_max);
  const radius = Math.max(1, Math.round((radius_of_1024 * Math.min(small.width, small.height)) / 1024));
  const flat = kuwahara(small, radius);
  const soft = enlarged(flat, canvas.width, canvas.height);
  const row = new Uint8ClampedArray(canvas.width * 3);
  for (let y = 0; y < canvas.height; y++) {
    soft.readRow(y, row);
    for (let x = 0, at = y * canvas.width * 4; x < canvas.width; x++, at += 4) {
      canvas.data[at] = row[x * 3] ?? 0;
      canvas.data[at + 1] = row[x * 3 + 1] ?? 0;
      canvas.data[at + 2] = row[x * 3 + 2] ?? 0;
    }
  }
}

/** Sums of red, green, blue and squared luma over all pixels above and left. */
function sumsOf({ width, height, data }: Canvas): Float64Array {
  const stride = (width + 1) * 4;
  const sums = new Float64Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    let r = 0;
    let g = 0;
    let b = 0;
    let squares = 0;
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      r += data[at] ?? 0;
      g += data[at + 1] ?? 0;
      b += data[at + 2] ?? 0;
      squares += ((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0)) ** 2;
      const to = (y + 1) * stride + (x + 1) * 4;
      sums[to] = (sums[to - stride] ?? 0) + r;
      sums[to + 1] = (sums[to - stride + 1] ?? 0) + g;
      sums[to + 2] = (sums[to - stride + 2] ?? 0) + b;
      sums[to + 3] = (sums[to - stride + 3] ?? 0) + squares;
    }
  }
  return sums;
}

function kuwahara(source: Canvas, radius: number): Canvas {
  const { width, height } = source;
  const sums = sumsOf(source);
  const stride = (width + 1) * 4;
  const out = new Canvas(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let least = Number.POSITIVE_INFINITY;
      const to = (y * width + x) * 4;
      for (let corner = 0; corner < 4; corner++) {
        const left = Math.max(0, (corner & 1) === 0 ? x - radius : x);
        const right = Math.min(width, (corner & 1) === 0 ? x + 1 : x + radius + 1);
        const top = Math.max(0, corner < 2 ? y - radius : y);
        const bottom = Math.min(height, corner < 2 ? y + 1 : y + radius + 1);
        const area = (right - left) * (bottom - top);
        const a = top * stride + left * 4;
        const b = top * stride + right * 4;
        const c = bottom * stride + left * 4;
        const d = bottom * stride + right * 4;
        const red = ((sums[d] ?? 0) - (sums[b] ?? 0) - (sums[c] ?? 0) + (sums[a] ?? 0)) / area;
        const green = ((sums[d + 1] ?? 0) - (sums[b + 1] ?? 0) - (sums[c + 1] ?? 0) + (sums[a + 1] ?? 0)) / area;
        const blue = ((sums[d + 2] ?? 0) - (sums[b + 2] ?? 0) - (sums[c + 2] ?? 0) + (sums[a + 2] ?? 0)) / area;
        const squares = ((sums[d + 3] ?? 0) - (sums[b + 3] ?? 0) - (sums[c + 3] ?? 0) + (sums[a + 3] ?? 0)) / area;
        const variance = squares - (red + green + blue) ** 2;
        if (variance >= least) continue;
        least = variance;
        out.data[to] = red + 0.5;
        out.data[to + 1] = green + 0.5;
        out.data[to + 2] = blue + 0.5;
      }
    }
  }
  return out;
}
