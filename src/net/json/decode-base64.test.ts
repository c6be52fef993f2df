import { pipeline, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { DecodeBase64 } from './decode-base64.ts';

const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, index) => (index * 37) % 256));

function decode(text: string, size: number): Promise<Buffer> {
  const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
  const source = Readable.from(pieces.map((piece) => Buffer.from(piece)));
  return buffer(pipeline(source, new DecodeBase64('image'), () => undefined));
}

describe('DecodeBase64', () => {
  const texts: ReadonlyArray<readonly [string, string]> = [
    ['a data URL', `data:image/png;base64,${bytes.toString('base64')}`],
    ['a data URL with parameters', `DATA:image/png;name=a.png;BASE64,${bytes.toString('base64')}`],
    ['bare base64', bytes.toString('base64')],
    ['the URL alphabet, unpadded', bytes.toString('base64url')],
    ['lines of 76', bytes.toString('base64').replace(/.{76}/g, '$&\r\n')],
  ];
  it.each(texts)('decodes %s at any chunk size', async (_name, text) => {
    for (const size of [1, 2, 3, 4, 5, 77, 10_000]) expect(await decode(text, size)).toEqual(bytes);
  });

  it.each(['data:image/svg+xml,<svg/>', `data:${'x'.repeat(600)}`])('refuses %.30s', async (text) => {
    await expect(decode(text, 100)).rejects.toMatchObject({ code: 'invalid_image', param: 'image' });
  });
});
