/**
 * A turnstile that several processes share. The database alone decides who goes in; this process tells it, in one
 * statement at a time, how many places it holds and who waits here, and is told how many of them may go in. What it
 * holds is said whole each time, so that nothing that was lost or forgotten on the way stays wrong for long.
 */
import type { Clock } from '../contracts/clock.ts';
import type { GateAnswer, GateWish } from '../store/provider-slots.ts';
import type { Leave, OfferGate, Refused } from './offer-gate.ts';
import type { Log } from './parts.ts';

export interface SharedOfferGateParts {
  readonly clock: Clock;
  readonly log: Pick<Log, 'error'>;
  /** False where nothing limits how many are inside: then nobody need know who leaves. */
  readonly isCounted: boolean;
  readonly pass: (wish: Pick<GateWish, 'held' | 'waiting'>) => Promise<GateAnswer>;
  /** Others that wait may look. */
  readonly tellOthers: () => void;
}

/** While somebody waits we look by ourselves: a word that a place is free may be lost, and its process die. */
const LOOK_EVERY_MS = 300;
/** No more are let in by one question. */
const ASKED_FOR_MAX = 100;

interface Waiter {
  readonly images: number;
  readonly since: number;
  readonly until: number;
  readonly settle: (entered: Leave | Refused) => void;
}

export class SharedOfferGate implements OfferGate {
  readonly #parts: SharedOfferGateParts;
  #held = 0;
  #hasLeft = false;
  #pausedUntil = 0;
  #waiting: Waiter[] = [];
  #talk: Promise<void> | null = null;
  #hasMore = false;
  #nextLook: NodeJS.Timeout | undefined;

  constructor(parts: SharedOfferGateParts) {
    this.#parts = parts;
  }

  get isPaused(): boolean {
    return this.#pausedUntil > this.#parts.clock.now();
  }

  get isWaitedFor(): boolean {
    return this.#waiting.length > 0;
  }

  get isHeld(): boolean {
    return this.#held > 0;
  }

  pause(pause_ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#parts.clock.now() + pause_ms);
  }

  enter(images: number, wait_ms: number): Promise<Leave | Refused> {
    const now = this.#parts.clock.now();
    const paused_ms = this.#pausedUntil - now;
    if (paused_ms > 0 && paused_ms > wait_ms) return Promise.resolve({ wait_ms: paused_ms });
    return new Promise((resolve) => {
      const tooLate = wait_ms <= 0 ? undefined : setTimeout(() => this.#giveUp(waiter), wait_ms);
      const waiter: Waiter = {
        images,
        since: now,
        until: now + wait_ms,
        settle: (entered) => {
          clearTimeout(tooLate);
          resolve(entered);
        },
      };
      this.#waiting.push(waiter);
      void this.look();
    });
  }

  rejoin(): Leave {
    const leave = this.#hold();
    if (this.#parts.isCounted) void this.look();
    return leave;
  }

  /** Resolves when the database has been told and asked. One question at a time; what comes meanwhile is in the next. Never rejects. */
  look(): Promise<void> {
    this.#hasMore = true;
    this.#talk ??= this.#talkOn();
    return this.#talk;
  }

  async #talkOn(): Promise<void> {
    clearTimeout(this.#nextLook);
    let opens_in_ms: number | null = null;
    while (this.#hasMore) {
      this.#hasMore = false;
      opens_in_ms = await this.#ask().catch((error: unknown) => {
        this.#parts.log.error({ err: error }, 'the places at a provider could not be asked for');
        this.#refuseHopeless(this.#waiting, null);
        return null;
      });
    }
    // In the same turn as the last look at what more there is, so that nothing falls between them.
    this.#talk = null;
    if (this.#waiting.length === 0) return;
    const look_in_ms = Math.min(LOOK_EVERY_MS, Math.max(1, Math.ceil(opens_in_ms ?? LOOK_EVERY_MS)));
    this.#nextLook = setTimeout(() => void this.look(), look_in_ms);
  }

  async #ask(): Promise<number | null> {
    const now = this.#parts.clock.now();
    const hasLeft = this.#hasLeft;
    this.#hasLeft = false;
    // Who comes while we ask is not in this question, and must not be refused by its answer.
    const waiting = [...this.#waiting];
    const asked = this.isPaused ? [] : waiting.slice(0, ASKED_FOR_MAX);
    const answer = await this.#parts.pass({
      held: this.#held,
      waiting: asked.map(({ images, since }) => ({ images, waited_ms: now - since })),
    });
    this.pause(answer.paused_ms);
    for (const waiter of asked.slice(0, answer.admitted)) this.#letIn(waiter);
    // Those that wait in another process are told by nobody else.
    if (hasLeft && answer.others_wait) this.#parts.tellOthers();
    const paused_ms = this.#pausedUntil - this.#parts.clock.now();
    const opens_in_ms = paused_ms > 0 ? Math.max(paused_ms, answer.opens_in_ms ?? 0) : answer.opens_in_ms;
    this.#refuseHopeless(waiting, opens_in_ms);
    return opens_in_ms;
  }

  #letIn(waiter: Waiter): void {
    if (!this.#waiting.includes(waiter)) {
      // It gave up while we asked: its place is given back.
      this.#hasLeft = true;
      this.#hasMore = true;
      return;
    }
    this.#waiting = this.#waiting.filter((one) => one !== waiter);
    waiter.settle(this.#hold());
  }

  #hold(): Leave {
    this.#held += 1;
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#held -= 1;
      this.#hasLeft = true;
      if (this.#parts.isCounted) void this.look();
    };
  }

  /** Of those that have been asked for: who cannot wait so long. */
  #refuseHopeless(asked: readonly Waiter[], opens_in_ms: number | null): void {
    const now = this.#parts.clock.now();
    for (const waiter of asked) {
      const left_ms = waiter.until - now;
      if (left_ms <= 0 || (opens_in_ms !== null && opens_in_ms > left_ms)) this.#refuse(waiter, opens_in_ms);
    }
  }

  #giveUp(waiter: Waiter): void {
    this.#refuse(waiter, null);
    // Others must not be kept out for the sake of one that is gone.
    void this.look();
  }

  #refuse(waiter: Waiter, wait_ms: number | null): void {
    if (!this.#waiting.includes(waiter)) return;
    this.#waiting = this.#waiting.filter((one) => one !== waiter);
    waiter.settle({ wait_ms });
  }
}
