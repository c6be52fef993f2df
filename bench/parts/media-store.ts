/** The S3 media store beside the one of files, on the server that GESSO_TEST_S3_SERVER names. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { MediaStore } from '../../src/contracts/media.ts';
import { createFileMediaStore } from '../../src/media/file-media-store.ts';
import { openBucket, randomIds } from '../../tests/s3/test-bucket.ts';
import type { BenchPart, Figure } from '../support/bench-part.ts';

/** A picture of 1024 x 1024 as PNG. */
const PICTURE_BYTES = 1_500_000;
const ALONE = 20;
const TOGETHER = 200;
const AT_ONCE = 16;

interface Times {
  readonly put_ms: number;
  readonly get_ms: number;
  readonly puts_per_s: number;
  readonly gets_per_s: number;
  readonly delete_ms: number;
}

export const mediaStore: BenchPart = {
  name: 'media-store',
  async run() {
    const directory = await mkdtemp(join(tmpdir(), 'gesso-bench-media-'));
    const bucket = await openBucket();
    try {
      const clock = { now: () => Date.now() };
      const files = createFileMediaStore({ directory: join(directory, 'files'), ids: randomIds, clock });
      const prefix = bucket.newPrefix();
      const s3 = await bucket.store({ directory: join(directory, 's3'), prefix });
      // Without a copy: as another process reads what this one stored.
      const reader = await bucket.store({ directory: join(directory, 'reader'), prefix });
      const [ours, floor] = [await measure(s3, reader), await measure(files, files)];
      return figuresOf(ours, floor);
    } finally {
      await bucket.close();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function measure(writer: MediaStore, reader: MediaStore): Promise<Times> {
  const put = async () => {
    const source = Readable.from([randomBytes(PICTURE_BYTES)], { objectMode: false });
    return (await writer.put(source, { bytes_max: PICTURE_BYTES })).sha256;
  };
  const get = async (sha256: string) => {
    const { stream } = await reader.open(sha256);
    await pipeline(stream, new Writable({ write: (_chunk, _encoding, done) => done() }));
  };
  await get(await put());
  const names: string[] = [];
  const put_ms = await each(ALONE, 1, async () => void names.push(await put()));
  const get_ms = await each(ALONE, 1, async (at) => get(names[at] ?? ''));
  const before = new Date(Date.now() + 1);
  const delete_ms = await each(ALONE, 1, async (at) => writer.delete(names[at] ?? '', before));
  names.length = 0;
  const puts_ms = await each(TOGETHER, AT_ONCE, async () => void names.push(await put()));
  const gets_ms = await each(TOGETHER, AT_ONCE, async (at) => get(names[at] ?? ''));
  return { put_ms, get_ms, delete_ms, puts_per_s: 1000 / puts_ms, gets_per_s: 1000 / gets_ms };
}

/** Milliseconds for each, from begin to end of all. */
async function each(count: number, at_once: number, work: (at: number) => Promise<void>): Promise<number> {
  const begun = performance.now();
  let next = 0;
  const runOne = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: at_once }, runOne));
  return (performance.now() - begun) / count;
}

function figuresOf(ours: Times, floor: Times): Figure[] {
  const beside = (value: number) => `files: ${value.toFixed(1)}`;
  return [
    { name: 'put 1.5 MB to S3, alone', value: ours.put_ms, unit: 'ms', beside: beside(floor.put_ms) },
    { name: 'get 1.5 MB from S3, alone', value: ours.get_ms, unit: 'ms', beside: beside(floor.get_ms) },
    { name: 'delete from S3, alone', value: ours.delete_ms, unit: 'ms', beside: beside(floor.delete_ms) },
    {
      name: `put to S3, ${AT_ONCE} at once`,
      value: ours.puts_per_s,
      unit: 'requests/s',
      beside: beside(floor.puts_per_s),
    },
    {
      name: `get from S3, ${AT_ONCE} at once`,
      value: ours.gets_per_s,
      unit: 'requests/s',
      beside: beside(floor.gets_per_s),
    },
  ];
}
