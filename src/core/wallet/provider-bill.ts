/** What an attempt costs the house, beside what its caller is charged. Pure. */
import { type FaultClass, type OutcomeRow, outcomes } from '../routing/outcomes.ts';

export interface ProviderBill {
  /** Null = nothing that we know of. */
  readonly billed_micros: number | null;
  /** What may be billed for a call whose outcome nobody knows. */
  readonly possible_micros: number | null;
}

export interface BillFacts {
  /** Why the attempt failed; null = it did not. */
  readonly fault: FaultClass | null;
  /** What the whole call costs at most by the price list. */
  readonly price_micros: number;
  /** What the provider said that it bills, or what its pictures cost by the price list; null = it gave no answer. */
  readonly answered_micros: number | null;
}

/** An answer bills what it says, also when its pictures turn out to be of no use; silence may bill the whole call. */
export function providerBill({ fault, price_micros, answered_micros }: BillFacts): ProviderBill {
  const row: OutcomeRow | null = fault === null ? null : outcomes[fault];
  if (row?.bills === 'yes') return { billed_micros: answered_micros || price_micros, possible_micros: null };
  if (answered_micros !== null) return { billed_micros: answered_micros, possible_micros: null };
  return { billed_micros: null, possible_micros: row?.bills === 'perhaps' ? price_micros : null };
}
