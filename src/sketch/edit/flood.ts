/** Flood fills over small maps. Pixels are numbered row by row; neighbours are the four beside a pixel. */

/** The pixels reached from `starts`, 1 each, stepping from a pixel to a neighbour that `joins` allows. */
export function flood(
  width: number,
  height: number,
  starts: Iterable<number>,
  joins: (from: number, to: number) => boolean,
): Uint8Array {
  const reached = new Uint8Array(width * height);
  const queue = new Int32Array(width * height);
  let tail = 0;
  for (const start of starts) {
    if (reached[start] === 1) continue;
    reached[start] = 1;
    queue[tail++] = start;
  }
  run(width, queue, 0, tail, reached, joins);
  return reached;
}

/** All joined patches of the pixels that `counts`, each as its pixels, in the order of their first one. */
export function patchesOf(
  width: number,
  height: number,
  counts: (at: number) => boolean,
  joins: (first: number, to: number) => boolean = (_first, to) => counts(to),
): Int32Array[] {
  const reached = new Uint8Array(width * height);
  const queue = new Int32Array(width * height);
  const patches: Int32Array[] = [];
  for (let start = 0; start < reached.length; start++) {
    if (reached[start] === 1 || !counts(start)) continue;
    reached[start] = 1;
    queue[0] = start;
    const tail = run(width, queue, 0, 1, reached, (_from, to) => joins(start, to));
    patches.push(queue.slice(0, tail));
  }
  return patches;
}

function run(
  width: number,
  queue: Int32Array,
  from: number,
  to: number,
  reached: Uint8Array,
  joins: (from: number, to: number) => boolean,
): number {
  let tail = to;
  const enter = (at: number, next: number): void => {
    if (next < 0 || next >= reached.length || reached[next] === 1 || !joins(at, next)) return;
    reached[next] = 1;
    queue[tail++] = next;
  };
  for (let head = from; head < tail; head++) {
    const at = queue[head] ?? 0;
    const x = at % width;
    if (x > 0) enter(at, at - 1);
    if (x < width - 1) enter(at, at + 1);
    enter(at, at - width);
    enter(at, at + width);
  }
  return tail;
}

export interface PatchBounds {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function boundsOfPatch(patch: Int32Array, width: number): PatchBounds {
  let [left, right, top, bottom] = [width, 0, Number.POSITIVE_INFINITY, 0];
  for (const at of patch) {
    const x = at % width;
    const y = (at - x) / width;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}
