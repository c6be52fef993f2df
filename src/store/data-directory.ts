/** The directory that everything Gesso keeps lives in: one process at a time, secrets readable by its owner only. */
import { randomBytes } from 'node:crypto';
import { access, constants, mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readPidLock, takePidLock } from './pid-lock.ts';
import { messageOf, StoreError } from './store-error.ts';

export interface DataDirectory {
  /** Absolute. */
  readonly path: string;
  /** Opens this server to the command line of whoever can read the directory; new at every start. */
  readonly local_token: string;
  /** 32 random bytes in hexadecimal, made once: what GESSO_SECRET is when it is not set. */
  readonly secret: string;
  /** Writes where this process can be reached into the lock, for the command line and for the second who comes. */
  setUrl(url: string): Promise<void>;
  close(): Promise<void>;
}

const LOCK = 'gesso.lock';
const LOCAL_TOKEN = 'local-token';
const SECRET = 'secret';

/** Makes the directory (0700) if need be and locks it; throws StoreError when another process has it. */
export async function openDataDirectory(path: string, started_at: Date): Promise<DataDirectory> {
  const absolute = resolve(path);
  await makeDataDirectory(absolute);
  const taken = await takePidLock(join(absolute, LOCK), started_at);
  if ('holder' in taken) {
    const { pid, url, started_at: since } = taken.holder;
    throw new StoreError(
      `${absolute} is in use by Gesso ${url === null ? '' : `at ${url} `}(process ${pid}, started ${since}). ` +
        'Stop it first, or set GESSO_DATA_DIR to another directory.',
    );
  }
  const local_token = randomBytes(32).toString('base64url');
  await writePrivate(join(absolute, LOCAL_TOKEN), local_token);
  const secret = await readOrMakeSecret(join(absolute, SECRET));
  return {
    path: absolute,
    local_token,
    secret,
    setUrl: (url) => taken.lock.setUrl(url),
    close: () => taken.lock.release(),
  };
}

/** The server that has the directory, for the command line; null when none runs. `url` is null until it listens. */
export async function findRunningServer(
  path: string,
): Promise<{ readonly pid: number; readonly url: string | null; readonly local_token: string } | null> {
  const absolute = resolve(path);
  const holder = await readPidLock(join(absolute, LOCK));
  if (holder === null) return null;
  return { pid: holder.pid, url: holder.url, local_token: await readFile(join(absolute, LOCAL_TOKEN), 'utf8') };
}

/** Only the directory itself is closed to others; those above it are made as the system makes them. */
export async function makeDataDirectory(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    await readdir(path);
  } catch (error) {
    throw new StoreError(
      `The data directory ${path} cannot be used (${messageOf(error)}): ` +
        'set GESSO_DATA_DIR to one that this user may write, or start Gesso as the user who made it.',
      { cause: error },
    );
  }
}

async function readOrMakeSecret(path: string): Promise<string> {
  try {
    const found = (await readFile(path, 'utf8')).trim();
    if (found.length >= 32) return found;
    throw new StoreError(
      `${path} is damaged: restore it, or remove it (then everyone must sign in again, and webhook secrets are others).`,
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // Errors of node:fs carry a code.
  }
  const secret = randomBytes(32).toString('hex');
  await writePrivate(path, secret);
  return secret;
}

/** Whole or not at all, also when the power goes: readers never see a half-written secret. */
async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
