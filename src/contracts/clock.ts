/** Time and chance are arguments everywhere, so that a test can hold them still. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

export interface Ids {
  /** `prefix_` and 128 random bits in lower-case base 32: sortable by nothing, guessable by nobody. */
  next(prefix: string): string;
}
