/**
 * A fault that the operator can mend, found while opening the store: its message is a sentence that says what to do,
 * and is printed without a stack. Clients never see it.
 */
export class StoreError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
  }
}

/** The database that comes with Gesso cannot run here at all; with nothing stored yet, another kind may serve. */
export class EmbeddedUnavailable extends StoreError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EmbeddedUnavailable';
  }
}

/** Node tries every address of a name, and puts what each said into an error that itself says nothing. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
