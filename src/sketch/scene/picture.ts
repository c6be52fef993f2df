import type { Understanding } from '../prompt/understand.ts';
import type { Random } from '../raster/random.ts';
import type { Atmosphere, Hour } from './atmosphere.ts';
import type { Luminary } from './layers/sky.ts';
import type { Stage } from './stage.ts';

/** All that a layer may need; composers fill it in once, layers only read it. */
export interface Picture {
  readonly facts: Understanding;
  readonly stage: Stage;
  readonly air: Atmosphere;
  readonly hour: Hour;
  /** Pixels from the top. */
  readonly horizon: number;
  readonly luminary: Luminary | null;
  /** -1 = light from the left, 1 = from the right. */
  readonly side: number;
  readonly random: Random;
  /** Chance for who is in the picture: the same for every picture of a set. */
  readonly cast: Random;
}

/** A step of a composition. Pictures are lists of these, painted back to front. */
export interface Layer {
  readonly name: string;
  paint(): void;
}
