/** The media store against a real S3 server: what every store must do, and what only this one can get wrong. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ByteRange } from '../../src/contracts/media.ts';
import { createDeletionMarks } from '../../src/media/s3/deletion-marks.ts';
import type { S3Objects } from '../../src/media/s3/s3-objects.ts';
import { describeMediaStore } from '../media/media-store-suite.ts';
import { openBucket, type TestBucket } from './test-bucket.ts';

let bucket: TestBucket;
let root: string;
beforeAll(async () => {
  bucket = await openBucket();
  root = await mkdtemp(join(tmpdir(), 'gesso-s3-store-'));
});
afterAll(async () => {
  await bucket.close();
  await rm(root, { recursive: true, force: true });
});

const newDirectory = () => mkdtemp(join(root, 'store-'));
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const limit = { bytes_max: 100_000_000 };
const inMs = (ms: number) => new Date(Date.now() + ms);

describeMediaStore('S3', async () => bucket.store({ directory: await newDirectory() }));

describe('createS3MediaStore', () => {
  it('sends large files in parts, of which ranges can be read', async () => {
    const prefix = bucket.newPrefix();
    const store = await bucket.store({ directory: await newDirectory(), prefix, multipart_from_bytes: 6_000_000 });
    const elsewhere = await bucket.store({ directory: await newDirectory(), prefix });
    const bytes = randomBytes(20_000_003);
    const { sha256 } = await store.put(Readable.from(bytes.subarray(), { objectMode: false }), limit);
    expect(sha256).toBe(hashOf(bytes));
    const read = async (range?: ByteRange) => buffer((await elsewhere.open(sha256, range)).stream);
    expect((await read()).equals(bytes)).toBe(true);
    const acrossParts = { start: 8_388_600, end: 8_388_700 };
    expect((await read(acrossParts)).equals(bytes.subarray(acrossParts.start, acrossParts.end + 1))).toBe(true);
  });

  it('fetches a copy once for all who decode at the same time, and serves what it stored itself from its copy', async () => {
    const prefix = bucket.newPrefix();
    const [one, other] = [
      await bucket.store({ directory: await newDirectory(), prefix }),
      await bucket.store({ directory: await newDirectory(), prefix }),
    ];
    const bytes = randomBytes(200_000);
    const { sha256 } = await one.put(bytes, limit);
    const paths = await Promise.all(Array.from({ length: 5 }, () => other.localPath(sha256)));
    expect(new Set(paths).size).toBe(1);
    expect((await readFile(paths[0] ?? '')).equals(bytes)).toBe(true);
    await one.delete(sha256);
    await expect(one.localPath(sha256)).rejects.toMatchObject({ code: 'not_found' });
    expect(await other.has(sha256)).toBe(false);
    await other.forget(sha256);
    await expect(other.open(sha256)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('keeps copies under the limit, and those of the last minutes in any case', async () => {
    let later_ms = 0;
    const directory = await newDirectory();
    const clock = { now: () => Date.now() + later_ms };
    const store = await bucket.store({ directory, cache_bytes_max: 2500, clock });
    const copies = () => readdir(join(directory, 'copies'));
    const names = [];
    for (let i = 0; i < 4; i++) names.push((await store.put(randomBytes(1000), limit)).sha256);
    expect(await copies()).toHaveLength(4);
    later_ms = 3 * 60_000;
    await store.localPath(names[0] ?? '');
    await store.put(randomBytes(1000), limit);
    expect(await copies()).toHaveLength(2);
    expect(await copies()).toContain(names[0]);
    later_ms += 20 * 60_000;
    await store.sweep();
    expect(await copies()).toEqual([]);
    expect(await buffer((await store.open(names[1] ?? '')).stream)).toHaveLength(1000);
  });

  it('tells bytes that were stored again from those that a deletion is about, within one second', async () => {
    const store = await bucket.store({ directory: await newDirectory() });
    const bytes = randomBytes(100);
    const { sha256 } = await store.put(bytes, limit);
    const between = inMs(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await store.put(bytes, limit);
    await store.delete(sha256, between);
    expect(await store.has(sha256)).toBe(true);
    await store.delete(sha256, inMs(1));
    expect(await store.has(sha256)).toBe(false);
  });

  it('loses nothing that is stored between the look of a deletion and its act', async () => {
    const prefix = bucket.newPrefix();
    const looked = Promise.withResolvers<void>();
    const act = Promise.withResolvers<void>();
    const slow = (objects: S3Objects): S3Objects => ({
      ...objects,
      async delete(key, signal) {
        if (key.includes('blobs/')) {
          looked.resolve();
          await act.promise;
        }
        return objects.delete(key, signal);
      },
    });
    const deleter = await bucket.store({ directory: await newDirectory(), prefix, around: slow });
    const writer = await bucket.store({ directory: await newDirectory(), prefix });
    const bytes = randomBytes(1000);
    const { sha256 } = await writer.put(bytes, limit);
    const deleted = deleter.delete(sha256, inMs(0));
    await looked.promise;
    let isStored = false;
    const stored = writer.put(bytes, limit).then(() => {
      isStored = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isStored).toBe(false);
    act.resolve();
    await Promise.all([deleted, stored]);
    expect(await writer.has(sha256)).toBe(true);
  });

  it('keeps what two processes store while two others delete what was there before', async () => {
    const prefix = bucket.newPrefix();
    const stores = await Promise.all(
      Array.from({ length: 4 }, async () => bucket.store({ directory: await newDirectory(), prefix })),
    );
    const bytes = randomBytes(20_000);
    const sha256 = hashOf(bytes);
    for (let round = 0; round < 25; round++) {
      const before = inMs(0);
      await new Promise((resolve) => setTimeout(resolve, 1 + (round % 4)));
      const [a, b, c, d] = stores;
      await Promise.all([
        a?.put(bytes, limit),
        c?.delete(sha256, before),
        b?.put(bytes, limit),
        d?.delete(sha256, before),
      ]);
      expect(await a?.has(sha256)).toBe(true);
    }
    expect(await bucket.keys(`${prefix}deleting/`)).toEqual([]);
  });

  it('waits for no deletion of a process that died, and sweeps its marks', async () => {
    const prefix = `${bucket.newPrefix()}deleting/`;
    const { objects } = bucket;
    const marks = createDeletionMarks({ objects, prefix, ids: bucket.ids, abandoned_after_ms: 150 });
    const sha256 = hashOf(randomBytes(8));
    await expect(marks.marked(sha256, () => Promise.reject(new Error('cut')))).rejects.toThrow('cut');
    expect(await bucket.keys(prefix)).toHaveLength(1);
    await marks.settled(sha256);
    expect(await bucket.keys(prefix)).toEqual([]);
    await expect(marks.marked(sha256, () => Promise.reject(new Error('cut')))).rejects.toThrow('cut');
    await marks.sweep(inMs(-60_000));
    expect(await bucket.keys(prefix)).toHaveLength(1);
    await marks.sweep(inMs(60_000));
    expect(await bucket.keys(prefix)).toEqual([]);
  });

  it('survives kill -9: every object is whole, every kept one is there, and the leavings are swept', async () => {
    const prefix = bucket.newPrefix();
    const directory = await newDirectory();
    const script = join(import.meta.dirname, 'endless-s3-writer.ts');
    const access = JSON.stringify(bucket.access);
    const writer = spawn(process.execPath, [script, directory, access, prefix], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(writer, 'exit');
    const kept: string[] = [];
    for await (const line of createInterface({ input: writer.stdout })) {
      kept.push(line);
      if (kept.length === 7) writer.kill('SIGKILL');
    }
    await exited;
    const keys = await bucket.keys(`${prefix}blobs/`);
    for (const key of keys) {
      const bytes = await buffer((await bucket.objects.read(key)).stream);
      expect(hashOf(bytes)).toBe(basename(key));
    }
    expect(keys.map((key) => basename(key))).toEqual(expect.arrayContaining(kept));
    expect((await readdir(join(directory, 'partial'))).length).toBeGreaterThan(0);
    const clock = { now: () => Date.now() + 2 * 60 * 60_000 };
    const next = await bucket.store({ directory, prefix, clock });
    const begun = await bucket.beginUpload(`${prefix}blobs/aa/bb/half`);
    await next.sweep();
    expect(await readdir(join(directory, 'partial'))).toEqual([]);
    expect(await bucket.uploadExists(begun)).toBe(false);
  });

  it('leaves uploads in parts alone that are under way', async () => {
    const prefix = bucket.newPrefix();
    const store = await bucket.store({ directory: await newDirectory(), prefix });
    const begun = await bucket.beginUpload(`${prefix}blobs/aa/bb/half`);
    await store.sweep();
    expect(await bucket.uploadExists(begun)).toBe(true);
  });

  it('refuses to take other bytes than their name says for a picture', async () => {
    const prefix = bucket.newPrefix();
    const store = await bucket.store({ directory: await newDirectory(), prefix });
    const sha256 = hashOf(randomBytes(8));
    const key = `${prefix}blobs/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
    await bucket.objects.putText(key, 'something else');
    await expect(store.localPath(sha256)).rejects.toMatchObject({ code: 'internal_error' });
  });

  it('takes 200 pictures at once in bounded memory', async () => {
    const store = await bucket.store({ directory: await newDirectory() });
    const chunk = randomBytes(65_536);
    const picture = (number: number) =>
      Readable.from(
        (function* () {
          yield Buffer.from(`picture ${number}`);
          for (let i = 0; i < 32; i++) yield chunk;
        })(),
        { objectMode: false },
      );
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 10);
    const blobs = await Promise.all(Array.from({ length: 200 }, (_, i) => store.put(picture(i), limit)));
    clearInterval(watch);
    expect(new Set(blobs.map(({ sha256 }) => sha256)).size).toBe(200);
    // All of them together are 420 MB; what is taken is what 200 open streams and files take.
    expect((peak - before) / 1e6).toBeLessThan(220);
  });
});
