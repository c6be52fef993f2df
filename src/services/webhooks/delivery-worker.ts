import { type ClaimedDelivery, claimDeliveries } from '../../store/webhook-deliveries.ts';
import { type DeliverParts, type DeliverResult, deliver } from './deliver.ts';

export interface DeliveryLimits {
  /** Posts under way in this process at once. */
  readonly in_hand_max: number;
  /** Of them, to one target. */
  readonly per_target_max: number;
  /** After which a try of a process that died is made again; longer than any try takes. */
  readonly lease_ms: number;
}

/** Targets that are remembered to be in trouble. */
const TROUBLED_MAX = 1_000;

/**
 * Delivers what is due: bounded in all and for each target, so that one that is slow holds up nobody but itself. One
 * whose last try failed is given one post at a time until it answers again.
 */
export class DeliveryWorker {
  readonly #parts: DeliverParts;
  readonly #limits: DeliveryLimits;
  readonly #underWay = new Set<Promise<void>>();
  readonly #byTarget = new Map<string, number>();
  readonly #troubled = new Set<string>();
  readonly #aborting = new AbortController();
  #looking: Promise<void> = Promise.resolve();
  #isLooking = false;
  #lookAgain = false;
  #isStopped = false;
  /** Something was left for want of room: whoever ends looks again. */
  #isHungry = false;
  #delivered = 0;
  #failed = 0;

  constructor(parts: DeliverParts, limits: DeliveryLimits) {
    this.#parts = parts;
    this.#limits = limits;
  }

  /** Takes what is due and has room, and begins with it. Resolves when nothing more is to be had now. */
  look(): Promise<void> {
    this.#lookAgain = true;
    if (!this.#isLooking) this.#looking = this.#lookUntilDone();
    return this.#looking;
  }

  /** Takes nothing more, waits for what is under way up to `grace_ms`, then cuts it off: that is due again at once. */
  async stop(grace_ms: number): Promise<void> {
    this.#isStopped = true;
    await this.#looking.catch(() => undefined);
    const timer = setTimeout(() => this.#aborting.abort(), grace_ms);
    await this.idle();
    clearTimeout(timer);
  }

  /** For operators: since the process began. */
  figures(): { readonly in_hand: number; readonly delivered: number; readonly failed: number } {
    return { in_hand: this.#underWay.size, delivered: this.#delivered, failed: this.#failed };
  }

  /** When nothing is under way. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0 || this.#isLooking) {
      await Promise.allSettled([...this.#underWay, this.#looking]);
    }
  }

  async #lookUntilDone(): Promise<void> {
    this.#isLooking = true;
    try {
      while (this.#lookAgain && !this.#isStopped) {
        this.#lookAgain = false;
        // Until it is known better: what ends meanwhile makes room that this look did not see.
        this.#isHungry = true;
        const limit = this.#limits.in_hand_max - this.#underWay.size;
        if (limit > 0) this.#isHungry = await this.#claim(limit);
      }
    } finally {
      // In the same step as the last look at `#lookAgain`, so that no call falls between the two.
      this.#isLooking = false;
    }
  }

  /** Returns whether something may have been left for want of room. */
  async #claim(limit: number): Promise<boolean> {
    const { per_target_max: per_target, lease_ms } = this.#limits;
    const room = this.#roomOfTargets();
    const claimed = await claimDeliveries(this.#parts.db, { limit, per_target, room, lease_ms });
    for (const delivery of claimed) this.#start(delivery);
    const taken = new Map<string, number>();
    for (const { target } of claimed) taken.set(target, (taken.get(target) ?? 0) + 1);
    const targets = new Set([...taken.keys(), ...Object.keys(room)]);
    const isFull = (target: string): boolean => (taken.get(target) ?? 0) >= (room[target] ?? per_target);
    return claimed.length === limit || [...targets].some(isFull);
  }

  /** Of those that have room for fewer than any other. */
  #roomOfTargets(): Record<string, number> {
    const targets = new Set([...this.#byTarget.keys(), ...this.#troubled]);
    return Object.fromEntries(
      [...targets].map((target) => {
        const most = this.#troubled.has(target) ? 1 : this.#limits.per_target_max;
        return [target, Math.max(0, most - (this.#byTarget.get(target) ?? 0))];
      }),
    );
  }

  #start(delivery: ClaimedDelivery): void {
    const { target } = delivery;
    this.#byTarget.set(target, (this.#byTarget.get(target) ?? 0) + 1);
    const done = deliver(this.#parts, delivery, this.#aborting.signal)
      .then((result) => this.#remember(target, result))
      // Nothing is lost: it is due again when its lease ends.
      .catch((error: unknown) => this.#parts.log.error({ err: error, delivery: delivery.id }, 'a delivery failed'))
      .finally(() => this.#end(target, done));
    this.#underWay.add(done);
  }

  #remember(target: string, result: DeliverResult): void {
    if (result === 'delivered') this.#delivered += 1;
    if (result === 'failed') this.#failed += 1;
    if (result !== 'failed') this.#troubled.delete(target);
    else if (this.#troubled.size < TROUBLED_MAX) this.#troubled.add(target);
  }

  #end(target: string, done: Promise<void>): void {
    this.#underWay.delete(done);
    const left = (this.#byTarget.get(target) ?? 1) - 1;
    if (left === 0) this.#byTarget.delete(target);
    else this.#byTarget.set(target, left);
    if (!this.#isHungry || this.#isStopped) return;
    this.look().catch((error: unknown) => this.#parts.log.error({ err: error }, 'due deliveries could not be read'));
  }
}
