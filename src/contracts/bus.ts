/** Short words between the parts of all processes on one database. Types only. */

/** What may be said, and what is said with it. */
export interface BusMessages {
  /** Work was queued; the payload is empty. */
  readonly queued: string;
  /** A generation has ended: its id. */
  readonly ended: string;
  /** A running generation has come further: its id. */
  readonly progressed: string;
  /** Somebody wants a running generation stopped: its id. */
  readonly cancel: string;
  /** A webhook delivery is due now; the payload is empty. */
  readonly delivery: string;
  /** A provider says that one of its jobs has changed: `provider/job id`. */
  readonly job: string;
  /** A place at a provider is free again: the name of its gate. */
  readonly slot: string;
  /** A provider asked for a pause: its milliseconds and the name of the gate, with a blank between them. */
  readonly pause: string;
  /** A batch wants to be looked at: its id. */
  readonly batch: string;
  /** Keys or what bounds them were changed; the payload is empty. */
  readonly keys: string;
  /** Bytes that nothing names any more were removed: their hash. */
  readonly removed: string;
}

export type BusTopic = keyof BusMessages;

/**
 * A word may be lost (a connection broke, a process died): it makes things quick, never right. Whoever waits for one also
 * looks by itself now and then, and at once when `onReconnect` tells that words may have been missed.
 */
export interface Bus {
  /** Heard here at once, in the other processes a few milliseconds later. Never throws. */
  publish(topic: BusTopic, payload: string): void;
  /** Returns what ends it. Listeners must not throw. */
  subscribe(topic: BusTopic, listener: (payload: string) => void): () => void;
  onReconnect(listener: () => void): () => void;
  close(): Promise<void>;
}
