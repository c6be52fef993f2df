/** What goes wrong on the command line, said as a person needs it: what happened, what to do, where to read on. */
export class CliError extends Error {
  readonly fix: string | null;
  readonly details: readonly string[];
  readonly doc: string | null;
  readonly code: string;
  /** 1 failure, 2 wrong usage. */
  readonly exit_code: 1 | 2;

  constructor(
    message: string,
    options: {
      readonly fix?: string | undefined;
      readonly details?: readonly string[];
      readonly doc?: string | undefined;
      readonly code?: string;
      readonly usage?: boolean;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CliError';
    this.fix = options.fix ?? null;
    this.details = options.details ?? [];
    this.doc = options.doc ?? null;
    this.exit_code = options.usage === true ? 2 : 1;
    this.code = options.code ?? (options.usage === true ? 'wrong_usage' : 'failed');
  }
}

export function usageError(message: string, fix?: string): CliError {
  return new CliError(message, { usage: true, fix });
}
