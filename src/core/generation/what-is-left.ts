/** What is still to be done of a generation that an earlier runner began. Pure. */

/** Which pictures a call is for: `pictures` of them from `first_index` on. */
export interface PastCall {
  /** 1 for the first of the generation. */
  readonly seq: number;
  readonly first_index: number;
  readonly pictures: number;
}

export interface Left<Call> {
  readonly first_index: number;
  readonly n: number;
  /** The last call that was made for them; null = none was. */
  readonly last: Call | null;
}

/**
 * Pictures side by side whose last call is the same one, in order. A later call of the same pictures means that they
 * fell to another offer; where that offer split them, some may have fallen no further than the call before.
 */
export function whatIsLeft<Call extends PastCall>(past: readonly Call[], total: number): Left<Call>[] {
  const inOrder = past.toSorted((one, other) => one.seq - other.seq);
  const left: { first_index: number; n: number; last: Call | null }[] = [];
  for (let index = 0; index < total; index++) {
    const last = inOrder.findLast(({ first_index, pictures }) => isWithin(index, first_index, pictures)) ?? null;
    const before = left.at(-1);
    if (before !== undefined && before.last === last) before.n += 1;
    else left.push({ first_index: index, n: 1, last });
  }
  return left;
}

function isWithin(index: number, first_index: number, pictures: number): boolean {
  return index >= first_index && index < first_index + pictures;
}
