/** Outlines used by more than one edit: closed polygons, x, y, x, y … in px. */

export function ellipse(x: number, y: number, radius_x: number, radius_y: number, points = 40): Float32Array {
  const outline = new Float32Array(points * 2);
  for (let i = 0; i < points; i++) {
    const turn = (i / points) * 2 * Math.PI;
    outline[i * 2] = x + Math.cos(turn) * radius_x;
    outline[i * 2 + 1] = y + Math.sin(turn) * radius_y;
  }
  return outline;
}

export function rectangle(x: number, y: number, width: number, height: number): Float32Array {
  return Float32Array.of(x, y, x + width, y, x + width, y + height, x, y + height);
}

/** Corner points in a unit square centred on 0,0, turned, scaled and moved. */
export function placed(
  points: readonly number[],
  x: number,
  y: number,
  scale: number,
  turn = 0,
  stretch = 1,
): Float32Array {
  const outline = new Float32Array(points.length);
  const cos = Math.cos(turn) * scale;
  const sin = Math.sin(turn) * scale;
  for (let i = 0; i < points.length; i += 2) {
    const px = points[i] ?? 0;
    const py = (points[i + 1] ?? 0) * stretch;
    outline[i] = x + px * cos - py * sin;
    outline[i + 1] = y + px * sin + py * cos;
  }
  return outline;
}

/** A leaf with its tip to the right. */
export const leafPoints: readonly number[] = [
  ...[-0.5, 0, -0.3, -0.18, -0.05, -0.26, 0.2, -0.2, 0.5, 0],
  ...[0.2, 0.2, -0.05, 0.26, -0.3, 0.18],
];

/** A gull seen from afar. */
export const birdPoints: readonly number[] = [
  ...[-0.5, -0.12, -0.3, -0.25, -0.12, -0.16, 0, 0, 0.12, -0.16, 0.3, -0.25, 0.5, -0.12],
  ...[0.28, -0.17, 0.13, -0.07, 0, 0.08, -0.13, -0.07, -0.28, -0.17],
];

export function star(x: number, y: number, radius: number, points = 4, waist = 0.22): Float32Array {
  const outline = new Float32Array(points * 4);
  for (let i = 0; i < points * 2; i++) {
    const turn = (i / points) * Math.PI - Math.PI / 2;
    const reach = i % 2 === 0 ? radius : radius * waist;
    outline[i * 2] = x + Math.cos(turn) * reach;
    outline[i * 2 + 1] = y + Math.sin(turn) * reach;
  }
  return outline;
}
