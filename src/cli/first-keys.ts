/** Keys of the first start lie in a file that only its owner reads until a terminal has shown them. */
import { access, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FirstKeys } from '../contracts/app.ts';

/** Returns the file's path. Never writes over an earlier file: its keys may still be in use. */
export async function keepFirstKeys(data_dir: string, keys: FirstKeys): Promise<string> {
  const text = [
    '# Made on the first start of Gesso. Move them to a safe place and remove this file.',
    `GESSO_ADMIN_KEY=${keys.admin}`,
    `GESSO_LIVE_KEY=${keys.live}`,
    `GESSO_TEST_KEY=${keys.test}`,
    '',
  ].join('\n');
  const path = firstKeysPath(data_dir);
  try {
    await writeFile(path, text, { mode: 0o600, flag: 'wx' });
    return path;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // Errors of node:fs carry a code.
    const other = path.replace(/\.txt$/, `-${keys.admin.slice(-6)}.txt`);
    await writeFile(other, text, { mode: 0o600 });
    return other;
  }
}

/** The file of an earlier start, where there is one. */
export async function findFirstKeys(data_dir: string): Promise<string | null> {
  const path = firstKeysPath(data_dir);
  return access(path).then(
    () => path,
    () => null,
  );
}

/** Once a person has seen the keys, nothing keeps them but their owner. */
export async function forgetFirstKeys(path: string): Promise<void> {
  await rm(path, { force: true });
}

function firstKeysPath(data_dir: string): string {
  return join(resolve(data_dir), 'first-keys.txt');
}
