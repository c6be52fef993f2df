/**
 * Does together what is asked for at about the same time: while one group is under way the next collects, so that
 * nobody waits for a clock. Groups of different names do not wait for each other. What a group cannot do is tried alone.
 */
interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupedOptions<Item, Result> {
  readonly items_max: number;
  /** One result for each item, in order. A group of more than one that fails is tried again one by one. */
  readonly work: (name: string, items: readonly Item[]) => Promise<readonly Result[]>;
  /** True for a result that an item may only have got for the sake of the others of its group. */
  readonly mayDoBetterAlone: (result: Result, item: Item) => boolean;
}

export class Grouped<Item, Result> {
  readonly #options: GroupedOptions<Item, Result>;
  readonly #queues = new Map<string, Waiting<Item, Result>[]>();

  constructor(options: GroupedOptions<Item, Result>) {
    this.#options = options;
  }

  run(name: string, item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      const waiting = { item, resolve, reject };
      const queue = this.#queues.get(name);
      if (queue !== undefined) {
        queue.push(waiting);
        return;
      }
      this.#queues.set(name, [waiting]);
      // Whatever comes in this turn of the loop goes along.
      queueMicrotask(() => void this.#drain(name));
    });
  }

  async #drain(name: string): Promise<void> {
    for (let group = this.#take(name); group.length > 0; group = this.#take(name)) await this.#work(name, group);
    this.#queues.delete(name);
  }

  #take(name: string): Waiting<Item, Result>[] {
    return this.#queues.get(name)?.splice(0, this.#options.items_max) ?? [];
  }

  async #work(name: string, group: readonly Waiting<Item, Result>[]): Promise<void> {
    const { work, mayDoBetterAlone } = this.#options;
    const items = group.map(({ item }) => item);
    try {
      const results = await work(name, items);
      for (const [position, waiting] of group.entries()) {
        const result = results[position];
        if (result === undefined) waiting.reject(new Error('A group answered fewer items than it was given.'));
        else if (group.length > 1 && mayDoBetterAlone(result, waiting.item)) await this.#work(name, [waiting]);
        else waiting.resolve(result);
      }
    } catch (error) {
      const [only, ...others] = group;
      if (others.length === 0) only?.reject(error);
      else for (const waiting of group) await this.#work(name, [waiting]);
    }
  }
}
