import { divideUp } from '../money.ts';

/** A cent of a cent. */
const FEE_STEP_MICROS = 100n;
const BASIS_POINTS = 10_000n;

/** What is paid on top of an amount, in micro-dollars: its share, rounded up to the cent of a cent. */
export function topUpFee(amount_micros: number, fee_basis_points: number): number {
  const share = BigInt(amount_micros) * BigInt(fee_basis_points);
  return Number(divideUp(share, BASIS_POINTS * FEE_STEP_MICROS) * FEE_STEP_MICROS);
}
