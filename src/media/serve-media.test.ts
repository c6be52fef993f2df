import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { ByteRange } from '../contracts/media.ts';
import { type MediaRequest, serveMedia } from './serve-media.ts';

const content = '0123456789';
const now = 1_000_000;
const media = { tag: 'abc', bytes_total: 10, content_type: 'image/png', file_name: 'm.png', expires_at: now + 90_500 };

let opened = 0;
const open = async (range?: ByteRange) => {
  opened += 1;
  return Readable.from([Buffer.from(range ? content.slice(range.start, range.end + 1) : content)]);
};
const serve = (headers: MediaRequest['headers'] = {}, method: 'GET' | 'HEAD' = 'GET', changes = {}) =>
  serveMedia({ ...media, ...changes }, { method, headers }, now, open);

describe('serveMedia', () => {
  it('sends the whole with everything a cache and a browser need', async () => {
    const answer = await serve();
    expect(answer.status).toBe(200);
    expect(answer.stream && (await text(answer.stream))).toBe(content);
    expect(answer.headers).toEqual({
      'accept-ranges': 'bytes',
      'cache-control': 'public, max-age=90, immutable',
      'content-disposition': 'inline; filename="m.png"',
      'content-length': '10',
      'content-security-policy': "default-src 'none'",
      'content-type': 'image/png',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      etag: '"abc"',
    });
  });

  it('says a year of what never expires, and not_found of what has', async () => {
    expect((await serve({}, 'GET', { expires_at: null })).headers['cache-control']).toContain('max-age=31536000,');
    await expect(serve({}, 'GET', { expires_at: now })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('lets no file name out of its quotes', async () => {
    const answer = await serve({}, 'GET', { file_name: 'a"\r\nset-cookie: x/..png' });
    expect(answer.headers['content-disposition']).toBe('inline; filename="a___set-cookie__x_..png"');
  });

  it.each([
    ['"abc"', 304],
    ['W/"abc"', 304],
    ['"x", "abc"', 304],
    ['*', 304],
    ['"x"', 200],
    ['abc', 200],
  ])('If-None-Match %s gives %i', async (value, status) => {
    opened = 0;
    const answer = await serve({ 'if-none-match': value });
    expect(answer.status).toBe(status);
    expect(opened).toBe(status === 304 ? 0 : 1);
    expect(answer.headers.etag).toBe('"abc"');
    expect('content-length' in answer.headers).toBe(status === 200);
  });

  it.each([
    ['bytes=0-0', 206, '0'],
    ['bytes=2-4', 206, '234'],
    ['bytes=7-', 206, '789'],
    ['bytes=7-99', 206, '789'],
    ['bytes=-3', 206, '789'],
    ['bytes=-99', 206, content],
    ['BYTES=1-2', 206, '12'],
    ['bytes=10-', 416, null],
    ['bytes=10-20', 416, null],
    ['bytes=-0', 416, null],
    ['bytes=4-2', 200, content],
    ['bytes=-', 200, content],
    ['bytes=a-b', 200, content],
    ['bytes=0-1,3-4', 200, content],
    ['lines=0-1', 200, content],
  ])('Range %s gives %i', async (range, status, body) => {
    const answer = await serve({ range });
    expect(answer.status).toBe(status);
    expect(answer.stream ? await text(answer.stream) : null).toBe(body);
    if (status === 416) expect(answer.headers['content-range']).toBe('bytes */10');
    else expect(answer.headers['content-length']).toBe(String(body?.length));
  });

  it('says which part it sends', async () => {
    expect((await serve({ range: 'bytes=2-4' })).headers['content-range']).toBe('bytes 2-4/10');
  });

  it.each([
    ['"abc"', 206],
    ['"old"', 200],
    ['W/"abc"', 200],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 200],
  ])('If-Range %s gives %i', async (ifRange, status) => {
    expect((await serve({ range: 'bytes=0-1', 'if-range': ifRange })).status).toBe(status);
  });

  it('answers HEAD as GET, without opening the file', async () => {
    opened = 0;
    const [head, get] = [await serve({}, 'HEAD'), await serve()];
    expect(head).toEqual({ ...get, stream: null });
    expect((await serve({ range: 'bytes=0-1' }, 'HEAD')).status).toBe(200);
    expect(opened).toBe(1);
  });
});
