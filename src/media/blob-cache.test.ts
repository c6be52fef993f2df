import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type BlobCache, createBlobCache } from './blob-cache.ts';

let root: string;
let directory: string;
let cache: BlobCache;
let now = 0;
const minute = 60_000;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'gesso-blob-cache-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  directory = await mkdtemp(join(root, 'cache-'));
  cache = await createBlobCache({ directory, bytes_max: 250, clock: { now: () => now } });
});

async function take(text: string): Promise<string> {
  const sha256 = randomBytes(32).toString('hex');
  const path = join(root, sha256);
  const bytes = Buffer.alloc(100, text);
  await writeFile(path, bytes);
  await cache.take(sha256, { path, bytes: bytes.length });
  return sha256;
}

test('moves a file in and opens it, whole or a range of it', async () => {
  const name = await take('a');
  expect(await readFile(cache.path(name) ?? '', 'latin1')).toBe('a'.repeat(100));
  const opened = await cache.open(name, { start: 90, end: 99 });
  expect(opened?.bytes_total).toBe(100);
  expect(opened && (await buffer(opened.stream)).toString()).toBe('a'.repeat(10));
  expect([cache.path('0'.repeat(64)), await cache.open('0'.repeat(64))]).toEqual([null, null]);
});

test('drops the least recently used over its limit, but nothing that was used within two minutes', async () => {
  const [first, second] = [await take('a'), await take('b')];
  now += minute;
  const third = await take('c');
  expect(await readdir(directory)).toHaveLength(3);
  now += minute;
  cache.path(first);
  await cache.tidy();
  expect((await readdir(directory)).sort()).toEqual([first, third].sort());
  expect(cache.path(second)).toBe(null);
});

test('drops under the limit what was not used for a quarter of an hour', async () => {
  const name = await take('a');
  now += 14 * minute;
  await cache.tidy();
  expect(await readdir(directory)).toEqual([name]);
  now += minute;
  await cache.tidy();
  expect(await readdir(directory)).toEqual([]);
});

test('begins empty, and gets over a file that somebody took away', async () => {
  const name = await take('a');
  await rm(join(directory, name));
  expect(await cache.open(name)).toBe(null);
  expect(cache.path(name)).toBe(null);
  await mkdir(join(directory, 'left'));
  await createBlobCache({ directory, bytes_max: 250, clock: { now: () => now } });
  expect(await readdir(directory)).toEqual([]);
});
