/**
 * A smooth function over a box of the frame, sampled on a coarse grid and read back bilinearly: slow shapes such as
 * cloud, mist and shading cost a few thousand samples instead of millions.
 */
export class Field {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  readonly values: Float32Array;

  /** `sample` takes 0 .. 1 across and down the box. */
  constructor(
    box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
    cellsMax: number,
    sample: (u: number, v: number) => number,
  ) {
    this.left = box.left;
    this.top = box.top;
    this.width = Math.max(1, box.width);
    this.height = Math.max(1, box.height);
    const cell = Math.max(1, Math.max(this.width, this.height) / cellsMax);
    this.columns = Math.max(2, Math.ceil(this.width / cell) + 1);
    this.rows = Math.max(2, Math.ceil(this.height / cell) + 1);
    this.values = new Float32Array(this.columns * this.rows);
    for (let r = 0; r < this.rows; r++) {
      for (let c = 0; c < this.columns; c++) {
        this.values[r * this.columns + c] = sample(c / (this.columns - 1), r / (this.rows - 1));
      }
    }
  }

  /** A field over values that are there already, row-major. */
  static from(
    box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
    columns: number,
    rows: number,
    values: Float32Array,
  ): Field {
    const field = Object.create(Field.prototype) as Field; // every member is given here
    return Object.assign(field, { ...box, columns, rows, values });
  }

  /** The value at one point of the frame. */
  at(x: number, y: number): number {
    const one = new Float32Array(1);
    this.row(Math.floor(y), Math.floor(x), Math.floor(x) + 1, one);
    return one[0] ?? 0;
  }

  /** Writes the values of pixels `x0 <= x < x1` of row `y`; outside the box the border's value holds. */
  row(y: number, x0: number, x1: number, out: Float32Array): void {
    const { columns, rows, values } = this;
    const gy = Math.min(rows - 1.001, Math.max(0, ((y + 0.5 - this.top) / this.height) * (rows - 1)));
    const ry = gy | 0;
    const fy = gy - ry;
    const base = ry * columns;
    const step = (columns - 1) / this.width;
    let gx = (x0 + 0.5 - this.left) * step;
    const limit = columns - 1.001;
    for (let i = 0; i < x1 - x0; i++) {
      const g = gx < 0 ? 0 : gx > limit ? limit : gx;
      const cx = g | 0;
      const fx = g - cx;
      const k = base + cx;
      const a = values[k] ?? 0;
      const b = values[k + 1] ?? 0;
      const c = values[k + columns] ?? 0;
      const d = values[k + columns + 1] ?? 0;
      const top = a + (b - a) * fx;
      out[i] = top + (c + (d - c) * fx - top) * fy;
      gx += step;
    }
  }
}
