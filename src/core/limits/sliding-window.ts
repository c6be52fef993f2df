/** At most `limit` in any span of `window_ms`: exact, unlike a bucket, which lets twice as much through at its start. */
export class SlidingWindow {
  readonly #limit: number;
  readonly #window_ms: number;
  #used = 0;
  readonly #taken: { readonly amount: number; readonly at: number }[] = [];

  constructor(limit: number, window_ms: number) {
    this.#limit = limit;
    this.#window_ms = window_ms;
  }

  /** Milliseconds until `amount` fits; 0 = now. More than the limit is let in alone. */
  waitFor(amount: number, now: number): number {
    this.#forget(now);
    let used = this.#used;
    if (used === 0 || used + amount <= this.#limit) return 0;
    for (const one of this.#taken) {
      used -= one.amount;
      if (used === 0 || used + amount <= this.#limit) return one.at + this.#window_ms - now;
    }
    return 0;
  }

  take(amount: number, now: number): void {
    this.#taken.push({ amount, at: now });
    this.#used += amount;
  }

  #forget(now: number): void {
    for (;;) {
      const [first] = this.#taken;
      if (first === undefined || first.at > now - this.#window_ms) return;
      this.#taken.shift();
      this.#used -= first.amount;
    }
  }
}
