import type { Canvas } from './canvas.ts';

/** Three box blurs of a plane in place, close to a Gaussian of deviation `radius`. Borders hold their value. */
export function blurPlane(plane: Float32Array, width: number, height: number, radius: number): void {
  const r = Math.max(1, Math.round(radius));
  const line = new Float32Array(Math.max(width, height));
  for (let pass = 0; pass < 3; pass++) {
    for (let y = 0; y < height; y++) boxLine(plane, y * width, 1, width, r, line);
    for (let x = 0; x < width; x++) boxLine(plane, x, width, height, r, line);
  }
}

function boxLine(
  plane: Float32Array,
  start: number,
  stride: number,
  count: number,
  r: number,
  line: Float32Array,
): void {
  const size = r * 2 + 1;
  const first = plane[start] ?? 0;
  const last = plane[start + (count - 1) * stride] ?? 0;
  let sum = first * r;
  for (let i = 0; i < r; i++) sum += i < count ? (plane[start + i * stride] ?? 0) : last;
  for (let i = 0; i < count; i++) {
    const enter = i + r;
    sum += enter < count ? (plane[start + enter * stride] ?? 0) : last;
    line[i] = sum / size;
    const leave = i - r;
    sum -= leave >= 0 ? (plane[start + leave * stride] ?? 0) : first;
  }
  for (let i = 0; i < count; i++) plane[start + i * stride] = line[i] ?? 0;
}

/**
 * Blurs the whole picture by `radius` pixels: averages blocks, blurs the small picture, reads it back bilinearly.
 * Scratch is (4 / radius)^2 of the frame.
 */
export function blurCanvas(canvas: Canvas, radius: number): void {
  const block = Math.max(1, Math.round(radius * 0.7));
  const { width, height, data } = canvas;
  const columns = Math.ceil(width / block);
  const rows = Math.ceil(height / block);
  const planes = [0, 1, 2].map(() => new Float32Array(columns * rows));
  for (let channel = 0; channel < 3; channel++) {
    const plane = planes[channel] ?? new Float32Array(0);
    shrinkChannel(data, width, height, channel, block, columns, plane);
    blurPlane(plane, columns, rows, Math.max(1, radius / block / 1.8));
  }
  for (let channel = 0; channel < 3; channel++) {
    const plane = planes[channel] ?? new Float32Array(0);
    growChannel(data, width, height, channel, block, columns, rows, plane);
  }
}

function shrinkChannel(
  data: Uint8Array,
  width: number,
  height: number,
  channel: number,
  block: number,
  columns: number,
  plane: Float32Array,
): void {
  const stepY = Math.max(1, block >> 2);
  const stepX = Math.max(1, block >> 2);
  for (let y = 0, r = 0; y < height; y += block, r++) {
    for (let x = 0, c = 0; x < width; x += block, c++) {
      let sum = 0;
      let count = 0;
      const bottom = Math.min(height, y + block);
      const right = Math.min(width, x + block);
      for (let v = y; v < bottom; v += stepY) {
        for (let u = x; u < right; u += stepX) {
          sum += data[(v * width + u) * 4 + channel] ?? 0;
          count++;
        }
      }
      plane[r * columns + c] = sum / count;
    }
  }
}

function growChannel(
  data: Uint8Array,
  width: number,
  height: number,
  channel: number,
  block: number,
  columns: number,
  rows: number,
  plane: Float32Array,
): void {
  for (let y = 0; y < height; y++) {
    const gy = Math.min(rows - 1, Math.max(0, (y + 0.5) / block - 0.5));
    const ry = Math.min(Math.max(0, rows - 2), gy | 0);
    const fy = gy - ry;
    const base = ry * columns;
    const below = rows > 1 ? columns : 0;
    for (let x = 0; x < width; x++) {
      const gx = (x + 0.5) / block - 0.5;
      const g = gx < 0 ? 0 : gx > columns - 1 ? columns - 1 : gx;
      const cx = g | 0;
      const right = cx + 1 < columns ? 1 : 0;
      const fx = g - cx;
      const a = plane[base + cx] ?? 0;
      const b = plane[base + cx + right] ?? 0;
      const c = plane[base + below + cx] ?? 0;
      const d = plane[base + below + cx + right] ?? 0;
      const top = a + (b - a) * fx;
      data[(y * width + x) * 4 + channel] = top + (c + (d - c) * fx - top) * fy + 0.5;
    }
  }
}
