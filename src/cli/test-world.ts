/** A world for tests: output is kept as text, time stands still, and everything that is not given fails when touched. */
import type { CliParts, CliWorld, Environment, Output, StopSignal } from './world.ts';

export interface TestWorld extends CliWorld {
  readonly out: () => string;
  readonly err: () => string;
  readonly exits: readonly number[];
  /** Acts as if the signal had come. */
  readonly send: (signal: StopSignal) => void;
  /** Moves the clock on. */
  readonly pass: (milliseconds: number) => void;
}

export interface TestWorldOptions {
  readonly arguments?: readonly string[];
  readonly env?: Environment;
  readonly parts?: Partial<CliParts>;
  /** Characters of the terminal; absent = no terminal. */
  readonly columns?: number;
  readonly fetch?: typeof fetch;
}

export function testWorld({ columns, env = {}, parts = {}, ...options }: TestWorldOptions = {}): TestWorld {
  const stdout = memoryOutput(columns);
  const stderr = memoryOutput(columns);
  const handlers = new Set<(signal: StopSignal) => void>();
  const exits: number[] = [];
  let time = Date.UTC(2026, 10, 20);
  return {
    arguments: options.arguments ?? [],
    env,
    stdout,
    stderr,
    version: '1.2.3',
    now: () => time,
    sleep: async (milliseconds) => {
      time += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
    fetch: options.fetch ?? fetch,
    onStop: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    exit: (code) => void exits.push(code),
    parts: parts as CliParts, // A part that a test did not bring is undefined, and using it fails the test.
    out: stdout.text,
    err: stderr.text,
    exits,
    send: (signal) => {
      for (const handler of handlers) handler(signal);
    },
    pass: (milliseconds) => {
      time += milliseconds;
    },
  };
}

function memoryOutput(columns: number | undefined): Output & { readonly text: () => string } {
  const chunks: string[] = [];
  return {
    write: (chunk) => chunks.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1')),
    text: () => chunks.join(''),
    ...(columns === undefined ? {} : { isTTY: true, columns }),
  };
}
