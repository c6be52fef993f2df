/** What the operator and the caller are told when the bucket cannot be used: on a server of its own, to be stopped. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { checkBucket, openMediaStore } from '../../src/media/open-media-store.ts';
import { type S3Server, startS3Server } from './s3-server.ts';
import { openBucket, randomIds, type TestBucket } from './test-bucket.ts';

let bucket: TestBucket;
let server: S3Server;
let directory: string;
beforeAll(async () => {
  bucket = await openBucket({ own: true });
  if (bucket.server === null) throw new Error('a server of its own was asked for');
  server = bucket.server;
  directory = await mkdtemp(join(tmpdir(), 'gesso-s3-faults-'));
});
afterAll(async () => {
  await bucket.close();
  await rm(directory, { recursive: true, force: true });
});

/** Settings as the operator writes them. */
const settings = (changes: Readonly<Record<string, string>> = {}) =>
  loadConfig({
    S3_BUCKET: bucket.access.bucket,
    S3_ENDPOINT: bucket.access.endpoint ?? '',
    S3_ACCESS_KEY_ID: bucket.access.credentials?.access_key_id ?? '',
    S3_SECRET_ACCESS_KEY: bucket.access.credentials?.secret_access_key ?? '',
    ...changes,
  });

describe('at start', () => {
  it('says where pictures are when all is well, and leaves nothing of the trial', async () => {
    expect(await checkBucket(settings({ S3_PREFIX: '/trial/' }))).toMatch(/^s3:\/\/gesso-test-\w+\/trial\/ at http/);
    expect(await bucket.keys('trial/')).toEqual([]);
    expect(await checkBucket(loadConfig({}))).toBe(null);
  });

  it.each([
    [
      'a bucket that is not there',
      { S3_BUCKET: 'nobody-made-this' },
      /cannot write in .*"nobody-made-this".*Make the bucket/,
    ],
    ['a wrong secret', { S3_SECRET_ACCESS_KEY: 'wrong' }, /Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY/],
    ['an unknown key', { S3_ACCESS_KEY_ID: 'nobody' }, /Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY/],
    ['half a key', { S3_SECRET_ACCESS_KEY: '' }, /Set both S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or neither/],
    ['nobody at the endpoint', { S3_ENDPOINT: 'http://127.0.0.1:9' }, /ECONNREFUSED.*Check S3_ENDPOINT/],
  ])('refuses %s with a sentence that says what to do', async (_, changes, sentence) => {
    const refused = openMediaStore({
      settings: settings(changes),
      directory: join(directory, 'refused'),
      ids: randomIds,
      clock: { now: () => Date.now() },
      log: { warn: () => {}, error: () => {} },
    });
    await expect(refused).rejects.toMatchObject({ name: 'MediaStoreError', message: expect.stringMatching(sentence) });
  });
});

describe('at work', () => {
  it('names the rights that a key lacks', async () => {
    const stranger = await server.addStranger();
    const changes = {
      S3_ACCESS_KEY_ID: stranger.access_key_id,
      S3_SECRET_ACCESS_KEY: stranger.secret_access_key,
    };
    await expect(checkBucket(settings(changes))).rejects.toThrow(/AccessDenied.*must be allowed s3:GetObject/);
  });

  it('tells the caller to come back when the server is gone, and leaves no file behind', async () => {
    const said: string[] = [];
    const log = { warn: () => {}, error: (_: object, message: string) => said.push(message) };
    const place = await mkdtemp(join(directory, 'gone-'));
    const store = await bucket.store({ directory: place, log });
    const { sha256 } = await store.put(randomBytes(1000), { bytes_max: 1000 });
    await store.forget(sha256);
    await server.kill();
    const refused = { code: 'overloaded', status: 503, retry_after_ms: 5000 };
    await expect(store.put(randomBytes(1000), { bytes_max: 1000 })).rejects.toMatchObject(refused);
    await expect(store.open(sha256)).rejects.toMatchObject(refused);
    await expect(store.ping()).rejects.toMatchObject(refused);
    expect(await readdir(join(place, 'partial'))).toEqual([]);
    expect(said[0]).toMatch(/^S3: cannot store a picture in the bucket .*Check S3_ENDPOINT/);
    await server.start();
    await store.ping();
  });

  it('waits for a server that starts again', async () => {
    const store = await bucket.store({ directory: await mkdtemp(join(directory, 'again-')) });
    const bytes = randomBytes(100_000);
    await server.kill();
    const stored = store.put(bytes, { bytes_max: 100_000 });
    await sleep(300);
    await server.start();
    expect(await store.has((await stored).sha256)).toBe(true);
  });
});

it('starts no server when it is not told which', async () => {
  const { GESSO_TEST_S3_SERVER: set } = process.env;
  delete process.env.GESSO_TEST_S3_SERVER;
  await expect(startS3Server()).rejects.toThrow(/Set GESSO_TEST_S3_SERVER/);
  if (set !== undefined) process.env.GESSO_TEST_S3_SERVER = set;
});
