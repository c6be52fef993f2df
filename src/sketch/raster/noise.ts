import { hash2 } from './random.ts';

const SIDE = 256;
const WRAP = SIDE - 1;

/**
 * Tileable fractal value noise, made once a seed at 256 x 256 and then only looked up: a full frame of noise costs a
 * bilinear read a sample instead of octaves of hashing.
 */
export class Noise {
  readonly #tile: Float32Array;

  constructor(seed: number, octaves = 5, firstCells = 8) {
    this.#tile = new Float32Array(SIDE * SIDE);
    let amplitude = 0.5;
    let total = 0;
    for (let octave = 0, cells = firstCells; octave < octaves && cells <= SIDE; octave++, cells *= 2) {
      this.#addOctave(hash2(seed, octave + 1), cells, amplitude);
      total += amplitude;
      amplitude *= 0.5;
    }
    for (let i = 0; i < SIDE * SIDE; i++) this.#tile[i] = (this.#tile[i] ?? 0) / total;
  }

  #addOctave(seed: number, cells: number, amplitude: number): void {
    const lattice = new Float32Array(cells * cells);
    for (let i = 0; i < cells * cells; i++) lattice[i] = hash2(seed, i) / 4294967296;
    const step = cells / SIDE;
    for (let y = 0; y < SIDE; y++) {
      const gy = y * step;
      const y0 = Math.floor(gy);
      const fy = gy - y0;
      const v = fy * fy * (3 - 2 * fy);
      const rowA = (y0 % cells) * cells;
      const rowB = ((y0 + 1) % cells) * cells;
      for (let x = 0; x < SIDE; x++) {
        const gx = x * step;
        const x0 = Math.floor(gx);
        const fx = gx - x0;
        const u = fx * fx * (3 - 2 * fx);
        const xa = x0 % cells;
        const xb = (x0 + 1) % cells;
        const a = lattice[rowA + xa] ?? 0;
        const b = lattice[rowA + xb] ?? 0;
        const c = lattice[rowB + xa] ?? 0;
        const d = lattice[rowB + xb] ?? 0;
        const top = a + (b - a) * u;
        const bottom = c + (d - c) * u;
        const i = y * SIDE + x;
        this.#tile[i] = (this.#tile[i] ?? 0) + (top + (bottom - top) * v) * amplitude;
      }
    }
  }

  /** 0 .. 1, centred near 0.5. One unit of `u` or `v` is one cell of the coarsest octave; wraps after the first count of cells. */
  at(u: number, v: number, cells = 8): number {
    const tile = this.#tile;
    const x = (u / cells) * SIDE;
    const y = (v / cells) * SIDE;
    const xf = Math.floor(x);
    const yf = Math.floor(y);
    const fx = x - xf;
    const fy = y - yf;
    const xa = xf & WRAP;
    const xb = (xf + 1) & WRAP;
    const rowA = (yf & WRAP) * SIDE;
    const rowB = ((yf + 1) & WRAP) * SIDE;
    const a = tile[rowA + xa] ?? 0;
    const b = tile[rowA + xb] ?? 0;
    const c = tile[rowB + xa] ?? 0;
    const d = tile[rowB + xb] ?? 0;
    const top = a + (b - a) * fx;
    return top + (c + (d - c) * fx - top) * fy;
  }
}
