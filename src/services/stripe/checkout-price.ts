import { divideUp } from '../../core/money.ts';
import { topUpFee } from '../../core/wallet/top-up-fee.ts';

export interface CheckoutPrice {
  readonly amount_micros: number;
  /** With what is missing to a whole cent, since cards pay no less. */
  readonly fee_micros: number;
  readonly paid_micros: number;
  readonly paid_cents: number;
}

const CENT_MICROS = 10_000n;

export function checkoutPrice(amount_micros: number, fee_basis_points: number): CheckoutPrice {
  const least = amount_micros + topUpFee(amount_micros, fee_basis_points);
  const cents = divideUp(BigInt(least), CENT_MICROS);
  const paid_micros = Number(cents * CENT_MICROS);
  return { amount_micros, fee_micros: paid_micros - amount_micros, paid_micros, paid_cents: Number(cents) };
}
