import { Canvas } from '../raster/canvas.ts';
import { enlarged, thumbnail } from './soft-copy.ts';

/** The filter works on a copy of this size and is read back larger: strokes grow with the picture, as they should. */
const side_px_max = 640;

/**
 * Kuwahara's filter (1976): each pixel takes the mean of the four squares around it, the calmer the more (Papari et al. 2007), so that
 * noise and small detail melt into patches and edges stay, without stairs. Summed-area tables make it independent of the radius.
 */
export function oilPaint(canvas: Canvas, radius_of_1024: number): void {
  const { small } = thumbnail(canvas, side_px_max);
  const radius = Math.max(1, Math.round((radius_of_1024 * Math.min(small.width, small.height)) / 1024));
  const flat = kuwahara(small, radius);
  const soft = enlarged(softened(flat), canvas.width, canvas.height);
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
      let sum = 0;
      let sumRed = 0;
      let sumGreen = 0;
      let sumBlue = 0;
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
        const variance = Math.max(0, squares - (red + green + blue) ** 2);
        const weight = (1 + variance / 60) ** -4;
        sum += weight;
        sumRed += red * weight;
        sumGreen += green * weight;
        sumBlue += blue * weight;
      }
      out.data[to] = sumRed / sum + 0.5;
      out.data[to + 1] = sumGreen / sum + 0.5;
      out.data[to + 2] = sumBlue / sum + 0.5;
    }
  }
  return out;
}

/** A binomial blur of one pixel: the filter's choices change from one pixel to the next, which would show as stairs when enlarged. */
function softened({ width, height, data }: Canvas): Canvas {
  const out = new Canvas(width, height);
  for (let y = 0; y < height; y++) {
    const rows = [Math.max(0, y - 1), y, Math.min(height - 1, y + 1)].map((row) => row * width);
    const [above = 0, here = 0, below = 0] = rows;
    for (let x = 0; x < width; x++) {
      const left = Math.max(0, x - 1);
      const right = Math.min(width - 1, x + 1);
      for (let channel = 0; channel < 3; channel++) {
        const column = (at: number) =>
          (data[(above + at) * 4 + channel] ?? 0) +
          2 * (data[(here + at) * 4 + channel] ?? 0) +
          (data[(below + at) * 4 + channel] ?? 0);
        out.data[(here + x) * 4 + channel] = (column(left) + 2 * column(x) + column(right)) / 16 + 0.5;
      }
    }
  }
  return out;
}
