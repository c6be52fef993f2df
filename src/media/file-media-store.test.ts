import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { describeMediaStore } from '../../tests/media/media-store-suite.ts';
import { createFileMediaStore } from './file-media-store.ts';

const root = mkdtempSync(join(tmpdir(), 'gesso-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const newDirectory = () => mkdtempSync(join(root, 'store-'));
const storeIn = (directory: string) =>
  createFileMediaStore({
    directory,
    ids: { next: (prefix) => `${prefix}_${randomBytes(16).toString('hex')}` },
    clock: { now: () => Date.now() },
  });

const filesUnder = (directory: string) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describeMediaStore('files', async () => storeIn(newDirectory()));

describe('createFileMediaStore', () => {
  it('leaves no partial file behind a failure', async () => {
    const directory = newDirectory();
    await expect(storeIn(directory).put(randomBytes(10), { bytes_max: 1 })).rejects.toThrow();
    expect(filesUnder(directory)).toEqual([]);
  });

  it('names the path where a blob lies', async () => {
    const store = storeIn(newDirectory());
    const bytes = randomBytes(10);
    const { sha256 } = await store.put(bytes, { bytes_max: 10 });
    expect(readFileSync((await store.localPath(sha256)) ?? '')).toEqual(bytes);
  });

  it('survives kill -9: every file is whole, every kept one is there, and the leavings are swept', async () => {
    const directory = newDirectory();
    const script = join(import.meta.dirname, '../../tests/media/endless-writer.ts');
    const writer = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(writer, 'exit');
    const kept: string[] = [];
    for await (const line of createInterface({ input: writer.stdout })) {
      kept.push(line);
      if (kept.length === 7) writer.kill('SIGKILL');
    }
    await exited;
    expect(kept.length).toBeGreaterThanOrEqual(7);
    const blobs = filesUnder(join(directory, 'blobs'));
    for (const blob of blobs) {
      expect(createHash('sha256').update(readFileSync(blob)).digest('hex')).toBe(basename(blob));
    }
    expect(blobs.map((blob) => basename(blob))).toEqual(expect.arrayContaining(kept));
    expect(filesUnder(join(directory, 'partial')).length).toBeGreaterThan(0);
    await storeIn(directory).sweep();
    expect(filesUnder(join(directory, 'partial'))).toEqual([]);
  });

  const host = hostname().replaceAll(/[^\w-]/g, '_');
  const hour = 60 * 60;
  it.each([
    ['a dead process of this host', `${host}.4194999.part_x`, 0, false],
    ['this process', `${host}.${process.pid}.part_x`, 0, true],
    ['this process number in an earlier life', `${host}.${process.pid}.part_x`, 48 * hour, false],
    ['a living process of this host', `${host}.${process.ppid}.part_x`, 0, true],
    ['another host, lately', 'elsewhere.1.part_x', 0, true],
    ['another host, long silent', 'elsewhere.1.part_x', 2 * hour, false],
  ])('sweeps by who wrote: %s', async (_, name, age_seconds, stays) => {
    const directory = newDirectory();
    const store = storeIn(directory);
    await store.put(Buffer.from('x'), { bytes_max: 1 });
    const path = join(directory, 'partial', name);
    writeFileSync(path, 'half');
    const changed = Date.now() / 1000 - age_seconds;
    if (age_seconds > 0) utimesSync(path, changed, changed);
    await store.sweep();
    expect(filesUnder(join(directory, 'partial')).length).toBe(stays ? 1 : 0);
  });
});
