/** Whom the database runs as: PostgreSQL refuses root, so root lends it another user that every system has. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

const NOBODY = 65534;

/**
 * Null unless we are root. A cluster that exists already is run by its owner (PostgreSQL insists on it), a new one by
 * `nobody`, whose numbers differ between systems.
 */
export async function chooseRunAs(cluster_dir: string | null): Promise<RunAs | null> {
  if (process.getuid?.() !== 0) return null;
  const owner = cluster_dir === null ? null : await stat(cluster_dir).catch(() => null);
  if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const fields = passwd
    .split('\n')
    .find((line) => line.startsWith('nobody:'))
    ?.split(':');
  return { uid: Number(fields?.[2] ?? NOBODY), gid: Number(fields?.[3] ?? NOBODY) };
}

/** True when the user may enter the directory and every directory above it, by their permission bits. */
export async function canReach(directory: string, user: RunAs): Promise<boolean> {
  for (let path = resolve(directory); ; path = dirname(path)) {
    const { mode, uid, gid } = await stat(path);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** Environment of everything that belongs to PostgreSQL: nothing of ours (PGDATA, LANG) may reach it. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  const { PATH, LD_LIBRARY_PATH, TMPDIR } = process.env;
  return {
    PATH: PATH ?? '/usr/bin:/bin',
    LC_ALL: 'C',
    TZ: 'UTC',
    ...(LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH }),
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
  };
}

const PROGRAM_TIMEOUT_MS = 120_000;

/**
 * Runs a program to its end; rejects with what it wrote to stderr. It gets a session of its own: Ctrl-C in our terminal
 * is for us, and must not end an initdb halfway, which would look as if PostgreSQL could not run here.
 */
export async function runProgram(file: string, args: readonly string[], user: RunAs | null): Promise<string> {
  const child = spawn(file, args, {
    // The working directory may be closed to the other user; the root directory is not.
    cwd: '/',
    env: postgresEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    timeout: PROGRAM_TIMEOUT_MS,
    ...(user ?? {}),
  });
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (child.exitCode === 0) return stdout;
  throw new Error(stderr.trim() || `${file} ended with ${child.exitCode ?? child.signalCode}`);
}
