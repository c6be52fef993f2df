/** Where the server's socket lies: in the cluster itself, or, where that path is too long for a socket, in a short one. */
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { canReach, type RunAs } from './run-as.ts';
import { PORT } from './server-options.ts';

/** A unix socket's whole path must fit in 104 bytes on macOS, 108 on Linux. */
const PATH_BYTES_MAX = 100;
const PREFIX = 'gesso-';

/** The directory is the server user's own (0700): whoever can enter it is trusted. */
export async function makeSocketDirectory(cluster_dir: string, user: RunAs | null): Promise<string> {
  if (Buffer.byteLength(join(cluster_dir, `.s.PGSQL.${PORT}`)) <= PATH_BYTES_MAX) return cluster_dir;
  const temporary = tmpdir();
  const usable = temporary.length < PATH_BYTES_MAX / 2 && (user === null || (await canReach(temporary, user)));
  const made = await mkdtemp(join(usable ? temporary : '/tmp', PREFIX));
  if (user !== null) await chown(made, user.uid, user.gid);
  return made;
}

/** Removes a directory that was made for the socket alone. */
export async function removeSocketDirectory(cluster_dir: string, socket_dir: string): Promise<void> {
  if (socket_dir === cluster_dir || !basename(socket_dir).startsWith(PREFIX)) return;
  if (dirname(socket_dir) === '/') return;
  await rm(socket_dir, { recursive: true, force: true });
}
