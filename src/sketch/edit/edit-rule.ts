import type { SketchRequest } from '../../contracts/engine.ts';
import type { Canvas } from '../raster/canvas.ts';
import type { Random } from '../raster/random.ts';
import type { SkyEstimate } from './estimate-sky.ts';
import type { Box } from './fill-hole.ts';

/** What a rule is given when its words were found. */
export interface EditCall {
  /** The picture so far; changed in place, or replaced by what `apply` returns. */
  readonly canvas: Canvas;
  /** The words that matched, with their groups. */
  readonly match: RegExpExecArray;
  /** The part of a sentence they stand in, lower case: where, how much, which colour. */
  readonly clause: string;
  readonly random: Random;
  /** The part of the canvas that may change: the mask's bounds, or all of it. */
  readonly area: Box;
  /** Answers whether a mask lets a pixel change; absent without a mask. */
  readonly open?: (x: number, y: number) => boolean;
  readonly request: SketchRequest;
  /** Estimated from the picture as it came in, once, when first asked for. */
  readonly sky: () => SkyEstimate;
  /** 0.5 for "slightly", 1 when nothing is said, 1.5 for "very". */
  readonly amount: number;
}

export interface EditRule {
  /** Rules with the same id are done once a prompt; the first match counts, unless `repeats`. */
  readonly id: string;
  readonly words: RegExp;
  /** What the engine says that it did; the match's first group replaces `$1`. */
  readonly says: string;
  readonly repeats?: boolean;
  /**
   * Higher ranks are done later, wherever their words stand: the hour before what shines in it, a frame around the finished picture, text
   * over that. 0 when absent.
   */
  readonly rank?: number;
  /** A second look at a match, where a pattern alone cannot tell. */
  readonly accepts?: (match: RegExpExecArray, pictures: number) => boolean;
  readonly apply: (call: EditCall) => Canvas | undefined;
}

/** The shorter side over 1024: lengths in px are multiplied by it, so that an edit looks alike at every size. */
export const unitOf = (canvas: { readonly width: number; readonly height: number }): number =>
  Math.min(canvas.width, canvas.height) / 1024;
