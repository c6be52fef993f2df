/** Takes generations from the queue and from dead runners, as many at once as this process may have, until it is stopped. */

import { type ClaimedGeneration, claimQueued, nextNotBefore, takeOver } from '../store/queue.ts';
import type { ServiceParts } from './parts.ts';
import { runQueued } from './run-queued.ts';

/** A word may be lost, so that the queue is looked at now and then. */
const LOOK_EVERY_MS = 1_000;
/** More in one statement are no faster. */
const CLAIM_MAX = 64;

export class QueueRunner {
  readonly #parts: ServiceParts;
  readonly #at_once_max: number;
  readonly #running = new Map<string, Promise<void>>();
  readonly #unsubscribe: readonly (() => void)[];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | null = null;
  #isAskedAgain = false;
  #isStopped = false;
  /** More waited than were taken the last time. */
  #isDeep = false;

  constructor(parts: ServiceParts, options: { readonly at_once_max: number }) {
    this.#parts = parts;
    this.#at_once_max = options.at_once_max;
    const look = (): void => this.look();
    this.#unsubscribe = [parts.bus.subscribe('queued', look), parts.bus.onReconnect(look)];
    this.look();
  }

  get count(): number {
    return this.#running.size;
  }

  /** Asks for another look, at once or after the one that is under way. */
  look(): void {
    if (this.#isStopped) return;
    if (this.#looking !== null) {
      this.#isAskedAgain = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#isAskedAgain = false;
    this.#looking = this.#claim()
      .catch((error: unknown) => {
        this.#parts.log.error({ err: error }, 'the queue could not be looked at; it is tried again');
        return LOOK_EVERY_MS;
      })
      .then((wait_ms) => {
        this.#looking = null;
        if (this.#isStopped) return;
        if (this.#isAskedAgain) this.look();
        else this.#timer = setTimeout(() => this.look(), wait_ms).unref();
      });
  }

  /** No more is taken; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    for (const end of this.#unsubscribe) end();
    await this.#looking;
    await Promise.all(this.#running.values());
  }

  /** Of dead runners; `alone` = no other process can be working on this database. */
  async takeOver(alone: boolean): Promise<void> {
    for (;;) {
      const limit = Math.min(CLAIM_MAX, this.#at_once_max - this.#running.size);
      if (limit <= 0 || this.#isStopped) return;
      const rows = await takeOver(this.#parts.db, this.#parts.lease, { limit, alone, at_hand: this.#atHand() });
      if (rows.length > 0)
        this.#parts.log.warn({ generations: rows.length }, 'going on with what a stopped process had begun');
      for (const row of rows) this.#run(row);
      if (rows.length < limit) return;
    }
  }

  /** Resolves to the milliseconds after which to look again unasked. */
  async #claim(): Promise<number> {
    const { db, lease } = this.#parts;
    for (;;) {
      const limit = Math.min(CLAIM_MAX, this.#at_once_max - this.#running.size);
      // Whoever ends looks again.
      if (limit <= 0 || this.#isStopped) return LOOK_EVERY_MS;
      const rows = await claimQueued(db, lease, limit, this.#atHand());
      this.#isDeep = rows.length === limit;
      for (const row of rows) this.#run(row);
      if (rows.length === 0) return Math.min(LOOK_EVERY_MS, Math.max(10, (await nextNotBefore(db)) ?? LOOK_EVERY_MS));
    }
  }

  /** Twice in one process nobody could tell which of the two may go on: they have the same name. */
  #atHand(): readonly string[] {
    return [...this.#running.keys(), ...this.#parts.workAtHand.ids];
  }

  /** Of a deep queue many are taken at once: their rows are then written together all the way to their ends. */
  get #isWorthALook(): boolean {
    const free = this.#at_once_max - this.#running.size;
    return !this.#isDeep || free >= Math.min(CLAIM_MAX, this.#at_once_max / 2);
  }

  #run(row: ClaimedGeneration): void {
    const running = runQueued(this.#parts, row).finally(() => {
      this.#running.delete(row.id);
      if (this.#isWorthALook) this.look();
    });
    this.#running.set(row.id, running);
  }
}
