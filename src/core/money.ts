/** Money is integer micro-dollars: 1 USD = 1,000,000. Decimals are read exactly; nothing here is a floating point sum. */

/** Reads "0.03" as 30000n. Throws on anything that is not a plain decimal with at most six places. */
export function parseMicros(usd: string): bigint {
  const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(usd);
  if (match === null) throw new RangeError(`"${usd}" is not an amount of dollars with at most six decimals.`);
  const [, whole = '0', fraction = ''] = match;
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}

/** Writes 30000 as "0.03": at least two decimals, no more than are needed. */
export function formatMicros(micros: number | bigint): string {
  const amount = BigInt(micros);
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(7, '0');
  const fraction = digits.slice(-6).replace(/0{1,4}$/, '');
  return `${sign}${digits.slice(0, -6)}.${fraction}`;
}

/** `amount / divisor`, rounded up: a hold never falls short. Both are non-negative, divisor is positive. */
export function divideUp(amount: bigint, divisor: bigint): bigint {
  return (amount + divisor - 1n) / divisor;
}
