import { createHash, randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from 'vitest';
import type { MediaStore } from '../../src/contracts/media.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const limit = { bytes_max: 10_000_000 };

/** What every media store must do. `makeStore` gives an empty one. */
export function describeMediaStore(name: string, makeStore: () => Promise<MediaStore>): void {
  describe(`media store: ${name}`, () => {
    let store: MediaStore;
    beforeEach(async () => {
      store = await makeStore();
    });

    it.each([
      ['bytes', (bytes: Buffer) => bytes],
      ['one chunk', (bytes: Buffer) => Readable.from([bytes], { objectMode: false })],
      ['many chunks', (bytes: Buffer) => Readable.from(slices(bytes, 1000), { objectMode: false })],
    ])('keeps what was put as %s', async (_, source) => {
      const bytes = randomBytes(300_001);
      const blob = await store.put(source(bytes), limit);
      expect(blob).toEqual({ sha256: sha256(bytes), bytes: bytes.length });
      expect(await store.has(blob.sha256)).toBe(true);
      const opened = await store.open(blob.sha256);
      expect(opened.bytes_total).toBe(bytes.length);
      expect(bytes.equals(await buffer(opened.stream))).toBe(true);
    });

    it('keeps an empty blob', async () => {
      const blob = await store.put(Buffer.alloc(0), limit);
      const opened = await store.open(blob.sha256);
      expect((await buffer(opened.stream)).length).toBe(0);
    });

    it('makes one blob of the same bytes, also at once', async () => {
      const bytes = randomBytes(50_000);
      const blobs = await Promise.all(Array.from({ length: 8 }, () => store.put(Buffer.from(bytes), limit)));
      expect(new Set(blobs.map((blob) => blob.sha256)).size).toBe(1);
      const opened = await store.open(sha256(bytes));
      expect(bytes.equals(await buffer(opened.stream))).toBe(true);
    });

    it.each([[{ start: 0, end: 0 }], [{ start: 10, end: 19 }], [{ start: 990, end: 999 }]])(
      'opens the range %o',
      async (range) => {
        const bytes = randomBytes(1000);
        const blob = await store.put(bytes, limit);
        const opened = await store.open(blob.sha256, range);
        expect(opened.bytes_total).toBe(1000);
        expect((await buffer(opened.stream)).equals(bytes.subarray(range.start, range.end + 1))).toBe(true);
      },
    );

    it.each([
      ['bytes', (bytes: Buffer) => bytes],
      ['a stream', (bytes: Buffer) => Readable.from(slices(bytes, 100), { objectMode: false })],
    ])('refuses %s above the limit and keeps nothing', async (_, source) => {
      const bytes = randomBytes(1001);
      await expect(store.put(source(bytes), { bytes_max: 1000 })).rejects.toMatchObject({ code: 'payload_too_large' });
      expect(await store.has(sha256(bytes))).toBe(false);
      await expect(store.put(source(bytes), { bytes_max: 1001 })).resolves.toMatchObject({ bytes: 1001 });
    });

    it('keeps nothing of a stream that fails, and passes its error on', async () => {
      const whole = randomBytes(2000);
      const broken = Readable.from(
        (function* () {
          yield whole;
          throw new Error('the line was cut');
        })(),
        { objectMode: false },
      );
      await expect(store.put(broken, limit)).rejects.toThrow('the line was cut');
      expect(await store.has(sha256(whole))).toBe(false);
    });

    it('says not_found for what is not there, and for names that are no hash', async () => {
      for (const absent of [sha256(randomBytes(8)), '../../../etc/passwd', '', 'AB'.repeat(32)]) {
        await expect(async () => store.open(absent)).rejects.toMatchObject({ code: 'not_found' });
      }
    });

    it('keeps nothing of what its inspector refuses, and lets it see the whole', async () => {
      const store = await makeStore();
      const bytes = randomBytes(70_000);
      let seen = 0;
      const inspect = async (found: { readonly path: string } | Uint8Array) => {
        seen = found instanceof Uint8Array ? found.length : (await stat(found.path)).size;
        throw new Error('no picture');
      };
      await expect(store.put(bytes, { ...limit, inspect })).rejects.toThrow('no picture');
      expect(seen).toBe(70_000);
      expect(await store.has(sha256(bytes))).toBe(false);
    });

    it('lists what was stored before a time', async () => {
      const store = await makeStore();
      const names = await Promise.all(
        ['a', 'b'].map(async (text) => (await store.put(Buffer.from(text), limit)).sha256),
      );
      const list = async (time: Date) => (await Array.fromAsync(store.storedBefore(time))).sort();
      expect(await list(new Date(Date.now() - 60_000))).toEqual([]);
      expect(await list(new Date(Date.now() + 60_000))).toEqual(names.sort());
    });

    it('keeps bytes that were stored again since the time that a deletion is about', async () => {
      const store = await makeStore();
      const blob = await store.put(Buffer.from('twice stored'), { bytes_max: 100 });
      await store.delete(blob.sha256, new Date(Date.now() - 60_000));
      expect(await store.has(blob.sha256)).toBe(true);
      await store.delete(blob.sha256, new Date(Date.now() + 60_000));
      expect(await store.has(blob.sha256)).toBe(false);
    });

    it('deletes, also twice, and takes the bytes again', async () => {
      const bytes = randomBytes(100);
      const blob = await store.put(bytes, limit);
      await store.delete(blob.sha256);
      await store.delete(blob.sha256);
      expect(await store.has(blob.sha256)).toBe(false);
      await store.put(bytes, limit);
      expect(await store.has(blob.sha256)).toBe(true);
    });

    it('sweeps without touching whole blobs or writers at work', async () => {
      const blob = await store.put(randomBytes(100), limit);
      const bytes = randomBytes(5000);
      let swept: Promise<void> | undefined;
      const source = Readable.from(
        (function* () {
          yield bytes.subarray(0, 2500);
          swept = store.sweep();
          yield bytes.subarray(2500);
        })(),
        { objectMode: false },
      );
      const written = await store.put(source, limit);
      await swept;
      await store.sweep();
      expect(await store.has(blob.sha256)).toBe(true);
      expect(await store.has(written.sha256)).toBe(true);
    });
  });
}

function* slices(bytes: Buffer, size: number): Generator<Buffer> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}
