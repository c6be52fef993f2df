/** Work that outlives its connection: a generation goes on when its client is gone, and a stopping server waits for it. */
export class WorkInHand {
  readonly #promises = new Set<Promise<unknown>>();

  /** Gives the promise back, so that a call can be wrapped where it stands. */
  track<T>(promise: Promise<T>): Promise<T> {
    const settled = promise.then(
      () => undefined,
      () => undefined,
    );
    this.#promises.add(settled);
    void settled.then(() => this.#promises.delete(settled));
    return promise;
  }

  get count(): number {
    return this.#promises.size;
  }

  /** Resolves when nothing is left, also of what was begun meanwhile. */
  async idle(): Promise<void> {
    while (this.#promises.size > 0) await Promise.all(this.#promises);
  }
}
