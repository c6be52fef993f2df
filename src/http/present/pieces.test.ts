import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { MediaStore } from '../../contracts/media.ts';
import { objectWithPicture, piecesLength, streamPieces } from './pieces.ts';

/** A store in memory that reads in chunks of an awkward length: the encoder must carry what does not fill a group. */
function memoryStore(blobs: ReadonlyMap<string, Buffer>, chunk: number): MediaStore {
  const missing = () => Promise.reject(new Error('not used'));
  return {
    put: missing,
    has: missing,
    delete: missing,
    storedBefore: async function* () {},
    sweep: missing,
    localPath: async () => null,
    async open(sha256) {
      const bytes = blobs.get(sha256) ?? Buffer.alloc(0);
      const parts = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, at) =>
        bytes.subarray(at * chunk, (at + 1) * chunk),
      );
      return { stream: Readable.from(parts), bytes_total: bytes.length };
    },
  };
}

describe('streamPieces', () => {
  it('encodes pictures of any length, and knows the length before', async () => {
    for (const bytes of [0, 1, 2, 3, 4, 100, 1001]) {
      const picture = Buffer.from(Array.from({ length: bytes }, (_, index) => (index * 7) % 256));
      const name = createHash('sha256').update(picture).digest('hex');
      for (const chunk of [1, 2, 3, 5, 4096]) {
        const pieces = objectWithPicture({ blob_sha256: name, bytes }, { note: 'é😀', b: 1 });
        const sent = await buffer(streamPieces(pieces, memoryStore(new Map([[name, picture]]), chunk)));
        expect(JSON.parse(sent.toString())).toEqual({ b64_json: picture.toString('base64'), note: 'é😀', b: 1 });
        expect(sent.length).toBe(piecesLength(pieces));
      }
    }
  });

  it('makes an object of a picture alone', async () => {
    const store = memoryStore(new Map([['a', Buffer.from('abc')]]), 3);
    const sent = await buffer(streamPieces(objectWithPicture({ blob_sha256: 'a', bytes: 3 }, {}), store));
    expect(sent.toString()).toBe('{"b64_json":"YWJj"}');
  });
});
