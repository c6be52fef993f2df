/** The turnstile before an offer, or before all offers of a provider: so many at once, so many a minute, none in a pause. */
import type { TrafficLimits } from '../core/routing/limits.ts';

/** Lets the next one in; safe to call twice. */
export type Leave = () => void;

/** `wait_ms`: as far as is known, when it is worth coming back. */
export interface Refused {
  readonly wait_ms: number | null;
}

export interface OfferGate {
  readonly isPaused: boolean;
  /** Nobody goes in for so long; a pause that is longer already stays. */
  pause(pause_ms: number): void;
  /** First come, first served; refused at once where waiting so long is known to be in vain. */
  enter(images: number, wait_ms: number): Promise<Leave | Refused>;
  /** For what is inside already, since another process let it in: it takes a place even where none is free. */
  rejoin(): Leave;
}

/** All turnstiles of a server: within one process, or shared by several. */
export interface OfferGates {
  /** The same gate for the same name. */
  open(name: string, limits: TrafficLimits): OfferGate;
  /** To be called every few seconds: says that we live. */
  keep(): Promise<void>;
  close(): Promise<void>;
}
