import type { SketchRequest, SketchResult } from '../contracts/engine.ts';
import type { Pixels } from '../contracts/media.ts';
import { paintEdit } from './edit/paint-edit.ts';
import { thumbnail } from './edit/soft-copy.ts';
import { Canvas } from './raster/canvas.ts';
import { paintScene } from './scene/paint-scene.ts';
import { drawTestMark } from './test-mark.ts';

/** Longer sides of the rough states, coarse to fine. */
const partialSides_px = [192, 320, 512];

/**
 * Draws a request on the calling thread: a scene without pictures, an edit with them. `onPartial` gets `partials` rough states, always
 * that many: those that the painting had no moment for are made of the finished picture.
 */
export function drawSketch(
  request: SketchRequest,
  partials: number,
  onPartial: (pixels: Pixels, index: number) => void,
): SketchResult {
  let sent = 0;
  const sendRough = (canvas: Canvas): void => {
    const { small } = thumbnail(canvas, partialSides_px[sent] ?? 512);
    if (request.marked) drawTestMark(small);
    onPartial({ data: small.data, width: small.width, height: small.height }, sent);
    sent++;
  };
  const onProgress = (canvas: Canvas, done: number, total: number): void => {
    if (sent < partials && done < total && done / total >= (sent + 1) / (partials + 1)) sendRough(canvas);
  };
  const { pixels, understood } =
    request.images.length > 0
      ? paintEdit(request, { onStep: onProgress })
      : paintScene(request, { onLayer: onProgress });
  const canvas = new Canvas(pixels.width, pixels.height, pixels.data);
  while (sent < partials) sendRough(canvas);
  if (request.marked) drawTestMark(canvas);
  return { pixels: { data: canvas.data, width: canvas.width, height: canvas.height }, understood };
}
