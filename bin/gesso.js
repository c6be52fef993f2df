#!/usr/bin/env node
// The one launcher. Gesso needs Node 24 (it runs TypeScript as it is); the npm package `node` brings it, so a machine
// whose own node is older still works. V8 flags live here and nowhere else.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const NODE_MAJOR = 24;
/** Small semi-space: pictures live outside the V8 heap, so a large young generation only costs idle memory. */
const V8_FLAGS = ['--max-semi-space-size=4'];

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR) {
  for (const flag of V8_FLAGS) setFlagsFromString(flag);
  // Types stripped and code compiled once per change, not once per start: `gesso --help` takes a third of the time.
  module.enableCompileCache?.();
  await import('../src/main.ts');
} else {
  const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(node)) {
    process.stderr.write(
      `gesso needs Node ${NODE_MAJOR}, and this is ${process.version}: run "npm ci" in ${root} first.\n`,
    );
    process.exit(1);
  }
  const child = spawn(node, [...V8_FLAGS, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}
