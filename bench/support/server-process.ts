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
  /** Processor time that the server and all that it started have used, in ms: tells work from waiting on a busy machine. */
  cpuMs(): number;
  stop(): Promise<void>;
}

export async function makeDataDirectory(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'gesso-bench-'));
  // npm may end before the server whose database still writes its last there.
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 }) };
}

/** `ready_path` is asked until it answers 200: of another server than ours too. */
export async function startServer(
  data_dir: string,
  command: readonly [string, ...string[]] = ['npm', 'start', '--silent'],
  environment: Readonly<Record<string, string>> = {},
  ready_path = '/readyz',
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
  await waitUntilReady(`${url}${ready_path}`, child);
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
    cpuMs: () => sumCpuMs(child.pid),
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
    const ok = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return;
    await sleep(10);
  }
  throw new Error('the server was not ready within 30 s');
}

/** Without launchers: the process and its descendants, the database server among them. */
function processesOf(root_pid: number | undefined): number[] {
  if (root_pid === undefined) return [];
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
  return [...parents.keys()].filter((pid) => descendsFrom(pid, root_pid, parents) && !isLauncher(pid));
}

/** The clock of /proc/<pid>/stat, everywhere on Linux. */
const TICKS_PER_SECOND = 100;

function sumCpuMs(root_pid: number | undefined): number {
  const ticks = processesOf(root_pid).map((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [utime, stime] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13);
      return Number(utime) + Number(stime);
    } catch {
      return 0; // The process ended while we looked.
    }
  });
  return (ticks.reduce((sum, one) => sum + one, 0) * 1000) / TICKS_PER_SECOND;
}

function sumMemory(root_pid: number | undefined, field: 'Pss' | 'Rss'): number {
  let kilobytes = 0;
  for (const pid of processesOf(root_pid)) {
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

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
