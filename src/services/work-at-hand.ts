/** What this process is working on, so that it can be told that nobody wants it any more. */
import type { Bus } from '../contracts/bus.ts';

export class WorkAtHand {
  readonly #works = new Map<string, AbortController>();
  readonly #end: () => void;

  constructor(bus: Pick<Bus, 'subscribe'>) {
    this.#end = bus.subscribe('cancel', (id) => this.cancel(id));
  }

  get count(): number {
    return this.#works.size;
  }

  get ids(): readonly string[] {
    return [...this.#works.keys()];
  }

  /** The signal aborts when the generation is canceled. */
  async during<T>(id: string, work: (canceled: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#works.set(id, controller);
    try {
      return await work(controller.signal);
    } finally {
      this.#works.delete(id);
    }
  }

  cancel(id: string): void {
    this.#works.get(id)?.abort();
  }

  close(): void {
    this.#end();
  }
}
