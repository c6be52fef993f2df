/** What we may ask of an offer at once and by the minute: the catalogue's facts, and what an operator says over them. */
import type { OfferPage } from '../catalog/offer-schema.ts';
import type { ProviderPage } from '../catalog/provider-schema.ts';

export const trafficLimits = ['concurrent_max', 'requests_per_minute', 'images_per_minute'] as const;
export type TrafficLimit = (typeof trafficLimits)[number];

/** An absent limit is none. */
export type TrafficLimits = Readonly<Partial<Record<TrafficLimit, number>>>;

/** By provider (`fal`: over all its offers together) or pin (`fal/seedream-4`: in place of the catalogue's). */
export type LimitOverrides = ReadonlyMap<string, TrafficLimits>;

const ENTRY = /^([a-z0-9-]+(?:\/[a-z0-9.-]+)?)\.(concurrent_max|requests_per_minute|images_per_minute)=(\d{1,9})$/;

/** `fal.concurrent_max=8, bfl/flux-2-pro.requests_per_minute=60`; or the entry that cannot be read. */
export function readLimitOverrides(text: string): { readonly limits: LimitOverrides } | { readonly fault: string } {
  const limits = new Map<string, TrafficLimits>();
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const match = ENTRY.exec(entry);
    const [, whose, limit, value] = match ?? [];
    if (whose === undefined || limit === undefined || Number(value) < 1) return { fault: entry };
    limits.set(whose, { ...limits.get(whose), [limit]: Number(value) });
  }
  return { limits };
}

export function limitsOfOffer(
  { limits, pin }: Pick<OfferPage, 'limits'> & { readonly pin: string },
  overrides: LimitOverrides,
): TrafficLimits {
  return { ...stated(limits), ...overrides.get(pin) };
}

/** What providers count by key, by their ids. */
export function limitsOfProviders(
  providers: Iterable<Pick<ProviderPage, 'limits'> & { readonly id: string }>,
): LimitOverrides {
  return new Map(
    [...providers].flatMap(({ id, limits }) => (limits === undefined ? [] : [[id, stated(limits)] as const])),
  );
}

/** Later ones win, limit by limit: who states one keeps the others. */
export function mergeLimits(...lists: readonly LimitOverrides[]): LimitOverrides {
  const merged = new Map<string, TrafficLimits>();
  for (const list of lists) for (const [whose, limits] of list) merged.set(whose, { ...merged.get(whose), ...limits });
  return merged;
}

function stated(limits: OfferPage['limits'] | NonNullable<ProviderPage['limits']>): TrafficLimits {
  const facts = trafficLimits.flatMap((name) => {
    const value = limits[name]?.value;
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(facts);
}
