/** The server as its users start it, in a process of its own, with its memory measured from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '..', '..');

export const benchKey = 'sk-test-for-the-benchmark';

export interface ServerProcess {
  readonly url: string;
  readonly data_dir: string;
  /** From the start of the command until /readyz says yes. */
  readonly ready_ms: number;
  /** Proportional set size of the server and all that it started, in MB. */
  memoryMb(): number;
  /** Highest sum of resident sizes since `watchMemory`, in MB. */
  readonly peakMb: () => number;
  watchMemory(): void;
  stop(): Promise<void>;
}

export async function makeDataDirectory(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'gesso-bench-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export async function startServer(
  data_dir: string,
  command: readonly [string, ...string[]] = ['npm', 'start', '--silent'],
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const port = await freePort();
  const [program, ...args] = command;
  const started = performance.now();
  const child = spawn(program, args, {
    cwd: root,
    stdio: 'ignore',
    detached: true,
    env: {
      ...process.env,
      PORT: String(port),
      GESSO_DATA_DIR: data_dir,
      GESSO_TEST_KEY: benchKey,
      LOG_LEVEL: 'warn',
      ...environment,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(url, child);
  const ready_ms = performance.now() - started;
  let peak = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    url,
    data_dir,
    ready_ms,
    memoryMb: () => sumMemory(child.pid, 'Pss'),
    peakMb: () => peak,
    watchMemory() {
      timer = setInterval(() => {
        peak = Math.max(peak, sumMemory(child.pid, 'Pss'));
      }, 50);
    },
    async stop() {
      clearInterval(timer);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
      await ended;
    },
  };
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode} before it was ready`);
    const ok = await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return;
    await sleep(10);
  }
  throw new Error('the server was not ready within 30 s');
}

/** The process and its descendants, and the database server, which has a session of its own but our data directory. */
function sumMemory(root_pid: number | undefined, field: 'Pss' | 'Rss'): number {
  if (root_pid === undefined) return 0;
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // The process ended while we looked.
    }
  }
  let kilobytes = 0;
  for (const pid of parents.keys()) {
    if (!descendsFrom(pid, root_pid, parents) || isLauncher(pid)) continue;
    try {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      kilobytes += Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0);
    } catch {
      // As above.
    }
  }
  return kilobytes / 1024;
}

/** npm and its shell wait while the server runs; they are not the server. */
function isLauncher(pid: number): boolean {
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return /(^|\/)(npm|sh)\0|^npm /.test(line) || line.includes('npm-cli.js') || line.includes('/bin/npm');
  } catch {
    return true;
  }
}

function descendsFrom(pid: number, ancestor: number, parents: ReadonlyMap<number, number>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
    if (at === ancestor) return true;
  return false;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
