/** The order in which offers are tried (design section 5): what is honoured, then price, then the order of the model file. */
import type { ProviderPreferences } from '../../contracts/generation.ts';

export interface Candidate {
  readonly provider: string;
  /** Preferences of the request that this offer does not honour. */
  readonly dishonoured: number;
  readonly price_micros: number;
}

/** Leaves out what the caller ruled out; throws nothing: an empty list is the caller's own doing and told as such. */
export function allowOffers<T extends Candidate>(candidates: readonly T[], preferences: ProviderPreferences): T[] {
  return candidates.filter(
    ({ provider, price_micros }) =>
      (preferences.only === undefined || preferences.only.includes(provider)) &&
      !(preferences.ignore ?? []).includes(provider) &&
      (preferences.max_price_usd === undefined || price_micros <= Math.floor(preferences.max_price_usd * 1e6)),
  );
}

/** A stable sort, so that ties stay in the order of the model file. */
export function orderOffers<T extends Candidate>(candidates: readonly T[], preferences: ProviderPreferences): T[] {
  const wish = preferences.order ?? [];
  const place = (provider: string): number => {
    const index = wish.indexOf(provider);
    return index === -1 ? wish.length : index;
  };
  const byPolicy =
    preferences.sort === 'price'
      ? (a: T, b: T): number => a.price_micros - b.price_micros || a.dishonoured - b.dishonoured
      : (a: T, b: T): number => a.dishonoured - b.dishonoured || a.price_micros - b.price_micros;
  return candidates.toSorted((a, b) => place(a.provider) - place(b.provider) || byPolicy(a, b));
}
