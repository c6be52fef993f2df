/** Where a process begins: real streams, clock and signals for the command line. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCli } from './cli/run-cli.ts';
import type { StopSignal } from './cli/world.ts';
import { cliParts } from './cli-parts.ts';

const signals: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

// A reader that has seen enough (`gesso models | head`) is no fault.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

process.exitCode = await runCli({
  arguments: process.argv.slice(2),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  version: readVersion(),
  now: () => Date.now(),
  sleep: async (milliseconds) => sleep(milliseconds),
  fetch,
  onStop: (handler) => {
    for (const signal of signals) process.on(signal, handler);
    return () => {
      for (const signal of signals) process.off(signal, handler);
    };
  },
  exit: (code) => process.exit(code),
  parts: cliParts,
});

function readVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version; // npm asks for the field.
}
