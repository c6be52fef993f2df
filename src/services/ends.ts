/** Long polls: who waits for the end of a generation is woken by a word, and never asks the database while nothing happens. */
import type { Bus } from '../contracts/bus.ts';
import { endedAmong } from '../store/generations.ts';
import type { Db } from '../store/tables.ts';
import type { Log } from './parts.ts';

/** A word may be lost, so that all who wait together look now and then, in one statement. */
const LOOK_EVERY_MS = 5_000;

/** Thousands wait at once, so that each is no more than a function, a timer and a place in a set. */
export interface Waiting {
  /** Safe to call twice. */
  readonly stop: () => void;
}

export class Ends {
  readonly #waiting = new Map<string, Set<() => void>>();
  #isClosed = false;
  readonly #timer: NodeJS.Timeout;
  readonly #unsubscribe: readonly (() => void)[];
  readonly #parts: { readonly db: Db; readonly log: Log };

  constructor(parts: { readonly db: Db; readonly bus: Bus; readonly log: Log }) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS).unref();
    this.#unsubscribe = [
      parts.bus.subscribe('ended', (id) => this.tell(id)),
      parts.bus.onReconnect(() => void this.#look()),
    ];
  }

  /** How many wait. */
  get count(): number {
    let count = 0;
    for (const { size } of this.#waiting.values()) count += size;
    return count;
  }

  /** Calls once: when it has ended as far as is known here, when the time is up, or when it is stopped. */
  wait(id: string, wait_ms: number, over: () => void): Waiting {
    if (this.#isClosed) {
      // Nobody would tell it any more.
      over();
      return { stop: () => undefined };
    }
    const stop = (): void => {
      clearTimeout(timer);
      const waiting = this.#waiting.get(id);
      if (waiting?.delete(stop) !== true) return;
      if (waiting.size === 0) this.#waiting.delete(id);
      over();
    };
    const timer = setTimeout(stop, wait_ms);
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(stop));
    return { stop };
  }

  tell(id: string): void {
    for (const done of [...(this.#waiting.get(id) ?? [])]) done();
  }

  /** Whoever waits, or comes later, is answered with what there is. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    for (const end of this.#unsubscribe) end();
    for (const id of [...this.#waiting.keys()]) this.tell(id);
  }

  async #look(): Promise<void> {
    const ids = [...this.#waiting.keys()];
    if (ids.length === 0) return;
    try {
      for (const id of await endedAmong(this.#parts.db, ids)) this.tell(id);
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'those who wait could not be looked after');
    }
  }
}
