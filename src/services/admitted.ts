import type { CanonicalRequest, Mode } from '../contracts/generation.ts';
import type { GenerationInputs } from '../contracts/services.ts';
import type { Choice } from './choose-offers.ts';

/** A generation that is written down with its hold, and everything that is needed to carry it out. */
export interface Admitted {
  readonly id: string;
  readonly account_id: string;
  readonly mode: Mode;
  readonly request: CanonicalRequest;
  readonly inputs: GenerationInputs;
  readonly choice: Choice;
  /** Of the first picture; the others count on from it. */
  readonly seed: number;
  /** Whoever has time works on it; otherwise the process that took the call. */
  readonly is_asynchronous: boolean;
  /** What is held for it: the most that it may ever cost. */
  readonly authorized_micros: number;
  readonly created_at: Date;
  /** When work on it began; null = it waits. */
  readonly started_at: Date | null;
  /** Null = kept until deleted. */
  readonly expires_at: Date | null;
}
