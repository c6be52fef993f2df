/** Starts the server of a cluster and waits until it takes connections. */
import { spawn } from 'node:child_process';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '../store-error.ts';
import type { StoreLog } from '../store-log.ts';
import type { Binaries } from './binaries.ts';
import { isInUse, readPostmaster, stopPostmaster, waitUntil } from './postmaster.ts';
import { postgresEnvironment, type RunAs } from './run-as.ts';
import { PORT, serverArguments } from './server-options.ts';

/** What is known of a cluster before its server runs. */
export interface Site {
  readonly data_dir: string;
  readonly cluster_dir: string;
  readonly binaries: Binaries;
  readonly user: RunAs | null;
  readonly durable: boolean;
  readonly log: StoreLog;
}

/** Recovery after a crash replays at most max_wal_size, which takes seconds; a slow disk gets more. */
const START_WAIT_MS = 120_000;
/** Children of a server killed with -9 hold its memory until they notice. */
const LEFTOVER_WAIT_MS = 15_000;
const LEFTOVER_POLL_MS = 20;
const LOG_BYTES_MAX = 1_000_000;

/** Returns the pid of the server; throws StoreError with the server's own words when it does not start. */
export async function launch(site: Site, socket_dir: string): Promise<number> {
  const deadline = performance.now() + LEFTOVER_WAIT_MS;
  for (;;) {
    if (!(await isInUse(site.cluster_dir))) await removeLockFiles(site, socket_dir);
    const result = await launchOnce(site, socket_dir);
    if (typeof result === 'number') return result;
    const left_over = /lock file .* already exists|is still in use/.test(result);
    if (!left_over || performance.now() > deadline) {
      throw new StoreError(`The database in ${site.cluster_dir} does not start: ${result}`);
    }
    await delay(LEFTOVER_POLL_MS);
  }
}

/** PostgreSQL believes them as long as any process, even a dead one that nobody has buried, has the pid in them. */
async function removeLockFiles({ cluster_dir }: Site, socket_dir: string): Promise<void> {
  await rm(join(cluster_dir, 'postmaster.pid'), { force: true });
  await rm(join(socket_dir, `.s.PGSQL.${PORT}.lock`), { force: true });
}

/** The pid of a server that is ready, or what is known of why there is none. */
async function launchOnce(site: Site, socket_dir: string): Promise<number | string> {
  const log_path = join(site.data_dir, 'postgres.log');
  const large = ((await stat(log_path).catch(() => null))?.size ?? 0) > LOG_BYTES_MAX;
  const log_file = await open(log_path, large ? 'w' : 'a', 0o600);
  try {
    const log_start = (await log_file.stat()).size;
    const server = spawnServer(site, socket_dir, log_file.fd);
    const isReady = async () => {
      const found = await readPostmaster(site.cluster_dir);
      return found?.ready === true && found.pid === server.pid;
    };
    await waitUntil(async () => server.failure() !== null || (await isReady()), START_WAIT_MS);
    const failure = server.failure();
    if (failure === null && server.pid !== undefined && (await isReady())) return server.pid;
    if (failure === null) await stopPostmaster(site.cluster_dir);
    const written = (await readFile(log_path)).subarray(log_start).toString('utf8').trim();
    return written === '' ? (failure ?? 'it was not ready in time') : written;
  } finally {
    await log_file.close();
  }
}

interface Spawned {
  readonly pid: number | undefined;
  failure(): string | null;
}

function spawnServer(site: Site, socket_dir: string, log_fd: number): Spawned {
  const args = serverArguments(site.cluster_dir, socket_dir, site.binaries.version, site.durable);
  let failure: string | null = null;
  // In a session of its own: Ctrl-C in the terminal reaches us, and we end the server when our work is done.
  const child = spawn(site.binaries.postgres, args, {
    cwd: '/',
    env: postgresEnvironment(),
    detached: true,
    stdio: ['ignore', log_fd, log_fd],
    ...(site.user ?? {}),
  });
  child.on('error', (error) => {
    failure = error.message;
  });
  child.on('exit', (code, signal) => {
    failure ??= `it ended with ${signal ?? code}`;
  });
  child.unref();
  return { pid: child.pid, failure: () => failure };
}
