import type { Pixels } from '../contracts/media.ts';
import { encoders } from './convert-picture.ts';
import { openPixels, runPictureTask } from './open-picture.ts';

/** `alpha`: transparent = change, the canonical one. `white`: 8-bit grey without alpha, white = change. */
export type MaskForm = 'alpha' | 'white';

/** A mask as `decodeMask` gives it (alpha 0 = change), as a PNG of the form; what is changed in part is grey, or half seen through. */
export async function encodeMask(mask: Pixels, form: MaskForm): Promise<Uint8Array> {
  const picture = openPixels(mask);
  if (form === 'white') picture.extractChannel('alpha').negate().toColourspace('b-w');
  return runPictureTask(() => encoders.png(picture, undefined).toBuffer());
}
