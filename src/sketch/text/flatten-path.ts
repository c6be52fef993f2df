import type { PathCommand } from 'opentype.js/dist/opentype.mjs';

/**
 * Turns an outline of lines, quadratic and cubic curves into closed polygons (x, y, x, y …; the last point joins the first).
 * Each curve becomes so many chords that none strays further than `tolerance_px` from it: for a curve of degree n whose
 * second difference is d, a chord over 1/k of it strays by at most n (n - 1) d / (8 k^2).
 */
export function flattenPath(commands: readonly PathCommand[], tolerance_px: number): Float32Array[] {
  const contours: Float32Array[] = [];
  let points: number[] = [];
  let x = 0;
  let y = 0;
  const finish = () => {
    if (points.length >= 6) contours.push(Float32Array.from(points));
    points = [];
  };
  for (const command of commands) {
    if (command.type === 'Z') {
      finish();
      continue;
    }
    if (command.type === 'M') finish();
    if (command.type === 'Q') {
      const bend = Math.hypot(x - 2 * command.x1 + command.x, y - 2 * command.y1 + command.y);
      const steps = chordCount((2 * bend) / 8, tolerance_px);
      for (let step = 1; step < steps; step++) {
        const t = step / steps;
        const s = 1 - t;
        points.push(
          s * s * x + 2 * s * t * command.x1 + t * t * command.x,
          s * s * y + 2 * s * t * command.y1 + t * t * command.y,
        );
      }
    } else if (command.type === 'C') {
      const bend = Math.max(
        Math.hypot(x - 2 * command.x1 + command.x2, y - 2 * command.y1 + command.y2),
        Math.hypot(command.x1 - 2 * command.x2 + command.x, command.y1 - 2 * command.y2 + command.y),
      );
      const steps = chordCount((6 * bend) / 8, tolerance_px);
      for (let step = 1; step < steps; step++) {
        const t = step / steps;
        const s = 1 - t;
        points.push(
          s * s * s * x + 3 * s * s * t * command.x1 + 3 * s * t * t * command.x2 + t * t * t * command.x,
          s * s * s * y + 3 * s * s * t * command.y1 + 3 * s * t * t * command.y2 + t * t * t * command.y,
        );
      }
    }
    x = command.x;
    y = command.y;
    points.push(x, y);
  }
  finish();
  return contours;
}

function chordCount(deviation_px: number, tolerance_px: number): number {
  return Math.max(1, Math.min(64, Math.ceil(Math.sqrt(deviation_px / tolerance_px))));
}
