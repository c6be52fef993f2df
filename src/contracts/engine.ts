/** The sketch engine's contract: what a caller may ask of it. Types only. */
import type { Pixels } from './media.ts';

export interface SketchRequest {
  readonly prompt: string;
  readonly negative_prompt?: string;
  /** 0 .. 2^32 - 1. Same prompt, seed, size and inputs give the same bytes. */
  readonly seed: number;
  /** 64 .. 4096 a side. */
  readonly width: number;
  readonly height: number;
  /** References in order; the first is the picture that an edit changes. Empty for text-to-image. */
  readonly images: readonly Pixels[];
  /** Where an edit may change the first reference: alpha 0 = change, 255 = keep (OpenAI's polarity). Same size as the first image. */
  readonly mask?: Pixels;
  /** Position in a related set: pictures of one set share palette and cast. */
  readonly set?: { readonly index: number; readonly count: number };
  /** Draw a small visible TEST mark (test mode). */
  readonly marked: boolean;
}

export interface SketchResult {
  readonly pixels: Pixels;
  /** What the engine understood, for `revised_prompt`-like notes and tests. */
  readonly understood: readonly string[];
}

export interface SketchEngine {
  /**
   * Draws off the main thread. `onPartial` receives rough states (small pictures, coarse to fine) when
   * `partials` > 0. Rejects with the signal's reason when aborted.
   */
  draw(
    request: SketchRequest,
    options?: {
      readonly signal?: AbortSignal;
      readonly partials?: number;
      readonly onPartial?: (pixels: Pixels, index: number) => void;
    },
  ): Promise<SketchResult>;
  close(): Promise<void>;
}
