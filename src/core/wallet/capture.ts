/** What becomes of a hold when a generation ends. Pure. */
export interface PricedPicture {
  /** Which of the generation's pictures, from 0. */
  readonly position: number;
  /** The price that was frozen at admission. */
  readonly price_micros: number;
}

export interface Charge {
  readonly position: number;
  /** Above 0. */
  readonly amount_micros: number;
}

export interface Capture {
  readonly charges: readonly Charge[];
  readonly cost_micros: number;
  readonly released_micros: number;
  /** What pictures would have cost beyond the hold: the house bears it, since a hold is a promise. */
  readonly forgone_micros: number;
}

/** Each delivered picture at its price, never more than was held; nothing delivered releases everything. */
export function capture(authorized_micros: number, delivered: readonly PricedPicture[]): Capture {
  let left = authorized_micros;
  let forgone = 0;
  const charges: Charge[] = [];
  for (const { position, price_micros } of delivered) {
    const amount_micros = Math.min(price_micros, left);
    left -= amount_micros;
    forgone += price_micros - amount_micros;
    if (amount_micros > 0) charges.push({ position, amount_micros });
  }
  return { charges, cost_micros: authorized_micros - left, released_micros: left, forgone_micros: forgone };
}
