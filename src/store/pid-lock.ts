/** A lock that dies with its holder: a file that names a process, believed only while that very process lives. */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isProcess, processStart } from './process-identity.ts';

export interface LockHolder {
  readonly pid: number;
  /** ISO 8601. */
  readonly started_at: string;
  readonly url: string | null;
  /** Tells a process from a later one with the same pid; null where the system does not say. */
  readonly process_start: string | null;
}

export interface PidLock {
  /** Tells others where this process can be reached. */
  setUrl(url: string): Promise<void>;
  release(): Promise<void>;
}

/** Locks of this process: a lock file with our own pid that is not here was left by an earlier process (pid 1 in a container). */
const heldHere = new Set<string>();

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
  };
  for (;;) {
    if (await createWhole(path, JSON.stringify(own))) {
      heldHere.add(path);
      return { lock: lockOf(path, own) };
    }
    const text = await readText(path);
    if (text === null) continue;
    const holder = parseHolder(text);
    if (holder !== null && (await isHeld(path, holder))) return { holder };
    await removeStale(path, text);
  }
}

/** The live holder of a lock, or null. */
export async function readPidLock(path: string): Promise<LockHolder | null> {
  const text = await readText(path);
  const holder = text === null ? null : parseHolder(text);
  return holder !== null && (await isHeld(path, holder)) ? holder : null;
}

async function isHeld(path: string, holder: LockHolder): Promise<boolean> {
  if (holder.pid === process.pid) return heldHere.has(path);
  return isProcess(holder.pid, holder.process_start);
}

function lockOf(path: string, own: LockHolder): PidLock {
  return {
    async setUrl(url) {
      const draft = `${path}.${own.pid}`;
      await writeFile(draft, JSON.stringify({ ...own, url }), { mode: 0o600 });
      await rename(draft, path);
    },
    async release() {
      if (!heldHere.delete(path)) return;
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

/** Two may find the same stale lock: each moves away what is there, and puts back what proves to be another's new lock. */
async function removeStale(path: string, stale_text: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(path, aside);
    if ((await readText(aside)) !== stale_text) await link(aside, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code; // Errors of node:fs carry a code.
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null; // Errors of node:fs carry a code.
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
