/** Where the embedded database's files are: in the data directory, or, where its user cannot reach that, beside it. */
import { createHash } from 'node:crypto';
import { access, chmod, chown, mkdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EmbeddedUnavailable, messageOf, StoreError } from '../store-error.ts';
import type { StoreLog } from '../store-log.ts';
import { SYSTEM_DIR } from './binaries.ts';
import { stopPostmaster } from './postmaster.ts';
import { canReach, type RunAs } from './run-as.ts';

/** In the data directory: says where the cluster is when it is not there. */
const LOCATION = 'postgres.location';
/** In a place outside: says whose it is. */
const OWNER = 'data-directory';

/** The cluster that a data directory has, or null when none was made yet. */
export async function findCluster(data_dir: string): Promise<string | null> {
  const outside = await readText(join(data_dir, LOCATION));
  const cluster = outside === null ? join(data_dir, 'postgres') : join(outside, 'postgres');
  return (await exists(join(cluster, 'PG_VERSION'))) ? cluster : null;
}

/** Decides where the cluster is or shall be, makes the way to it passable for `user`, and returns its path. */
export async function placeCluster(data_dir: string, user: RunAs | null, log: StoreLog): Promise<string> {
  const recorded = await readText(join(data_dir, LOCATION));
  if (recorded !== null) return join(await checkOutside(data_dir, recorded), 'postgres');
  const inside = join(data_dir, 'postgres');
  if (user === null) return inside;
  await openTo(data_dir, user);
  if ((await exists(inside)) || (await canReach(data_dir, user))) return inside;
  return join(await placeOutside(data_dir, log), 'postgres');
}

/**
 * Lets the user pass through the data directory, and no more: to a directory that is closed to all but root, only
 * the user's group is let in. Directories above it belong to others, and are left alone.
 */
async function openTo(data_dir: string, user: RunAs): Promise<void> {
  if ((await canReach(data_dir, user)) || !(await canReach(dirname(data_dir), user))) return;
  const { mode, uid } = await stat(data_dir);
  if (uid !== 0) return;
  if ((mode & 0o077) === 0) {
    await chown(data_dir, uid, user.gid);
    await chmod(data_dir, 0o710);
  } else {
    await chmod(data_dir, (mode & 0o7777) | 0o001);
  }
}

async function placeOutside(data_dir: string, log: StoreLog): Promise<string> {
  const real = await realpath(data_dir);
  const outside = join(SYSTEM_DIR, createHash('sha256').update(real).digest('hex').slice(0, 16));
  try {
    if (await exists(join(outside, 'postgres'))) await setAside(outside, real, log);
    await mkdir(outside, { recursive: true, mode: 0o711 });
    await chmod(SYSTEM_DIR, 0o711);
    await chmod(outside, 0o711);
  } catch (error) {
    throw new EmbeddedUnavailable(
      `The database cannot be kept under ${real}, which only root can enter, nor in ${SYSTEM_DIR} (${messageOf(error)}).`,
      { cause: error },
    );
  }
  await writeFile(join(outside, OWNER), real, { mode: 0o600 });
  await writeFile(join(data_dir, LOCATION), outside, { mode: 0o600 });
  log.warn(
    { path: outside },
    `The database is kept in ${outside}, since only root can enter ${real}: back up both, and in a container mount both.`,
  );
  return outside;
}

/** The data directory was removed and made anew: its old database is neither shown again nor thrown away. */
async function setAside(outside: string, data_dir: string, log: StoreLog): Promise<void> {
  await stopPostmaster(join(outside, 'postgres'));
  const aside = `${outside}.${Math.round((await stat(join(outside, 'postgres'))).mtimeMs)}`;
  await rename(outside, aside);
  log.warn({ path: aside }, `A database that ${data_dir} had before it was made anew was moved to ${aside}.`);
}

async function checkOutside(data_dir: string, outside: string): Promise<string> {
  const real = await realpath(data_dir);
  const owner = await readText(join(outside, OWNER));
  if (owner === null) {
    throw new StoreError(
      `The database of ${real} should be in ${outside}, and is not: restore it, ` +
        `or remove ${join(real, LOCATION)} to start with an empty one.`,
    );
  }
  if (owner === real) return outside;
  if (await exists(owner)) {
    throw new StoreError(
      `${outside} is the database of ${owner}, and ${real} looks like a copy of that: ` +
        `remove ${join(real, LOCATION)} to start with an empty one.`,
    );
  }
  await writeFile(join(outside, OWNER), real, { mode: 0o600 });
  return outside;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function readText(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null; // Errors of node:fs carry a code.
    throw error;
  }
}
