/** Bounds what this process has in hand at once, so that a crowd is told to come back before memory runs short. */
import { GessoError } from '../../core/errors.ts';

export interface InFlightLimits {
  readonly requests_max: number;
  readonly body_bytes_max: number;
}

const COME_BACK_MS = 1_000;

export class InFlight {
  readonly #limits: InFlightLimits;
  #requests = 0;
  #bytes = 0;

  constructor(limits: InFlightLimits) {
    this.#limits = limits;
  }

  get requests(): number {
    return this.#requests;
  }

  get body_bytes(): number {
    return this.#bytes;
  }

  /**
   * `working` = generations that go on, also those that nobody waits for any more. A body larger than the limit is let in
   * alone. Throws `overloaded`.
   */
  enter(body_bytes: number, working: number): { readonly bodyRead: () => void; readonly leave: () => void } {
    const { requests_max, body_bytes_max } = this.#limits;
    const isFull = Math.max(this.#requests, working) >= requests_max;
    if (isFull || (this.#bytes > 0 && this.#bytes + body_bytes > body_bytes_max)) {
      const message = 'This server has as much in hand as it can hold. Send this again in a second.';
      throw new GessoError('overloaded', message, { retry_after_ms: COME_BACK_MS });
    }
    this.#requests += 1;
    this.#bytes += body_bytes;
    const bodyRead = once(() => {
      this.#bytes -= body_bytes;
    });
    const leave = once(() => {
      this.#requests -= 1;
      bodyRead();
    });
    return { bodyRead, leave };
  }
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
