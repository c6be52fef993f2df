/** The whole server with its pictures in S3. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';
import { openBucket, type TestBucket } from './test-bucket.ts';

let bucket: TestBucket;
beforeAll(async () => {
  bucket = await openBucket();
});
afterAll(async () => bucket.close());

const environment = (changes: Readonly<Record<string, string>>): Record<string, string> => ({
  S3_BUCKET: bucket.access.bucket,
  S3_ENDPOINT: bucket.access.endpoint ?? '',
  S3_ACCESS_KEY_ID: bucket.access.credentials?.access_key_id ?? '',
  S3_SECRET_ACCESS_KEY: bucket.access.credentials?.secret_access_key ?? '',
  ...changes,
});

const authorization = `Bearer ${testKeys.test}`;

async function post(app: TestApp, path: string, body: object) {
  const response = await fetch(`${app.url}${path}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  // The shape is the API's, tested elsewhere.
  return (await response.json()) as { data: { url: string }[]; metadata: { request_id: string } };
}

async function draw(app: TestApp, prompt: string) {
  const answer = await post(app, '/v1/images/generations', { model: 'gesso/sketch', prompt, size: '256x256' });
  return { url: answer.data[0]?.url ?? '', request_id: answer.metadata.request_id };
}

const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('proxied', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp(environment({ S3_PREFIX: 'proxied' }));
  });
  afterAll(async () => app.close());

  it('stores a picture in the bucket and serves it: whole, in ranges, its head, only when changed', async () => {
    const { url } = await draw(app, 'a lighthouse');
    const whole = await fetch(url);
    const bytes = await bytesOf(whole);
    expect((await sharp(bytes).metadata()).width).toBe(256);
    const etag = whole.headers.get('etag') ?? '';
    expect(etag).toBe(`"${hashOf(bytes)}"`);
    const key = (await bucket.keys('proxied/blobs/')).find((one) => one.endsWith(hashOf(bytes)));
    expect(key).toBe(`proxied/blobs/${hashOf(bytes).slice(0, 2)}/${hashOf(bytes).slice(2, 4)}/${hashOf(bytes)}`);

    const range = await fetch(url, { headers: { range: 'bytes=10-19' } });
    expect([range.status, await bytesOf(range)]).toEqual([206, bytes.subarray(10, 20)]);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const small = await bytesOf(await fetch(`${url}?w=64`));
    expect((await sharp(small).metadata()).width).toBe(64);
  });

  it('edits a stored picture by its link, also when its copy is gone', async () => {
    const { url } = await draw(app, 'a house at noon');
    await app.restart();
    const own = `${app.url}${new URL(url).pathname}`;
    const edited = await post(app, '/v1/images/edits', { model: 'gesso/sketch', prompt: 'make it night', image: own });
    const [before, after] = [await bytesOf(await fetch(own)), await bytesOf(await fetch(edited.data[0]?.url ?? ''))];
    expect((await sharp(after).stats()).channels[0]?.mean).toBeLessThan(
      (await sharp(before).stats()).channels[0]?.mean ?? 0,
    );
  });

  it('removes the object with the payloads, at once', async () => {
    const { url, request_id } = await draw(app, 'a secret');
    const sha256 = hashOf(await bytesOf(await fetch(url)));
    const present = async () => (await bucket.keys('proxied/')).some((key) => key.endsWith(sha256));
    expect(await present()).toBe(true);
    const path = `/v1/requests/${request_id}/payloads`;
    const purged = await fetch(`${app.url}${path}`, { method: 'DELETE', headers: { authorization } });
    expect(purged.status).toBe(200);
    expect(await present()).toBe(false);
    expect((await fetch(url)).status).toBe(404);
    expect(await readdir(join(app.data_dir, 'media', 'copies'))).not.toContain(sha256);
  });

  it('is ready while the bucket answers', async () => {
    const ready = await fetch(`${app.url}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { checks: { media: 'ok' } }]);
  });
});

describe('redirected', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp(environment({ GESSO_MEDIA_DELIVERY: 'redirect' }));
  });
  afterAll(async () => app.close());

  it('sends the client to the bucket for the bytes, and answers the rest itself', async () => {
    const { url } = await draw(app, 'a bridge');
    const sent = await fetch(url, { redirect: 'manual' });
    expect(sent.status).toBe(302);
    expect(sent.headers.get('cache-control')).toBe('public, max-age=150');
    const location = new URL(sent.headers.get('location') ?? '');
    expect(location.origin).toBe(bucket.access.endpoint);
    expect(location.searchParams.get('X-Amz-Expires')).toBe('300');

    const followed = await fetch(url);
    const bytes = await bytesOf(followed);
    expect(followed.headers.get('content-type')).toBe('image/png');
    expect(followed.headers.get('cache-control')).toContain('immutable');
    expect(followed.headers.get('content-disposition')).toMatch(/^inline; filename="img_\w+\.png"$/);
    const range = await fetch(url, { headers: { range: 'bytes=10-19' } });
    expect([range.status, await bytesOf(range)]).toEqual([206, bytes.subarray(10, 20)]);

    const head = await fetch(url, { method: 'HEAD', redirect: 'manual' });
    const etag = head.headers.get('etag') ?? '';
    expect([head.status, etag]).toEqual([200, `"${hashOf(bytes)}"`]);
    expect((await fetch(url, { redirect: 'manual', headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await fetch(`${url}?w=64`, { redirect: 'manual' })).status).toBe(200);
    expect((await fetch(url, { redirect: 'manual', headers: { range: 'bytes=9999999-' } })).status).toBe(416);
  });
});

it('does not start with a bucket that it cannot use, and says why', async () => {
  const data_dir = await mkdtemp(join(tmpdir(), 'gesso-s3-refused-'));
  const settings = environment({ S3_BUCKET: 'nobody-made-this', GESSO_DATA_DIR: data_dir });
  await expect(createApp(loadConfig(settings), { logDestination: new PassThrough() })).rejects.toThrow(
    /Make the bucket/,
  );
  await rm(data_dir, { recursive: true, force: true });
});
