import { boundsOf, scanCoverage } from './coverage.ts';

/** Coverage of a shape within its bounding box, kept to clip other paint with. */
export class Mask {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;

  constructor(contours: readonly Float32Array[], frameWidth: number, frameHeight: number) {
    const bounds = boundsOf(contours, frameWidth, frameHeight);
    this.left = bounds.left;
    this.top = bounds.top;
    this.width = Math.max(0, bounds.right - bounds.left) || 0;
    this.height = Math.max(0, bounds.bottom - bounds.top) || 0;
    this.bytes = new Uint8Array(this.width * this.height);
    scanCoverage(contours, frameWidth, frameHeight, (y, xa, xb, coverage) => {
      this.bytes.set(coverage.subarray(xa, xb), (y - this.top) * this.width + xa - this.left);
    });
  }

  /** Multiplies a row of coverage by the mask. */
  cut(y: number, xa: number, xb: number, coverage: Uint8Array): void {
    const row = y - this.top;
    if (row < 0 || row >= this.height) {
      coverage.fill(0, xa, xb);
      return;
    }
    const base = row * this.width - this.left;
    const right = this.left + this.width;
    for (let x = xa; x < xb; x++) {
      coverage[x] = x < this.left || x >= right ? 0 : ((coverage[x] ?? 0) * (this.bytes[base + x] ?? 0) + 127) / 255;
    }
  }
}
