/**
 * Bounds something that is used in unequal amounts (pixels in flight, bytes in flight). First come, first served, so a
 * large holder is never starved by small ones; an amount over the capacity is let in alone.
 */
export class WeightedSemaphore {
  readonly #capacity: number;
  #used = 0;
  readonly #waiting: { readonly amount: number; readonly admit: () => void }[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get used(): number {
    return this.#used;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs `work` while holding `amount`. */
  async hold<T>(amount: number, work: () => Promise<T>): Promise<T> {
    const held = Math.min(amount, this.#capacity);
    await this.#acquire(held);
    try {
      return await work();
    } finally {
      this.#used -= held;
      this.#admitWaiting();
    }
  }

  #acquire(amount: number): Promise<void> {
    if (this.#waiting.length === 0 && this.#used + amount <= this.#capacity) {
      this.#used += amount;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#waiting.push({ amount, admit: resolve });
    });
  }

  #admitWaiting(): void {
    for (;;) {
      const first = this.#waiting[0];
      if (first === undefined || this.#used + first.amount > this.#capacity) return;
      this.#waiting.shift();
      this.#used += first.amount;
      first.admit();
    }
  }
}
