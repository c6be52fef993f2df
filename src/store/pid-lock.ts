/** A lock that dies with its holder: a file that names a process, believed only while that very process lives. */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isProcess, processStart } from './process-identity.ts';

export interface LockHolder {
  readonly pid: number;
  /** ISO 8601. */
  readonly started_at: string;
  readonly url: string | null;
  /** Tells a process from a later one with the same pid; null where the system does not say. */
  readonly process_start: string | null;
  /** Tells locks of one process apart. */
  readonly token: string;
}

export interface PidLock {
  /** Tells others where this process can be reached. */
  setUrl(url: string): Promise<void>;
  release(): Promise<void>;
}

/** Tokens of this process: one with our pid that is not here was left by an earlier process (pid 1 in a container). */
const heldHere = new Set<string>();

/** A takeover takes milliseconds; one that is older was cut by a crash. */
const TAKEOVER_MS_MAX = 10_000;

/** Takes the lock, also over from a dead holder; returns the live holder when there is one. */
export async function takePidLock(
  path: string,
  started_at: Date,
): Promise<{ readonly lock: PidLock } | { readonly holder: LockHolder }> {
  const own: LockHolder = {
    pid: process.pid,
    started_at: started_at.toISOString(),
    url: null,
    process_start: await processStart(process.pid),
    token: randomBytes(16).toString('hex'),
  };
  heldHere.add(own.token);
  const result = await createOrTakeOver(path, own).catch((error: unknown) => {
    heldHere.delete(own.token);
    throw error;
  });
  if (result === null) return { lock: lockOf(path, own) };
  heldHere.delete(own.token);
  return { holder: result };
}

/** Null when the lock is now ours. */
async function createOrTakeOver(path: string, own: LockHolder): Promise<LockHolder | null> {
  for (;;) {
    if (await createWhole(path, JSON.stringify(own))) return null;
    const text = await readText(path);
    if (text === null) continue;
    const holder = parseHolder(text);
    if (holder !== null && (await isHeld(holder))) return holder;
    if (await replaceStale(path, text, own)) return null;
  }
}

/** The live holder of a lock, or null. */
export async function readPidLock(path: string): Promise<LockHolder | null> {
  const text = await readText(path);
  const holder = text === null ? null : parseHolder(text);
  return holder !== null && (await isHeld(holder)) ? holder : null;
}

async function isHeld(holder: LockHolder): Promise<boolean> {
  if (holder.pid === process.pid) return heldHere.has(holder.token);
  return isProcess(holder.pid, holder.process_start);
}

function lockOf(path: string, own: LockHolder): PidLock {
  return {
    async setUrl(url) {
      await replaceWhole(path, { ...own, url });
    },
    async release() {
      if (!heldHere.delete(own.token)) return;
      await rm(path, { force: true });
    },
  };
}

/** Makes the file with all its content, or returns false where one exists: a reader never sees half a lock. */
async function createWhole(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
    await link(draft, path);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code; // Errors of node:fs carry a code.
    if (code === 'EEXIST') return false;
    // File systems without hard links (some container mounts): the next best is a file made by us alone.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP') return createExclusive(path, text);
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function createExclusive(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false; // Errors of node:fs carry a code.
    throw error;
  }
}

/**
 * Puts our lock in place of a dead holder's. Two may find the same stale lock, and a file cannot be compared and
 * replaced in one step: so one at a time looks again and replaces.
 */
async function replaceStale(path: string, stale_text: string, own: LockHolder): Promise<boolean> {
  const guard = `${path}.takeover`;
  if (!(await createExclusive(guard, String(own.pid)))) {
    const made = await stat(guard).catch(() => null);
    if (made !== null && Date.now() - made.mtimeMs > TAKEOVER_MS_MAX) await rm(guard, { force: true });
    await delay(1);
    return false;
  }
  try {
    if ((await readText(path)) !== stale_text) return false;
    await replaceWhole(path, own);
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

async function replaceWhole(path: string, holder: LockHolder): Promise<void> {
  const draft = `${path}.${holder.token}`;
  await writeFile(draft, JSON.stringify(holder), { mode: 0o600 });
  await rename(draft, path);
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // Errors of node:fs carry a code.
    // ENOTDIR: the data directory is a file. Nobody holds it, and opening it says what to do.
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

function parseHolder(text: string): LockHolder | null {
  try {
    const value = JSON.parse(text) as LockHolder; // Written by takePidLock; checked where it matters below.
    return Number.isInteger(value.pid) ? value : null;
  } catch {
    return null;
  }
}
