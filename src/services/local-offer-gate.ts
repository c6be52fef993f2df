/** Turnstiles of a process that has its database for itself: nothing but memory. */
import type { Clock } from '../contracts/clock.ts';
import { SlidingWindow } from '../core/limits/sliding-window.ts';
import type { TrafficLimits } from '../core/routing/limits.ts';
import type { Leave, OfferGate, OfferGates, Refused } from './offer-gate.ts';

const MINUTE_MS = 60_000;

interface Waiter {
  readonly images: number;
  readonly admit: (leave: Leave) => void;
}

export class LocalOfferGate implements OfferGate {
  readonly #concurrent_max: number;
  readonly #requests: SlidingWindow | null;
  readonly #images: SlidingWindow | null;
  readonly #clock: Clock;
  #inside = 0;
  #pausedUntil = 0;
  #waiting: Waiter[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor({ concurrent_max, requests_per_minute, images_per_minute }: TrafficLimits, clock: Clock) {
    this.#concurrent_max = concurrent_max ?? Infinity;
    this.#requests = requests_per_minute === undefined ? null : new SlidingWindow(requests_per_minute, MINUTE_MS);
    this.#images = images_per_minute === undefined ? null : new SlidingWindow(images_per_minute, MINUTE_MS);
    this.#clock = clock;
  }

  get isPaused(): boolean {
    return this.#pausedUntil > this.#clock.now();
  }

  pause(pause_ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + pause_ms);
  }

  enter(images: number, wait_ms: number): Promise<Leave | Refused> {
    const open_in_ms = this.#opensIn(images);
    if (open_in_ms === 0 && this.#waiting.length === 0) return Promise.resolve(this.#letIn(images));
    const known_ms = Number.isFinite(open_in_ms) ? open_in_ms : null;
    if (wait_ms <= 0 || (known_ms ?? 0) > wait_ms) return Promise.resolve({ wait_ms: known_ms });
    return new Promise((resolve) => {
      const waiter: Waiter = {
        images,
        admit: (leave) => {
          clearTimeout(tooLate);
          resolve(leave);
        },
      };
      const tooLate = setTimeout(() => {
        this.#waiting = this.#waiting.filter((one) => one !== waiter);
        this.#admitWaiting();
        resolve({ wait_ms: null });
      }, wait_ms);
      this.#waiting.push(waiter);
      this.#admitWaiting();
    });
  }

  /** Infinity = when somebody leaves. */
  #opensIn(images: number): number {
    const now = this.#clock.now();
    if (this.#inside >= this.#concurrent_max) return Infinity;
    return Math.max(
      0,
      this.#pausedUntil - now,
      this.#requests?.waitFor(1, now) ?? 0,
      this.#images?.waitFor(images, now) ?? 0,
    );
  }

  rejoin(): Leave {
    this.#inside += 1;
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#inside -= 1;
      this.#admitWaiting();
    };
  }

  #letIn(images: number): Leave {
    const now = this.#clock.now();
    this.#requests?.take(1, now);
    this.#images?.take(images, now);
    return this.rejoin();
  }

  #admitWaiting(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      const open_in_ms = this.#opensIn(first.images);
      if (open_in_ms > 0) {
        if (Number.isFinite(open_in_ms)) this.#timer = setTimeout(() => this.#admitWaiting(), Math.ceil(open_in_ms));
        return;
      }
      this.#waiting.shift();
      first.admit(this.#letIn(first.images));
    }
  }
}

export function createLocalGates(clock: Clock): OfferGates {
  const gates = new Map<string, OfferGate>();
  return {
    open(name, limits) {
      const gate = gates.get(name) ?? new LocalOfferGate(limits, clock);
      gates.set(name, gate);
      return gate;
    },
    keep: async () => {},
    close: async () => {},
  };
}
