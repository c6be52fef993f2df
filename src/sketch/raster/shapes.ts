/** Closed contours, flattened x, y, x, y. Units are the caller's (pixels for `fillContours`). */

const TURN = Math.PI * 2;

/** `rotation` in radians, clockwise on screen. */
export function ellipse(x: number, y: number, radiusX: number, radiusY = radiusX, rotation = 0): Float32Array {
  const reach = Math.max(Math.abs(radiusX), Math.abs(radiusY));
  // Below a few, the units are a figure's own and will be scaled up.
  const steps = reach < 2.5 ? 48 : Math.max(12, Math.min(180, Math.ceil(Math.sqrt(reach) * 8)));
  const out = new Float32Array(steps * 2);
  const cos = Math.cos(rotation);
  const sin = Math.sin(rotation);
  for (let i = 0; i < steps; i++) {
    const u = Math.cos((i / steps) * TURN) * radiusX;
    const v = Math.sin((i / steps) * TURN) * radiusY;
    out[i * 2] = x + u * cos - v * sin;
    out[i * 2 + 1] = y + u * sin + v * cos;
  }
  return out;
}

export const rectangle = (x: number, y: number, width: number, height: number): Float32Array =>
  Float32Array.of(x, y, x + width, y, x + width, y + height, x, y + height);

export function roundedRectangle(x: number, y: number, width: number, height: number, radius: number): Float32Array {
  const r = Math.max(0, Math.min(radius, width / 2, height / 2));
  const steps = 10;
  const out: number[] = [];
  const corners = [
    [x + width - r, y + r, -0.25],
    [x + width - r, y + height - r, 0],
    [x + r, y + height - r, 0.25],
    [x + r, y + r, 0.5],
  ] as const;
  for (const [cx, cy, turn] of corners) {
    for (let i = 0; i <= steps; i++) {
      const angle = (turn + (i / steps) * 0.25) * TURN;
      out.push(cx + Math.cos(angle) * r, cy + Math.sin(angle) * r);
    }
  }
  return Float32Array.from(out);
}

export const polygon = (points: readonly number[]): Float32Array => Float32Array.from(points);

/** A regular star or, with `inner` = 1, a regular polygon; the first point is up. */
export function star(x: number, y: number, radius: number, points: number, inner = 0.45, turn = 0): Float32Array {
  const out = new Float32Array(points * 4);
  for (let i = 0; i < points * 2; i++) {
    const angle = (i / (points * 2) - 0.25 + turn) * TURN;
    const r = i % 2 === 0 ? radius : radius * inner;
    out[i * 2] = x + Math.cos(angle) * r;
    out[i * 2 + 1] = y + Math.sin(angle) * r;
  }
  return out;
}

/** Catmull-Rom through the points, flattened to `steps` pieces a segment. `tension` 0 gives straight lines, 1 the full curve. */
export function smoothLine(points: ArrayLike<number>, closed: boolean, steps = 10, tension = 1): Float32Array {
  const count = points.length >> 1;
  const at = (i: number, axis: number): number => {
    const index = closed ? ((i % count) + count) % count : Math.max(0, Math.min(count - 1, i));
    return points[index * 2 + axis] ?? 0;
  };
  const segments = closed ? count : count - 1;
  const out = new Float32Array((segments * steps + (closed ? 0 : 1)) * 2);
  let n = 0;
  for (let s = 0; s < segments; s++) {
    for (let k = 0; k < steps; k++) {
      const t = k / steps;
      for (let axis = 0; axis < 2; axis++) {
        const a = at(s, axis);
        const b = at(s + 1, axis);
        const m0 = ((b - at(s - 1, axis)) / 2) * tension;
        const m1 = ((at(s + 2, axis) - a) / 2) * tension;
        const t2 = t * t;
        const t3 = t2 * t;
        out[n++] = (2 * t3 - 3 * t2 + 1) * a + (t3 - 2 * t2 + t) * m0 + (3 * t2 - 2 * t3) * b + (t3 - t2) * m1;
      }
    }
  }
  if (!closed) {
    out[n++] = at(count - 1, 0);
    out[n++] = at(count - 1, 1);
  }
  return out;
}

/** A smooth closed outline through the points: the workhorse of every drawn figure. */
export const blob = (points: ArrayLike<number>, steps = 10): Float32Array => smoothLine(points, true, steps);

/**
 * The outline of a line of varying width, round at both ends: `widths` are full widths spread evenly along the
 * points (one is a constant width, two a taper). The ends and the body overlap, which the nonzero rule joins.
 */
export function strokeLine(line: ArrayLike<number>, widths: readonly number[], closed = false): Float32Array[] {
  const count = line.length >> 1;
  if (count < 2) return [];
  const x = (i: number): number => line[i * 2] ?? 0;
  const y = (i: number): number => line[i * 2 + 1] ?? 0;
  const halfAt = (i: number): number => {
    const place = (i / Math.max(1, count - 1)) * (widths.length - 1);
    const low = Math.floor(place);
    const a = widths[low] ?? 0;
    return (a + ((widths[low + 1] ?? a) - a) * (place - low)) / 2;
  };
  const total = closed ? count + 1 : count;
  const left = new Float32Array(total * 2);
  const right = new Float32Array(total * 2);
  for (let k = 0; k < total; k++) {
    const i = k % count;
    const before = closed ? (i + count - 1) % count : Math.max(0, i - 1);
    const after = closed ? (i + 1) % count : Math.min(count - 1, i + 1);
    const dx = x(after) - x(before);
    const dy = y(after) - y(before);
    const length = Math.hypot(dx, dy) || 1;
    const half = halfAt(i);
    left[k * 2] = x(i) - (dy / length) * half;
    left[k * 2 + 1] = y(i) + (dx / length) * half;
    right[k * 2] = x(i) + (dy / length) * half;
    right[k * 2 + 1] = y(i) - (dx / length) * half;
  }
  const body = new Float32Array(total * 4);
  body.set(right);
  for (let k = 0; k < total; k++) {
    body[(total + k) * 2] = left[(total - 1 - k) * 2] ?? 0;
    body[(total + k) * 2 + 1] = left[(total - 1 - k) * 2 + 1] ?? 0;
  }
  if (closed) return [body];
  const first = halfAt(0);
  const last = halfAt(count - 1);
  const out: Float32Array[] = [body];
  if (first > 0.2) out.push(clockwise(ellipse(x(0), y(0), first), body));
  if (last > 0.2) out.push(clockwise(ellipse(x(count - 1), y(count - 1), last), body));
  return out;
}

export function signedArea(contour: Float32Array): number {
  let area = 0;
  const length = contour.length;
  for (let i = 0; i < length; i += 2) {
    const j = (i + 2) % length;
    area += (contour[i] ?? 0) * (contour[j + 1] ?? 0) - (contour[j] ?? 0) * (contour[i + 1] ?? 0);
  }
  return area / 2;
}

/** Turns `contour` the way `like` goes round, so that overlaps add up instead of cancelling out. */
function clockwise(contour: Float32Array, like: Float32Array): Float32Array {
  return signedArea(contour) * signedArea(like) < 0 ? reversed(contour) : contour;
}

/** The same contour the other way round: a hole, inside one that is not. */
export function reversed(contour: Float32Array): Float32Array {
  const out = new Float32Array(contour.length);
  const count = contour.length >> 1;
  for (let i = 0; i < count; i++) {
    out[i * 2] = contour[(count - 1 - i) * 2] ?? 0;
    out[i * 2 + 1] = contour[(count - 1 - i) * 2 + 1] ?? 0;
  }
  return out;
}
