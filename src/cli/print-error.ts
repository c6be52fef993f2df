import { CliError } from './cli-error.ts';
import { openTerminal } from './terminal.ts';
import type { CliWorld } from './world.ts';

/** Message, fix and where to read on; a stack only for those who ask for it with LOG_LEVEL=debug. Returns the exit code. */
export function printError(world: CliWorld, error: unknown): number {
  const { message, code, fix, details, doc, exit_code } = error instanceof CliError ? error : translate(error);
  const wantsStack = ['debug', 'trace'].includes(world.env.LOG_LEVEL ?? '');
  const terminal = openTerminal(world.stderr, world.env);
  if (world.arguments.includes('--json')) {
    world.stdout.write(`${JSON.stringify({ error: { message, code, fix, details, doc } }, null, 2)}\n`);
  } else {
    terminal.line(`${terminal.paint(['bold', 'red'], 'error:')} ${message}`);
    for (const detail of details) terminal.line(`  - ${detail}`);
    if (fix !== null) terminal.line(`${terminal.paint('cyan', 'fix:')} ${fix}`);
    if (doc !== null) terminal.line(terminal.paint('dim', `see ${doc}`));
  }
  if (wantsStack && error instanceof Error) terminal.line(error.stack);
  return exit_code;
}

/** Errors that other parts throw: those meant for people are told as they are, system codes get a fix. */
function translate(error: unknown): CliError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && Object.hasOwn(namedErrors, error.name)) {
    const doc = error.name === 'GessoError' && 'code' in error ? `docs/errors/${String(error.code)}.md` : undefined;
    return new CliError(message, { doc, fix: namedErrors[error.name] ?? undefined, cause: error });
  }
  const fromSystem = findSystemError(error);
  if (fromSystem !== null) {
    const { row, original } = fromSystem;
    return new CliError(row.message(original), { fix: row.fix, cause: error });
  }
  return new CliError(message, { fix: 'Run it again with LOG_LEVEL=debug to see where this came from.', cause: error });
}

/** Errors whose sentences are for people; what the command line can add to them. */
const namedErrors: Readonly<Record<string, string | null>> = {
  ConfigError: '`gesso config` shows every setting and what it takes.',
  CatalogError: 'Mend the files under catalog/; `gesso catalog check` tells when there is no fault left.',
  StoreError: null,
  MediaStoreError: null,
  EmbeddedUnavailable: null,
  GessoError: null,
};

interface SystemErrorRow {
  readonly message: (original: string) => string;
  readonly fix: string;
}

const systemErrors: Readonly<Record<string, SystemErrorRow>> = {
  EADDRINUSE: {
    message: (original) => `The port is in use by another program${place(original)}.`,
    fix: 'Stop that program, or choose another port: PORT=8081 gesso serve (PORT=0 takes any free one).',
  },
  EADDRNOTAVAIL: {
    message: (original) => `This machine does not have the address to listen on${place(original)}.`,
    fix: 'Set HOST to 127.0.0.1, or to 0.0.0.0 to be reached from other machines.',
  },
  EACCES: {
    message: (original) => `The system does not allow it: ${original}`,
    fix: 'Ports below 1024 need rights of their own: choose a higher PORT. A file or directory must belong to you.',
  },
  EPIPE: {
    message: () => 'Whoever was to read the output has gone.',
    fix: 'What it got is not whole: let it read to the end.',
  },
  ENOSPC: {
    message: (original) => `The disk is full: ${original}`,
    fix: 'Make room, or set GESSO_DATA_DIR to another disk.',
  },
};

/** `listen EADDRINUSE: address already in use 127.0.0.1:8080` names the place at its end. */
function place(original: string): string {
  const found = /\S+:\d+$/.exec(original);
  return found === null ? '' : ` (${found[0]})`;
}

/** The system's error may be the cause of the one that was thrown. */
function findSystemError(error: unknown): { readonly row: SystemErrorRow; readonly original: string } | null {
  for (let one = error, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth++) {
    const code = String((one as NodeJS.ErrnoException).code); // Node's own errors carry a code.
    const row = Object.hasOwn(systemErrors, code) ? systemErrors[code] : undefined;
    if (row !== undefined) return { row, original: one.message };
  }
  return null;
}
