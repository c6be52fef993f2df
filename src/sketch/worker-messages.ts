import type { SketchRequest, SketchResult } from '../contracts/engine.ts';
import type { Pixels } from '../contracts/media.ts';

/** What the pool sends a worker. */
export interface SketchJob {
  readonly request: SketchRequest;
  /** How many rough states to send on the way, 0 .. 3. */
  readonly partials: number;
}

/** What a worker sends back for a job, the result last. */
export type SketchReport =
  | { readonly kind: 'partial'; readonly pixels: Pixels; readonly index: number }
  | { readonly kind: 'result'; readonly result: SketchResult };
