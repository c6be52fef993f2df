import type { TokenPrices } from '../../contracts/provider.ts';
import { divideUp, parseMicros } from '../../core/money.ts';

/** Tokens of one answer, by what they stood for. */
export type TokensUsed = Readonly<Record<keyof TokenPrices, number>>;

const PRICED_AT_ONCE = 1_000_000n;

/** What the provider bills for these tokens, in micro-dollars rounded up; null where a kind that was used has no price. */
export function tokenCost(prices: TokenPrices | undefined, used: TokensUsed): number | null {
  const kinds = ['text_in', 'image_in', 'text_out', 'image_out'] as const;
  let millionths = 0n;
  for (const kind of kinds) {
    const price = prices?.[kind];
    if (used[kind] === 0) continue;
    if (price === undefined) return null;
    millionths += parseMicros(price) * BigInt(used[kind]);
  }
  return Number(divideUp(millionths, PRICED_AT_ONCE));
}
