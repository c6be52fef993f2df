import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findRunningServer, openDataDirectory } from '../../src/store/data-directory.ts';
import { takePidLock } from '../../src/store/pid-lock.ts';
import { processStart } from '../../src/store/process-identity.ts';
import { at } from './samples.ts';
import { startScript } from './start-script.ts';

const own_start = await processStart(process.pid);

let parent: string;
let path: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'gesso-test-'));
  path = join(parent, 'deep', 'data');
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);

test('is made for its owner alone, and so are its secrets', async () => {
  const directory = await openDataDirectory(path, at);
  expect(await modeOf(path)).toBe('700');
  for (const name of ['gesso.lock', 'local-token', 'secret']) expect(await modeOf(join(path, name))).toBe('600');
  expect(await readFile(join(path, 'secret'), 'utf8')).toMatch(/^[0-9a-f]{64}$/);
  await directory.close();
});

test('keeps its secret, and makes a new local token at every start', async () => {
  const first = await openDataDirectory(path, at);
  await first.close();
  const second = await openDataDirectory(path, at);
  await second.close();
  expect(second.secret).toBe(first.secret);
  expect(second.local_token).not.toBe(first.local_token);
});

test('one that cannot be used is told, with what to do', async () => {
  await writeFile(join(parent, 'file'), '');
  expect(await findRunningServer(join(parent, 'file'))).toBeNull();
  await expect(openDataDirectory(join(parent, 'file'), at)).rejects.toThrow(/cannot be used .*set GESSO_DATA_DIR/);
  await expect(openDataDirectory(join(parent, 'file', 'data'), at)).rejects.toThrow(/cannot be used/);
});

test('a damaged secret is told, not replaced: replacing it would sign everyone out', async () => {
  await (await openDataDirectory(path, at)).close();
  await writeFile(join(path, 'secret'), 'short');
  await expect(openDataDirectory(path, at)).rejects.toThrow('secret is damaged');
});

describe('the lock', () => {
  test('names who has it, and the command line finds that one', async () => {
    const directory = await openDataDirectory(path, at);
    await expect(openDataDirectory(path, at)).rejects.toThrow(
      `is in use by Gesso (process ${process.pid}, started 2026-11-20T12:00:00.123Z)`,
    );
    await directory.setUrl('http://127.0.0.1:8080');
    await expect(openDataDirectory(path, at)).rejects.toThrow(`in use by Gesso at http://127.0.0.1:8080 (process`);
    expect(await findRunningServer(path)).toEqual({
      pid: process.pid,
      url: 'http://127.0.0.1:8080',
      local_token: directory.local_token,
    });
    await directory.close();
    expect(await findRunningServer(path)).toBeNull();
    await (await openDataDirectory(path, at)).close();
  });

  test('holds against another process while that lives, and not after', async () => {
    const holder = await startScript('hold-data-directory.ts', [path]);
    await expect(openDataDirectory(path, at)).rejects.toThrow(`process ${holder.pid},`);
    await holder.kill();
    await (await openDataDirectory(path, at)).close();
  });

  test.each([
    ['nothing', ''],
    ['garbage', '{"pid":'],
    ['a process that is gone', JSON.stringify({ pid: 4_000_000, process_start: null })],
    ['an earlier process with our own pid', JSON.stringify({ pid: process.pid, process_start: own_start, token: 'x' })],
    ['another process that got the same pid', JSON.stringify({ pid: process.ppid, process_start: 'earlier:1' })],
  ])('is taken over when it names %s', async (_name, text) => {
    const lock = join(parent, 'lock');
    await writeFile(lock, text);
    expect(await takePidLock(lock, at)).toHaveProperty('lock');
  });

  test('of many that take over a stale one at once, exactly one has it', async () => {
    for (let round = 0; round < 50; round += 1) {
      const lock = join(parent, `lock-${round}`);
      await writeFile(lock, JSON.stringify({ pid: 4_000_000, process_start: null }));
      const taken = await Promise.all([1, 2, 3, 4, 5, 6].map(() => takePidLock(lock, at)));
      expect(taken.filter((result) => 'lock' in result)).toHaveLength(1);
    }
  });
});
