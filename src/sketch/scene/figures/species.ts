import type { Color } from '../../raster/color.ts';

/** What tells one sitting animal from another. */
export interface Species {
  readonly coat: readonly [Color, ...Color[]];
  /** Chest, muzzle and belly. */
  readonly pale: Color;
  readonly ears: 'pointed' | 'round' | 'long' | 'floppy' | 'tufts';
  readonly eye: Color;
  readonly muzzle: number;
  readonly nose: Color;
  readonly tail: 'long' | 'bushy' | 'stub' | 'plume';
  readonly head: number;
  readonly stripes?: Color;
  readonly mask?: Color;
  readonly mane?: Color;
  readonly dark?: Color;
  /** Dark rings round the eyes. */
  readonly patch?: Color;
  readonly slit?: boolean;
}
