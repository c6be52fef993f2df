/** Finds the pixels that an offer makes for a shape, and the upstream fields that ask for them. */
import type { Dimensions } from '../../contracts/generation.ts';
import type { SizeStrategy } from '../catalog/size-schema.ts';
import { coverWithin, holds, logDistance, nearestInLog, nearestWithin, type PixelRules, pixelsOf } from './pixels.ts';
import type { Shape } from './shape.ts';
import { freeChoice, gridChoice, openFields, ratioText, type SizeChoice } from './size-choice.ts';
import { type GridEntry, gridEntries, ratioValue, rulesOf, SAME_RATIO, tierValue } from './size-rules.ts';

/** What fills the gaps of a shape: the model's defaults, and the first reference's own shape. */
export interface ShapeDefaults {
  readonly default_tier: string;
  readonly default_ratio: string;
  readonly reference: Dimensions | null;
}

/** A picture may lose this much of one side (15 %) when it is cut to an exact size of a neighbouring shape. */
const CROP_RATIO = Math.log(1 / 0.85);

/** Null where the offer can make no exact pixels of this kind, natively or by reduction. Never enlarges. */
export function chooseExact(
  strategy: SizeStrategy,
  asked: Dimensions,
  reference: Dimensions | null = null,
): SizeChoice | null {
  const { free, grid } = strategy;
  if (free !== undefined && holds(asked, rulesOf(free))) return freeChoice(free, asked, null);
  const entries = grid === undefined ? [] : gridEntries(strategy, grid, reference);
  const cut = ({ size }: GridEntry) => logDistance(size.width / size.height, asked.width / asked.height);
  const covering = entries
    .filter(({ size }) => size.width >= asked.width && size.height >= asked.height)
    .filter((entry) => cut(entry) <= CROP_RATIO)
    // Rows of one tier differ in area by rounding alone: among those the one that loses least to the cut.
    .sort((a, b) => tierValue(a.tier) - tierValue(b.tier) || cut(a) - cut(b))[0];
  const cover = free === undefined ? null : coverWithin(asked, rulesOf(free));
  // Pixels that nobody published may turn out smaller than asked, so free ones go first.
  const isCoverBetter =
    covering === undefined || !strategy.exact || (cover !== null && area(cover) <= area(covering.size));
  if (free !== undefined && cover !== null && isCoverBetter) return freeChoice(free, cover, asked);
  if (grid === undefined || covering === undefined) return null;
  const isSame = covering.size.width === asked.width && covering.size.height === asked.height;
  return gridChoice(strategy, grid, covering, isSame && strategy.exact ? null : asked);
}

/** The nearest pixels to `asked` that the offer makes, without reduction: for offers that stand in, and for advice. */
export function chooseNearest(
  strategy: SizeStrategy,
  asked: Dimensions,
  reference: Dimensions | null = null,
): SizeChoice {
  const tier = Math.sqrt(area(asked)) / 1024;
  const choice = chooseShape(
    strategy,
    { exact: null, ratio: asked.width / asked.height, tier, roles: new Map() },
    { default_tier: '1K', default_ratio: '1:1', reference },
    strategy.free === undefined ? null : asked,
  );
  return { ...choice, lost: { exact: true, ratio: false, tier: false } };
}

/** The pixels for a ratio and a tier, either of which may be open. Always finds some: an offer can make something. */
export function chooseShape(
  strategy: SizeStrategy,
  shape: Shape,
  defaults: ShapeDefaults,
  pixels: Dimensions | null = null,
): SizeChoice {
  const { free, grid } = strategy;
  const wantedTier = shape.tier ?? tierValue(defaults.default_tier);
  const tier = nearestInLog(wantedTier, strategy.tiers, tierValue);
  const wantedRatio =
    typeof shape.ratio === 'number'
      ? shape.ratio
      : defaults.reference !== null
        ? defaults.reference.width / defaults.reference.height
        : ratioValue(defaults.default_ratio);

  const made = make(strategy, wantedRatio, tier, pixels, defaults.reference);
  const choice =
    made.entry === null
      ? freeChoice(orThrow(free), made.size, null)
      : gridChoice(strategy, orThrow(grid), made.entry, null);
  const open = shape.ratio === 'auto' ? openFields(strategy, tier, defaults.reference !== null) : null;
  return {
    ...choice,
    ...(open === null ? {} : { ...open, is_exact: false }),
    ratio: made.entry?.ratio ?? ratioText(choice.size),
    tier,
    lost: {
      exact: false,
      ratio: typeof shape.ratio === 'number' && !isSameRatio(wantedRatio, made, free?.multiple ?? 1),
      tier: shape.tier !== null && logDistance(wantedTier, tierValue(tier)) > SAME_RATIO,
    },
  };
}

interface Made {
  readonly size: Dimensions;
  readonly entry: GridEntry | null;
}

/** A listed shape comes from the table; any other freely where the offer can, else from the nearest row. */
function make(
  strategy: SizeStrategy,
  ratio: number,
  tier: string,
  pixels: Dimensions | null,
  reference: Dimensions | null,
): Made {
  const { free, grid } = strategy;
  const entries =
    grid === undefined ? [] : gridEntries(strategy, grid, reference).filter((entry) => entry.tier === tier);
  const row = entries.length === 0 ? null : nearestInLog(ratio, entries, (entry) => ratioValue(entry.ratio));
  const isListed = row !== null && logDistance(ratio, ratioValue(row.ratio)) <= SAME_RATIO;
  if (row !== null && (free === undefined || (isListed && pixels === null))) return { size: row.size, entry: row };

  const size = freePixels(rulesOf(orThrow(free)), ratio, tierValue(tier), pixels);
  const isRowNearer =
    row !== null &&
    logDistance(ratio, ratioValue(row.ratio)) < logDistance(ratio, size.width / size.height) - SAME_RATIO;
  return isRowNearer ? { size: row.size, entry: row } : { size, entry: null };
}

/**
 * `pixels`, or those of the ratio and tier, within the rules. Where the shape is out of reach the nearest that is in
 * reach is taken; rules that meet in a corner may leave only a rounder one than each of them allows by itself.
 */
function freePixels(rules: PixelRules, ratio: number, tier: number, pixels: Dimensions | null): Dimensions {
  const scale = pixels === null ? tier : Math.sqrt(area(pixels)) / 1024;
  let shape = Math.min(Math.max(ratio, rules.ratio_min), rules.ratio_max);
  for (;;) {
    const wanted = pixels !== null && shape === ratio ? pixels : pixelsOf(shape, scale);
    const size = nearestWithin(wanted, rules, shape);
    if (size !== null) return size;
    if (shape === 1) throw new RangeError(`The size rules leave nothing, not even a square: ${JSON.stringify(rules)}`);
    shape = logDistance(shape, 1) > SAME_RATIO ? shape ** 0.98 : 1;
  }
}

/** Whole pixels, and multiples of them, cannot meet a ratio better than to half a step of the shorter side. */
function isSameRatio(wanted: number, { entry, size }: Made, multiple: number): boolean {
  if (entry !== null) return logDistance(wanted, ratioValue(entry.ratio)) <= SAME_RATIO;
  return logDistance(wanted, size.width / size.height) <= SAME_RATIO + multiple / Math.min(size.width, size.height);
}

function area({ width, height }: Dimensions): number {
  return width * height;
}

/** The schema demands `free`, `grid` or both; this says so to the compiler. */
function orThrow<T>(block: T | undefined): T {
  if (block === undefined) throw new RangeError('The size block has neither `free` nor `grid`.');
  return block;
}
