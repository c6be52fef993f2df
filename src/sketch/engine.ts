import { availableParallelism } from 'node:os';
import type { SketchEngine, SketchRequest, SketchResult } from '../contracts/engine.ts';
import type { Pixels } from '../contracts/media.ts';
import { GessoError } from '../core/errors.ts';
import type { SketchJob, SketchReport } from './worker-messages.ts';
import { createWorkerPool } from './worker-pool.ts';

export interface SketchEngineOptions {
  /** How many pictures are drawn at a time; by default one fewer than there are cores, 1 to 4. */
  readonly workers?: number;
  /** Idle threads are closed after this, so that a quiet server stays small. */
  readonly idle_ms?: number;
}

export const sketchSide_px_min = 64;
/** Long strips too: an offer's limit of 4096x4096 is one of area, and 8:1 at 4K is 11,584 pixels wide. */
export const sketchSide_px_max = 16_384;
export const sketchArea_px_max = 4096 * 4096;
const partials_max = 3;
const workers_max = 4;
const idle_ms_default = 30_000;

/** The built-in engine: draws on threads of its own, started when first needed. Requests out of bounds throw `invalid_value`. */
export function createSketchEngine(options: SketchEngineOptions = {}): SketchEngine {
  const pool = createWorkerPool<SketchJob, SketchReport>({
    url: new URL('./worker.ts', import.meta.url),
    workers: options.workers ?? Math.min(workers_max, Math.max(1, availableParallelism() - 1)),
    idle_ms: options.idle_ms ?? idle_ms_default,
  });
  return {
    async draw(request, { signal, partials = 0, onPartial } = {}): Promise<SketchResult> {
      checkRequest(request);
      const job: SketchJob = {
        request: compact(request),
        partials: Math.min(partials_max, Math.max(0, Math.floor(partials))),
      };
      let result: SketchResult | undefined;
      await pool.run(job, {
        ...(signal === undefined ? {} : { signal }),
        onReport: (report) => {
          if (report.kind === 'partial') onPartial?.(report.pixels, report.index);
          else result = report.result;
        },
      });
      if (result === undefined) throw new Error('A sketch worker ended its job without a picture.');
      return result;
    },
    close: () => pool.close(),
  };
}

function checkRequest({ width, height, images, mask, seed }: SketchRequest): void {
  for (const [param, side] of [
    ['width', width],
    ['height', height],
  ] as const) {
    if (Number.isInteger(side) && side >= sketchSide_px_min && side <= sketchSide_px_max) continue;
    const limits = `${sketchSide_px_min} to ${sketchSide_px_max}`;
    throw new GessoError('invalid_value', `The sketch engine draws ${limits} pixels a side; ${side} is not.`, {
      param,
    });
  }
  if (width * height > sketchArea_px_max) {
    const message = `The sketch engine draws ${sketchArea_px_max} pixels at most; ${width}x${height} has more.`;
    throw new GessoError('invalid_value', message, { param: 'size' });
  }
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new GessoError('invalid_value', 'A seed is a whole number from 0 to 4294967295.', { param: 'seed' });
  }
  for (const [index, image] of images.entries()) checkPixels(image, `images[${index}]`);
  if (mask !== undefined) checkPixels(mask, 'mask');
}

function checkPixels({ data, width, height }: Pixels, param: string): void {
  if (width > 0 && height > 0 && data.length === width * height * 4) return;
  throw new GessoError('invalid_image', 'A picture must have four bytes for each of its pixels.', { param });
}

/** Sending a view sends all of the memory behind it: views of something larger are cut out first. */
function compact(request: SketchRequest): SketchRequest {
  const cut = (pixels: Pixels): Pixels =>
    pixels.data.byteLength === pixels.data.buffer.byteLength ? pixels : { ...pixels, data: pixels.data.slice() };
  const { mask, ...rest } = request;
  return { ...rest, images: request.images.map(cut), ...(mask === undefined ? {} : { mask: cut(mask) }) };
}
