/**
 * Stores blobs until it is killed; prints each hash once it is kept. Arguments: a directory, the access to the bucket as
 * JSON, a prefix.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate as breathe } from 'node:timers/promises';
import { createBlobCache } from '../../src/media/blob-cache.ts';
import { connectS3, type S3Access } from '../../src/media/s3/connect-s3.ts';
import { createS3Objects } from '../../src/media/s3/s3-objects.ts';
import { createS3MediaStore } from '../../src/media/s3-media-store.ts';
import { createSpool } from '../../src/media/spool.ts';

const [directory = '', json = '', prefix = ''] = process.argv.slice(2);
const access = JSON.parse(json) as S3Access; // Written by the test.
const ids = { next: (kind: string) => `${kind}_${randomBytes(16).toString('hex')}` };
const clock = { now: () => Date.now() };

const store = createS3MediaStore({
  objects: createS3Objects(await connectS3(access), { bucket: access.bucket, multipart_from_bytes: 6_000_000 }),
  access,
  prefix,
  spool: createSpool({ directory: join(directory, 'partial'), ids, clock }),
  cache: await createBlobCache({ directory: join(directory, 'copies'), bytes_max: 1e9, clock }),
  ids,
  clock,
  log: { warn: () => {}, error: () => {} },
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

// Of several lengths, so that some are always half-way when another is done; the longest goes in parts.
await Promise.all([50, 70, 110, 800].map(writeForever));
