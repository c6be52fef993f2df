import { type Canvas, fillContours } from './raster/canvas.ts';
import { solid } from './raster/paint.ts';
import { layoutText } from './text/layout-text.ts';

/** Letters of this many px can still be read; large pictures get a fortieth of their shorter side. */
const size_px_min = 10;

/** A small plate with TEST in the lower left corner, so that no picture of test mode is taken for a real one. */
export function drawTestMark(canvas: Canvas): void {
  const size_px = Math.max(size_px_min, Math.round(Math.min(canvas.width, canvas.height) / 40));
  const text = layoutText('TEST', { size_px, weight: 'bold' });
  const margin = Math.round(size_px * 0.5);
  const width = text.width + size_px * 0.8;
  const height = size_px * 1.4;
  const left = margin;
  const top = canvas.height - margin - height;
  fillContours(canvas, [roundedPlate(left, top, width, height, height * 0.28)], solid(0x11151c, 0.72));
  const dx = left + (width - text.width) / 2;
  const dy = top + (height - text.height) / 2;
  const letters = text.contours.map((contour) => contour.map((value, at) => value + (at % 2 === 0 ? dx : dy)));
  fillContours(canvas, letters, solid(0xffffff));
}

function roundedPlate(x: number, y: number, width: number, height: number, radius: number): Float32Array {
  const points: number[] = [];
  const corners = [
    [x + width - radius, y + radius, -0.5],
    [x + width - radius, y + height - radius, 0],
    [x + radius, y + height - radius, 0.5],
    [x + radius, y + radius, 1],
  ] as const;
  for (const [cx, cy, from] of corners) {
    for (let step = 0; step <= 8; step++) {
      const turn = (from + step / 16) * Math.PI;
      points.push(cx + Math.cos(turn) * radius, cy + Math.sin(turn) * radius);
    }
  }
  return Float32Array.from(points);
}
