/** What offers of all engines are put together from. */
import type { EngineModel } from './engine-schema.ts';

type Sizes = EngineModel['sizes'];

/** What an engine takes where its operator states nothing else. */
export interface UsualSizes {
  readonly multiple: number;
  readonly side_min: number;
  readonly side_max: number;
}

const TIERS = ['0.25K', '0.5K', '0.75K', '1K', '1.5K', '2K', '3K', '4K'];

/** Area of a tier in pixels. */
const areaOf = (tier: string): number => (1024 * Number.parseFloat(tier)) ** 2;

/** The tiers that lie within the bounds, and of them the one that is meant where a request gives none. */
export function tiersOf({ side_min = 1, side_max, area_min = 1, area_max, default_tier }: Sizes): {
  readonly tiers: readonly string[];
  readonly default_tier: string;
} {
  const most = Math.min(area_max ?? Infinity, (side_max ?? Infinity) ** 2, areaOf('4K'));
  const least = Math.max(area_min, side_min ** 2);
  const asked = areaOf(default_tier) <= most && areaOf(default_tier) >= least ? [default_tier] : [];
  // An engine without an upper bound is asked for what it was made for, not for sixteen times as much.
  const bound = area_max === undefined && side_max === undefined ? areaOf(default_tier) : most;
  const within = TIERS.filter((tier) => areaOf(tier) <= bound && areaOf(tier) >= least);
  const tiers = [...new Set([...within, ...asked])].sort((a, b) => areaOf(a) - areaOf(b));
  const closest = tiers.toSorted((a, b) => distance(a, default_tier) - distance(b, default_tier))[0];
  return { tiers: tiers.length > 0 ? tiers : [default_tier], default_tier: closest ?? default_tier };
}

const distance = (a: string, b: string): number => Math.abs(Math.log(areaOf(a) / areaOf(b)));

/** Bounds and steps of free sizes, without the fields that they are sent in. */
export function freeSizes({ side_min, side_max, area_min, area_max, multiple }: Sizes, usual: UsualSizes) {
  return {
    side_min: side_min ?? usual.side_min,
    side_max: side_max ?? usual.side_max,
    multiple: multiple ?? usual.multiple,
    ...(area_min === undefined ? {} : { area_min }),
    ...(area_max === undefined ? {} : { area_max }),
  };
}

export interface Evidence {
  readonly source: string;
  readonly read_on: string;
}

export function limitFacts(limits: EngineModel['limits'], edits: boolean, evidence: Evidence) {
  const { references_max, ...others } = limits;
  const stated = edits ? { references_max, ...others } : { prompt_chars_max: limits.prompt_chars_max };
  return Object.fromEntries(
    Object.entries(stated).flatMap(([name, value]) => (value === undefined ? [] : [[name, { value, ...evidence }]])),
  );
}

export function pricesOf(price_usd: string, evidence: Evidence) {
  return [{ billable: 'output_image', unit: 'image', price_usd, ...evidence }];
}

const SEED_MAX = 2 ** 32 - 1;

/** Rows of parameters that are sent as they are; `steps`, `guidance_scale` and `strength` are no canonical ones. */
export function parameterRow(name: string, to: string, { defaults }: EngineModel): Readonly<Record<string, unknown>> {
  const usual = (defaults as Readonly<Record<string, number | undefined>>)[name]; // By the names that it has.
  const own = ownParameters[name];
  return {
    to,
    ...(name === 'seed' ? { min: 0, max: SEED_MAX } : {}),
    ...own,
    ...(usual === undefined ? {} : { default: usual }),
  };
}

const ownParameters: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  steps: { type: 'integer', min: 1, max: 200, description: 'Steps of denoising.' },
  guidance_scale: { type: 'number', min: 0, max: 30, description: 'How closely the prompt is followed.' },
  strength: {
    type: 'number',
    min: 0,
    max: 1,
    description: 'How much a picture may change; 1 = wholly.',
    modes: ['edit'],
  },
};

export function constantsOf(body: Readonly<Record<string, string | number | boolean>>) {
  return Object.entries(body).map(([to, value]) => ({ to, value }));
}
