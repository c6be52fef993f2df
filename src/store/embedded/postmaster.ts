/** The server process, seen from outside: its pid file, whether it is ours, and how to end it. */
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isRunning } from '../process-identity.ts';

export interface Postmaster {
  readonly pid: number;
  readonly socket_dir: string;
  readonly ready: boolean;
}

/** Fast shutdown rolls back and writes out; a server that does not end then is ended as a crash, which it recovers from. */
const STOP_STEPS: readonly { readonly signal: NodeJS.Signals; readonly wait_ms: number }[] = [
  { signal: 'SIGINT', wait_ms: 20_000 },
  { signal: 'SIGQUIT', wait_ms: 5_000 },
  { signal: 'SIGKILL', wait_ms: 5_000 },
];
const POLL_MS = 5;

/** What postmaster.pid says (its lines: pid, data directory, start, port, socket directory, address, memory, status). */
export async function readPostmaster(cluster_dir: string): Promise<Postmaster | null> {
  const text = await readFile(join(cluster_dir, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return null;
  return { pid, socket_dir: lines[4] ?? '', ready: lines[7] === 'ready' };
}

/** The running server of this cluster, or null: a pid file may name a process that has nothing to do with it. */
export async function findPostmaster(cluster_dir: string): Promise<Postmaster | null> {
  const found = await readPostmaster(cluster_dir);
  if (found === null || !(await isRunning(found.pid))) return null;
  return (await worksIn(found.pid, cluster_dir)) ? found : null;
}

/** Ends the cluster's server if one runs, and returns when its process is gone. */
export async function stopPostmaster(cluster_dir: string): Promise<void> {
  const found = await findPostmaster(cluster_dir);
  if (found === null) return;
  for (const { signal, wait_ms } of STOP_STEPS) {
    try {
      process.kill(found.pid, signal);
    } catch {
      return;
    }
    if (await waitUntil(async () => !(await isRunning(found.pid)), wait_ms)) return;
  }
  throw new Error(`The database process ${found.pid} does not end.`);
}

/** Asks again every few milliseconds; false when the time is over. */
export async function waitUntil(condition: () => Promise<boolean>, wait_ms: number): Promise<boolean> {
  const deadline = performance.now() + wait_ms;
  while (!(await condition())) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** True while any process of the cluster's server lives: its children may outlive it for a moment. */
export async function isInUse(cluster_dir: string): Promise<boolean> {
  if (process.platform !== 'linux') return (await findPostmaster(cluster_dir)) !== null;
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const found = await Promise.all(pids.map((pid) => worksIn(pid, cluster_dir)));
  return found.includes(true);
}

/** A server's working directory is its cluster; where there is no /proc, its command line names it. */
async function worksIn(pid: number, cluster_dir: string): Promise<boolean> {
  const real = await realpath(cluster_dir);
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => null)) === real;
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
  return stdout.includes(real) || stdout.includes(cluster_dir);
}
