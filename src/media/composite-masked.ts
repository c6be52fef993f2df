import type { Pixels } from '../contracts/media.ts';

/**
 * Puts the original back wherever the mask says keep, writing into `edited`, which is returned.
 * Mask alpha 0 = the edit stays, 255 = the original returns, between = mixed in proportion.
 * All three must have one size; a caller that passes others has a fault of its own, hence a RangeError.
 */
export function compositeOutsideMask(original: Pixels, edited: Pixels, mask: Pixels): Pixels {
  for (const other of [original, mask]) {
    if (other.width !== edited.width || other.height !== edited.height) {
      throw new RangeError(
        `pictures to composite differ in size: ${other.width}x${other.height} and ${edited.width}x${edited.height}`,
      );
    }
  }
  const from = original.data;
  const to = edited.data;
  for (let i = 0; i < to.length; i += 4) {
    const keep = mask.data[i + 3] ?? 0;
    if (keep === 0) continue;
    for (let channel = i; channel < i + 4; channel++) {
      const before = from[channel] ?? 0;
      const after = to[channel] ?? 0;
      to[channel] = keep === 255 ? before : Math.round((before * keep + after * (255 - keep)) / 255);
    }
  }
  return edited;
}
