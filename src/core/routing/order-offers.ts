/** The order in which offers are tried: health, what is honoured, price, measured time, the order of the model file. */
import type { ProviderPreferences } from '../../contracts/generation.ts';
import type { HealthState } from './health.ts';

export interface Candidate {
  readonly provider: string;
  /** Preferences of the request that this offer does not honour. */
  readonly dishonoured: number;
  readonly price_micros: number;
  /** `resting`: its breaker is open, or it asked for a pause. */
  readonly health: HealthState | 'resting';
  /** Of this kind and size; null = not measured yet. */
  readonly p95_ms: number | null;
  /** The pixels that it would make. */
  readonly area: number;
}

/** Leaves out what the caller ruled out; throws nothing: an empty list is the caller's own doing and told as such. */
export function allowOffers<T extends Candidate>(candidates: readonly T[], preferences: ProviderPreferences): T[] {
  return candidates.filter(
    ({ provider, price_micros }) =>
      (preferences.only === undefined || preferences.only.includes(provider)) &&
      !(preferences.ignore ?? []).includes(provider) &&
      (preferences.max_price_usd === undefined || price_micros / 1e6 <= preferences.max_price_usd),
  );
}

type Key = (candidate: Candidate) => number;

const healthRank = { healthy: 0, degraded: 1, unhealthy: 2, resting: 3 } as const;
const health: Key = (candidate) => healthRank[candidate.health];
/** Who asks for an order of his own takes a slower or somewhat worse offer for it, but not one that is down. */
const isDown: Key = (candidate) => Math.max(0, healthRank[candidate.health] - 1);
const dishonoured: Key = (candidate) => candidate.dishonoured;
const price: Key = (candidate) => candidate.price_micros;
const latency: Key = ({ p95_ms }) => p95_ms ?? Number.MAX_SAFE_INTEGER;
const smallness: Key = ({ area }) => -area;

const policies = {
  default: [health, dishonoured, price, latency],
  price: [isDown, price, dishonoured, latency],
  latency: [isDown, latency, dishonoured, price],
  quality: [isDown, dishonoured, smallness, health, price, latency],
} as const satisfies Record<string, readonly Key[]>;

/** A stable sort, so that ties stay in the order of the model file. */
export function orderOffers<T extends Candidate>(candidates: readonly T[], preferences: ProviderPreferences): T[] {
  const wish = preferences.order ?? [];
  const place: Key = ({ provider }) => {
    const index = wish.indexOf(provider);
    return index === -1 ? wish.length : index;
  };
  const policy = policies[preferences.sort ?? 'default'];
  const keys: readonly Key[] = wish.length === 0 ? policy : [isDown, place, ...policy];
  return candidates.toSorted((a, b) => {
    for (const key of keys) {
      const difference = key(a) - key(b);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}
