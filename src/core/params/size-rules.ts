/** The numbers in an offer's size block: its rules as bounds, and its table as rows. */
import type { Dimensions } from '../../contracts/generation.ts';
import type { FreeSizes, GridSizes, SizeStrategy } from '../catalog/size-schema.ts';
import { logDistance, nearestInLog, type PixelRules, pixelsOf } from './pixels.ts';
import { parseRatio, parseTier } from './shape.ts';

/** Two ratios nearer than this are one: pixels are whole, so no ratio is met to the last digit. */
export const SAME_RATIO = 0.01;
const SIDE_MAX = 65_536;

/** The bounds on the sides bound the shape too: 1024 to 4096 a side is at most 4:1. */
export function rulesOf(free: FreeSizes): PixelRules {
  const sideMin = free.side_min ?? 1;
  const sideMax = free.side_max ?? SIDE_MAX;
  return {
    area_min: free.area_min ?? 1,
    area_max: free.area_max ?? sideMax * sideMax,
    side_min: sideMin,
    side_max: sideMax,
    multiple: free.multiple ?? 1,
    ratio_min: Math.max(free.ratio_min === undefined ? 0 : ratioValue(free.ratio_min), sideMin / sideMax),
    ratio_max: Math.min(free.ratio_max === undefined ? Infinity : ratioValue(free.ratio_max), sideMax / sideMin),
  };
}

export interface GridEntry {
  readonly tier: string;
  readonly ratio: string;
  readonly size: Dimensions;
}

/**
 * Every row of the table, with its published pixels, or those of the canonical formula. Where the shape cannot be told
 * (no field for it), it follows the first reference, and only the rows of that shape are there; or its very pixels.
 */
export function gridEntries(strategy: SizeStrategy, grid: GridSizes, reference: Dimensions | null): GridEntry[] {
  if (grid.keeps_pixels === true && reference !== null) {
    const { width, height } = reference;
    const nearest = nearestInLog(width / height, grid.ratios, ratioValue);
    const isNear = logDistance(width / height, ratioValue(nearest)) <= SAME_RATIO;
    const ratio = isNear ? nearest : `${width}:${height}`;
    return strategy.tiers.map((tier) => ({ tier, ratio, size: { width, height } }));
  }
  const isSteered = grid.to_ratio !== undefined || grid.to_pixels !== undefined;
  const followed = reference === null ? 1 : reference.width / reference.height;
  const ratios = isSteered ? grid.ratios : [nearestInLog(followed, grid.ratios, ratioValue)];
  return strategy.tiers.flatMap((tier) =>
    ratios.flatMap((ratio): GridEntry[] => {
      const pixels = grid.pixels?.[tier]?.[ratio];
      // A list of sizes has no rows but those that it names.
      if (pixels === undefined && grid.to_pixels !== undefined) return [];
      if (pixels === undefined) return [{ tier, ratio, size: pixelsOf(ratioValue(ratio), tierValue(tier)) }];
      const [width = 0, height = 0] = pixels.split('x').map(Number);
      return [{ tier, ratio, size: { width, height } }];
    }),
  );
}

export function tierValue(tier: string): number {
  const value = parseTier(tier);
  if (typeof value !== 'number') throw new RangeError(`"${tier}" is not a tier.`);
  return value;
}

export function ratioValue(ratio: string): number {
  const value = parseRatio(ratio);
  if (typeof value !== 'number') throw new RangeError(`"${ratio}" is not a ratio.`);
  return value;
}
