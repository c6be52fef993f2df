/** What an offer is asked for, as upstream fields: free pixels, a row of its table, or its word for "you choose". */
import type { Dimensions } from '../../contracts/generation.ts';
import type { JsonValue } from '../../contracts/json.ts';
import type { FreeSizes, GridSizes, SizeStrategy } from '../catalog/size-schema.ts';
import { logDistance } from './pixels.ts';
import { type GridEntry, ratioValue, SAME_RATIO } from './size-rules.ts';

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

export function freeChoice(free: FreeSizes, size: Dimensions, reduceTo: Dimensions | null): SizeChoice {
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

export function gridChoice(
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
export function openFields(
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

/** The ratio of pixels in words: a common one where it is near enough, else to two decimals. */
export function ratioText({ width, height }: Dimensions): string {
  const common = ['1:1', '5:4', '4:3', '3:2', '16:9', '2:1', '21:9', '3:1', '4:1', '8:1', '16:1'].find(
    (ratio) => logDistance(ratioValue(ratio), Math.max(width, height) / Math.min(width, height)) <= SAME_RATIO,
  );
  if (common !== undefined) return width >= height ? common : common.split(':').reverse().join(':');
  return width >= height ? `${(width / height).toFixed(2)}:1` : `1:${(height / width).toFixed(2)}`;
}
