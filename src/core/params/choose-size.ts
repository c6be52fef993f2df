/** Finds the pixels that an offer makes for a shape, and the upstream fields that ask for them (design 3.2). */
import type { Dimensions } from '../../contracts/generation.ts';
import type { JsonValue } from '../../contracts/json.ts';
import type { FreeSizes, GridSizes, SizeStrategy } from '../catalog/size-schema.ts';
import { coverWithin, holds, logDistance, nearestInLog, nearestWithin, type PixelRules, pixelsOf } from './pixels.ts';
import { parseRatio, parseTier, type Shape } from './shape.ts';

export interface SizeChoice {
  /** Upstream fields, in the order in which they are written. */
  readonly fields: readonly (readonly [path: string, value: JsonValue])[];
  /** The field and value that carry the shape, or the scale, by itself; null where pixels carry both. */
  readonly ratio_field: readonly [path: string, value: JsonValue] | null;
  readonly tier_field: readonly [path: string, value: JsonValue] | null;
  /** What is made, as well as can be known. */
  readonly size: Dimensions;
  readonly is_exact: boolean;
  readonly reduce_to: Dimensions | null;
  /** The shape and scale in effect, for the note: "21:9", "2K". */
  readonly ratio: string;
  readonly tier: string;
  /** What was asked for and is not what is made. */
  readonly lost: { readonly exact: boolean; readonly ratio: boolean; readonly tier: boolean };
}

/** What fills the gaps of a shape: the model's defaults, and the first reference's own shape. */
export interface ShapeDefaults {
  readonly default_tier: string;
  readonly default_ratio: string;
  readonly reference: Dimensions | null;
}

/** Two ratios nearer than this are one: pixels are whole, so no ratio is met to the last digit. */
const SAME_RATIO = 0.01;
/** A picture may lose this much of one side (15 %) when it is cut to an exact size of a neighbouring shape. */
const CROP_RATIO = Math.log(1 / 0.85);
const SIDE_MAX = 65_536;

/** Null where the offer can make no exact pixels of this kind, natively or by reduction. Never enlarges. */
export function chooseExact(
  strategy: SizeStrategy,
  asked: Dimensions,
  reference: Dimensions | null = null,
): SizeChoice | null {
  const { free, grid } = strategy;
  if (free !== undefined && holds(asked, rulesOf(free))) return freeChoice(free, asked, null);
  const entries = grid === undefined ? [] : gridEntries(strategy, grid, reference);
  const covering = entries
    .filter(({ size }) => size.width >= asked.width && size.height >= asked.height)
    .filter(({ size }) => logDistance(size.width / size.height, asked.width / asked.height) <= CROP_RATIO)
    .sort((a, b) => area(a.size) - area(b.size))[0];
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

interface GridEntry {
  readonly tier: string;
  readonly ratio: string;
  readonly size: Dimensions;
}

/**
 * Every row of the table, with its published pixels, or those of the canonical formula. Where the shape cannot be told
 * (no field for it), it follows the first reference, and only the rows of that shape are there.
 */
function gridEntries(strategy: SizeStrategy, grid: GridSizes, reference: Dimensions | null): GridEntry[] {
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

function freeChoice(free: FreeSizes, size: Dimensions, reduceTo: Dimensions | null): SizeChoice {
  const { width, height } = size;
  const pixels: [string, JsonValue][] =
    free.form === 'wxh'
      ? [[free.to ?? 'size', `${width}x${height}`]]
      : [
          [free.to_width ?? 'width', width],
          [free.to_height ?? 'height', height],
        ];
  return {
    fields: [...Object.entries(free.also ?? {}), ...pixels],
    ratio_field: null,
    tier_field: null,
    size,
    is_exact: true,
    reduce_to: reduceTo,
    ratio: ratioText(size),
    tier: '',
    lost: { exact: false, ratio: false, tier: false },
  };
}

function gridChoice(
  strategy: SizeStrategy,
  grid: GridSizes,
  entry: GridEntry,
  reduceTo: Dimensions | null,
): SizeChoice {
  const { tier, ratio, size } = entry;
  const tierField = grid.to_tier === undefined ? null : ([grid.to_tier, grid.tier_values?.[tier] ?? tier] as const);
  const ratioField =
    grid.to_ratio === undefined ? null : ([grid.to_ratio, grid.ratio_values?.[ratio] ?? ratio] as const);
  const pixels = grid.to_pixels === undefined ? null : ([grid.to_pixels, `${size.width}x${size.height}`] as const);
  return {
    fields: [...Object.entries(grid.also ?? {}), ...[tierField, ratioField, pixels].filter((field) => field !== null)],
    ratio_field: ratioField,
    tier_field: tierField,
    size,
    is_exact: strategy.exact,
    reduce_to: reduceTo,
    ratio,
    tier,
    lost: { exact: false, ratio: false, tier: false },
  };
}

/** The fields that leave the shape to the provider; null where it has no word for that. */
function openFields(
  strategy: SizeStrategy,
  tier: string,
  hasReference: boolean,
): Pick<SizeChoice, 'fields' | 'ratio_field' | 'tier_field'> | null {
  const value = strategy.auto?.values[tier];
  if (strategy.auto !== undefined && value !== undefined) {
    const field = [strategy.auto.to, value] as const;
    return { fields: [field], ratio_field: field, tier_field: field };
  }
  const { grid } = strategy;
  const auto = grid?.auto_ratio;
  if (grid?.to_ratio === undefined || auto === undefined || (auto.needs_reference && !hasReference)) return null;
  const ratioField = [grid.to_ratio, auto.value] as const;
  const tierField = grid.to_tier === undefined ? null : ([grid.to_tier, grid.tier_values?.[tier] ?? tier] as const);
  return {
    fields: [...(tierField === null ? [] : [tierField]), ratioField],
    ratio_field: ratioField,
    tier_field: tierField,
  };
}

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

/** Whole pixels, and multiples of them, cannot meet a ratio better than to half a step of the shorter side. */
function isSameRatio(wanted: number, { entry, size }: Made, multiple: number): boolean {
  if (entry !== null) return logDistance(wanted, ratioValue(entry.ratio)) <= SAME_RATIO;
  return logDistance(wanted, size.width / size.height) <= SAME_RATIO + multiple / Math.min(size.width, size.height);
}

function tierValue(tier: string): number {
  const value = parseTier(tier);
  if (typeof value !== 'number') throw new RangeError(`"${tier}" is not a tier.`);
  return value;
}

function ratioValue(ratio: string): number {
  const value = parseRatio(ratio);
  if (typeof value !== 'number') throw new RangeError(`"${ratio}" is not a ratio.`);
  return value;
}

/** The ratio of pixels in words: a common one where it is near enough, else to two decimals. */
function ratioText({ width, height }: Dimensions): string {
  const common = ['1:1', '5:4', '4:3', '3:2', '16:9', '2:1', '21:9', '3:1', '4:1', '8:1', '16:1'].find(
    (ratio) => logDistance(ratioValue(ratio), Math.max(width, height) / Math.min(width, height)) <= SAME_RATIO,
  );
  if (common !== undefined) return width >= height ? common : common.split(':').reverse().join(':');
  return width >= height ? `${(width / height).toFixed(2)}:1` : `1:${(height / width).toFixed(2)}`;
}

function area({ width, height }: Dimensions): number {
  return width * height;
}

/** The schema demands `free`, `grid` or both; this says so to the compiler. */
function orThrow<T>(block: T | undefined): T {
  if (block === undefined) throw new RangeError('The size block has neither `free` nor `grid`.');
  return block;
}
