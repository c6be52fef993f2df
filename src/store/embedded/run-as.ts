/** Whom the database runs as: PostgreSQL refuses root, so root lends it another user that every system has. */
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

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

/** Runs a program to its end; rejects with what it wrote to stderr. */
export function runProgram(file: string, args: readonly string[], user: RunAs | null): Promise<string> {
  // The working directory may be closed to the other user; the root directory is not.
  const options = { cwd: '/', env: postgresEnvironment(), timeout: 120_000, ...(user ?? {}) };
  return new Promise((done, fail) => {
    try {
      execFile(file, [...args], options, (error, stdout, stderr) => {
        if (error === null) done(stdout);
        else fail(new Error(stderr.trim() || error.message, { cause: error }));
      });
    } catch (error) {
      fail(error);
    }
  });
}
