import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { decodeDataUrl } from './data-url.ts';

const bytes = randomBytes(1001);
const base64 = bytes.toString('base64');
const options = { bytes_max: 10_000, param: 'image' };

describe('decodeDataUrl', () => {
  it.each([
    ['data:image/png;base64,', 'image/png', base64],
    ['data:IMAGE/PNG;BASE64,', 'image/png', base64],
    ['data:image/png;charset=utf-8;base64,', 'image/png', base64],
    ['data:;base64,', null, base64],
    ['', null, base64],
    ['', null, bytes.toString('base64url')],
    ['data:image/png;base64,', 'image/png', base64.replace(/=+$/, '')],
    ['data:image/png;base64,', 'image/png', base64.replaceAll(/(.{76})/g, '$1\r\n')],
    ['data:image/png;base64,', 'image/png', encodeURIComponent(base64)],
  ])('reads %j (%s)', async (head, declared_type, body) => {
    const decoded = decodeDataUrl(head + body, options);
    expect(decoded).toMatchObject({ declared_type, bytes: 1001 });
    expect((await buffer(decoded.stream)).equals(bytes)).toBe(true);
  });

  it('decodes a large one in pieces', async () => {
    const large = randomBytes(3_000_001);
    const decoded = decodeDataUrl(large.toString('base64'), { bytes_max: 3_000_001 });
    const pieces: Buffer[] = await decoded.stream.toArray();
    expect(pieces.length).toBeGreaterThan(10);
    expect(Buffer.concat(pieces).equals(large)).toBe(true);
  });

  it.each([
    ['nonsense', 'what is this?', 'invalid_image_url', /neither an http/],
    ['a file path', '/etc/passwd', 'invalid_image_url', /neither an http/],
    ['a short word', 'abcd', 'invalid_image_url', /neither an http/],
    ['another scheme', 'ftp://example.com/picture.png', 'invalid_image_url', /neither an http/],
    ['nothing', '', 'invalid_image_url', /neither an http/],
    ['a data URL without base64', 'data:image/svg+xml,<svg/>', 'invalid_image_url', /not in base64/],
    ['an empty data URL', 'data:image/png;base64,', 'invalid_image_url', /empty/],
    ['too much', `data:image/png;base64,${'A'.repeat(20_000)}`, 'payload_too_large', /15000 bytes; at most 10000/],
  ])('refuses %s', (_, text, code, message) => {
    const decode = () => decodeDataUrl(text, options);
    expect(decode).toThrow(message);
    expect(decode).toThrow(expect.objectContaining({ code, param: 'image' }));
  });

  it.each([
    ['other characters', `${base64.slice(0, 500)}!*${base64.slice(502)}`],
    ['padding in the middle', `${base64.slice(0, 500)}==${base64.slice(502)}`],
    ['one character too many', 'A'.repeat(101)],
  ])('fails on %s', async (_, body) => {
    const { stream } = decodeDataUrl(`data:image/png;base64,${body}`, options);
    await expect(buffer(stream)).rejects.toMatchObject({ code: 'invalid_image_url', param: 'image' });
  });
});
