/** The life of a generation, as a machine: every change of the database is guarded by it. */

interface StateRow {
  /** What may follow. */
  readonly to: readonly GenerationStatus[];
}

export type GenerationStatus = 'queued' | 'running' | 'completed' | 'failed' | 'canceled';

export const generationStates = {
  /** Written down with its hold; nobody works on it. It fails where nobody could ever work on it, or too late. */
  queued: { to: ['running', 'failed', 'canceled'] },
  /** A runner has it, under a lease: another takes it over when the lease has run out, or it goes back to the queue. */
  running: { to: ['running', 'queued', 'completed', 'failed', 'canceled'] },
  completed: { to: [] },
  failed: { to: [] },
  canceled: { to: [] },
} as const satisfies Record<GenerationStatus, StateRow>;

/** The states from which this one is reached. */
export function statesBefore(status: GenerationStatus): readonly GenerationStatus[] {
  const rows: Readonly<Record<GenerationStatus, StateRow>> = generationStates;
  return (Object.keys(rows) as GenerationStatus[]).filter((before) => rows[before].to.includes(status)); // the table's own names
}

/** Nothing changes any more. */
export function isFinal(status: GenerationStatus): boolean {
  return generationStates[status].to.length === 0;
}

export const finalStates: readonly GenerationStatus[] = (Object.keys(generationStates) as GenerationStatus[]).filter(
  isFinal, // the table's own names
);
