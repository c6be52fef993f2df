import type { SketchRequest } from '../../contracts/engine.ts';
import { Canvas } from '../raster/canvas.ts';
import { paintScene } from '../scene/paint-scene.ts';
import { resample } from './resample.ts';

const side_px_min = 64;

/** A scene of the words at the size of a part of the picture; narrow parts are painted wider and reduced. */
export function paintPart(
  call: { readonly request: SketchRequest },
  prompt: string,
  width: number,
  height: number,
): Canvas {
  const scale = Math.max(1, side_px_min / Math.min(width, height));
  const scene = paintScene({
    prompt,
    seed: call.request.seed,
    width: Math.min(4096, Math.round(width * scale)),
    height: Math.min(4096, Math.round(height * scale)),
  }).pixels;
  if (scene.width === width && scene.height === height) return new Canvas(width, height, scene.data);
  return resample(scene, { x: 0, y: 0, width: scene.width, height: scene.height }, width, height);
}
