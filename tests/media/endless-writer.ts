/** Writes blobs into the store named by the first argument until it is killed; prints each hash once it is kept. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate as breathe } from 'node:timers/promises';
import { createFileMediaStore } from '../../src/media/file-media-store.ts';

const store = createFileMediaStore({
  directory: process.argv[2] ?? '',
  ids: { next: (prefix) => `${prefix}_${randomBytes(16).toString('hex')}` },
  clock: { now: () => Date.now() },
});

async function* slowly(chunks: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < chunks; i++) {
    yield randomBytes(16_384);
    await breathe();
  }
}

async function writeForever(chunks: number): Promise<never> {
  for (;;) {
    const blob = await store.put(Readable.from(slowly(chunks), { objectMode: false }), { bytes_max: 1 << 24 });
    process.stdout.write(`${blob.sha256}\n`);
  }
}

// Of several lengths, so that some are always half-way when another is done.
await Promise.all([50, 70, 110, 1000].map(writeForever));
