/** Receives one row: coverage 0 .. 255 of the pixels `xa <= x < xb`, at `coverage[x]`. */
export type RowSink = (y: number, xa: number, xb: number, coverage: Uint8Array) => void;

export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Scratch is kept between calls: a worker draws one picture at a time, and rows are consumed before the next call. */
let accumulator = new Float32Array(0);
let coverageRow = new Uint8Array(0);

/** Edges of one shape, kept between calls and grown when a shape has more: most shapes are small and many. */
class EdgeList {
  count = 0;
  top = new Float64Array(0);
  bottom = new Float64Array(0);
  x = new Float64Array(0);
  slope = new Float64Array(0);
  direction = new Int8Array(0);
  order = new Uint32Array(0);
  active = new Uint32Array(0);
  crossX = new Float64Array(0);
  crossDirection = new Int8Array(0);

  reserve(count: number): void {
    this.count = 0;
    if (this.top.length >= count) return;
    const room = count * 2;
    this.top = new Float64Array(room);
    this.bottom = new Float64Array(room);
    this.x = new Float64Array(room);
    this.slope = new Float64Array(room);
    this.direction = new Int8Array(room);
    this.order = new Uint32Array(room);
    this.active = new Uint32Array(room);
    this.crossX = new Float64Array(room);
    this.crossDirection = new Int8Array(room);
  }

  /** Puts `order` in the order of upper ends; few edges by insertion, many by the library. */
  sort(): void {
    const { order, top, count } = this;
    for (let i = 0; i < count; i++) order[i] = i;
    if (count > 64) {
      order.subarray(0, count).sort((a, b) => (top[a] ?? 0) - (top[b] ?? 0));
      return;
    }
    for (let i = 1; i < count; i++) {
      const key = top[i] ?? 0;
      let place = i;
      while (place > 0 && (top[order[place - 1] ?? 0] ?? 0) > key) {
        order[place] = order[place - 1] ?? 0;
        place--;
      }
      order[place] = i;
    }
  }
}

const list = new EdgeList();

/** Edges between `top` and `bottom` (pixels), horizontal ones dropped, in order of their upper end. */
function edgesOf(contours: readonly Float32Array[], top: number, bottom: number): EdgeList {
  let points = 0;
  for (const contour of contours) points += contour.length >> 1;
  list.reserve(points);
  let count = 0;
  for (const contour of contours) {
    const length = contour.length & ~1;
    if (length < 6) continue;
    let ax = contour[length - 2] ?? 0;
    let ay = contour[length - 1] ?? 0;
    for (let i = 0; i < length; i += 2) {
      const bx = contour[i] ?? 0;
      const by = contour[i + 1] ?? 0;
      const down = by > ay;
      const upperY = down ? ay : by;
      const lowerY = down ? by : ay;
      if (lowerY > upperY && lowerY > top && upperY < bottom) {
        list.top[count] = upperY;
        list.bottom[count] = lowerY;
        list.x[count] = down ? ax : bx;
        list.slope[count] = (bx - ax) / (by - ay);
        list.direction[count] = down ? 1 : -1;
        count++;
      }
      ax = bx;
      ay = by;
    }
  }
  list.count = count;
  list.sort();
  return list;
}

/** The bounding box in whole pixels, cut to the frame; empty when `right <= left` or `bottom <= top`. */
export function boundsOf(contours: readonly Float32Array[], width: number, height: number): Bounds {
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  for (const contour of contours) {
    for (let i = 0; i + 1 < contour.length; i += 2) {
      const x = contour[i] ?? 0;
      const y = contour[i + 1] ?? 0;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
  }
  return {
    left: Math.max(0, Math.floor(left)),
    top: Math.max(0, Math.floor(top)),
    right: Math.min(width, Math.ceil(right)),
    bottom: Math.min(height, Math.ceil(bottom)),
  };
}

/** Adds the span `xl .. xr` to a row of differences; the running sum is then each pixel's exact horizontal cover. */
function addSpan(row: Float32Array, xl: number, xr: number): void {
  const il = xl | 0;
  const ir = xr | 0;
  if (il === ir) {
    row[il] = (row[il] ?? 0) + (xr - xl);
    row[il + 1] = (row[il + 1] ?? 0) - (xr - xl);
    return;
  }
  const first = il + 1 - xl;
  row[il] = (row[il] ?? 0) + first;
  row[il + 1] = (row[il + 1] ?? 0) + 1 - first;
  const past = xr - ir;
  row[ir] = (row[ir] ?? 0) + past - 1;
  row[ir + 1] = (row[ir + 1] ?? 0) - past;
}

const samplesFor = (rows: number): number => (rows <= 24 ? 12 : rows <= 700 ? 8 : 4);

/**
 * Scan-converts closed polygons under the nonzero rule, row by row from the top. Cover is exact along x and sampled
 * 4 to 12 times along y, which keeps the winding right where shapes overlap and needs memory for one row only.
 */
export function scanCoverage(contours: readonly Float32Array[], width: number, height: number, sink: RowSink): void {
  const bounds = boundsOf(contours, width, height);
  if (!(bounds.right > bounds.left) || !(bounds.bottom > bounds.top)) return;
  if (accumulator.length < width + 3) {
    accumulator = new Float32Array(width + 3);
    coverageRow = new Uint8Array(width + 3);
  }
  const row = accumulator;
  const coverage = coverageRow;
  const only = contours.length === 1 ? contours[0] : undefined;
  if (only !== undefined && isUprightBox(only)) {
    emitBox(only, bounds, coverage, sink);
    return;
  }
  const edges = edgesOf(contours, bounds.top, bounds.bottom);
  const samples = samplesFor(bounds.bottom - bounds.top);
  const { active, crossX, crossDirection } = edges;
  let activeCount = 0;
  let nextEdge = 0;
  for (let y = bounds.top; y < bounds.bottom; y++) {
    let low = width;
    let high = -1;
    for (let s = 0; s < samples; s++) {
      const at = y + (s + 0.5) / samples;
      while (nextEdge < edges.count && (edges.top[edges.order[nextEdge] ?? 0] ?? 0) <= at) {
        active[activeCount++] = edges.order[nextEdge++] ?? 0;
      }
      let crossings = 0;
      let kept = 0;
      for (let i = 0; i < activeCount; i++) {
        const edge = active[i] ?? 0;
        if ((edges.bottom[edge] ?? 0) <= at) continue;
        active[kept++] = edge;
        const raw = (edges.x[edge] ?? 0) + (at - (edges.top[edge] ?? 0)) * (edges.slope[edge] ?? 0);
        const x = raw < 0 ? 0 : raw > width ? width : raw;
        let place = crossings++;
        while (place > 0 && (crossX[place - 1] ?? 0) > x) {
          crossX[place] = crossX[place - 1] ?? 0;
          crossDirection[place] = crossDirection[place - 1] ?? 0;
          place--;
        }
        crossX[place] = x;
        crossDirection[place] = edges.direction[edge] ?? 0;
      }
      activeCount = kept;
      let winding = 0;
      let start = 0;
      for (let i = 0; i < crossings; i++) {
        if (winding === 0) start = crossX[i] ?? 0;
        winding += crossDirection[i] ?? 0;
        if (winding === 0 && (crossX[i] ?? 0) > start) {
          addSpan(row, start, crossX[i] ?? 0);
          if (start < low) low = start;
          if ((crossX[i] ?? 0) > high) high = crossX[i] ?? 0;
        }
      }
    }
    if (high >= 0) emitRow(y, low | 0, Math.min(width, Math.ceil(high)), row, coverage, 255 / samples, sink);
  }
}

const isUprightBox = (c: Float32Array): boolean =>
  c.length === 8 && c[0] === c[6] && c[2] === c[4] && c[1] === c[3] && c[5] === c[7];

/** A box needs no scan: every row inside has the same cover, and most skies, floors and washes are boxes. */
function emitBox(box: Float32Array, bounds: Bounds, coverage: Uint8Array, sink: RowSink): void {
  const [left, right] = [Math.min(box[0] ?? 0, box[2] ?? 0), Math.max(box[0] ?? 0, box[2] ?? 0)];
  const [top, bottom] = [Math.min(box[1] ?? 0, box[5] ?? 0), Math.max(box[1] ?? 0, box[5] ?? 0)];
  for (let y = bounds.top; y < bounds.bottom; y++) {
    const high = Math.min(bottom, y + 1) - Math.max(top, y);
    coverage.fill(high * 255 + 0.5, bounds.left, bounds.right);
    if (bounds.left < left) coverage[bounds.left] = high * (Math.min(right, bounds.left + 1) - left) * 255 + 0.5;
    if (bounds.right > right)
      coverage[bounds.right - 1] = high * (right - Math.max(left, bounds.right - 1)) * 255 + 0.5;
    sink(y, bounds.left, bounds.right, coverage);
  }
}

/** Sums the differences of `left .. right` into coverage bytes, and leaves them clean for the next row. */
function emitRow(
  y: number,
  left: number,
  right: number,
  row: Float32Array,
  coverage: Uint8Array,
  scale: number,
  sink: RowSink,
): void {
  let sum = 0;
  for (let x = left; x < right; x++) {
    sum += row[x] ?? 0;
    row[x] = 0;
    const value = (sum * scale + 0.5) | 0;
    coverage[x] = value > 255 ? 255 : value < 0 ? 0 : value;
  }
  row[right] = 0;
  row[right + 1] = 0;
  sink(y, left, right, coverage);
}
