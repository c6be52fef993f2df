import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { asFetchFault, FetchFault } from './fetch-fault.ts';

const decoders: Readonly<Record<string, (() => Transform) | null>> = {
  '': null,
  identity: null,
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Asked for in every request; more than one coding upon another is refused. */
export const acceptedEncodings = 'gzip, deflate, br';

/**
 * The decoded bytes of an answer, at most `bytes_max` of them: a gzip bomb ends at the limit however small it came.
 * Faults come as `FetchFault`. `onClose` runs once, whether the body was read, given up or never touched.
 */
export function cappedBody(
  raw: Readable,
  encoding: string,
  limits: { readonly bytes_max: number; readonly onClose: () => void },
): Readable {
  const decoder = decoders[encoding.trim().toLowerCase()];
  if (decoder === undefined) {
    raw.destroy();
    throw new FetchFault('bad_encoding', `content encoding "${encoding}"`, { sent: true });
  }
  const body = Readable.from(cappedChunks(raw, decoder, limits.bytes_max), { objectMode: false });
  // A generator that was never started runs no `finally`, so that this hangs on the stream.
  body.once('close', () => {
    raw.destroy();
    limits.onClose();
  });
  return body;
}

async function* cappedChunks(
  raw: Readable,
  decoder: (() => Transform) | null,
  bytes_max: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    // The callback is needed so that a fault is an error of the stream alone, which the loop throws.
    const decoded: AsyncIterable<Uint8Array> = decoder ? pipeline(raw, decoder(), () => {}) : raw;
    for await (const chunk of decoded) {
      bytes += chunk.byteLength;
      if (bytes > bytes_max) throw new FetchFault('too_large', `more than ${bytes_max} bytes`, { sent: true });
      yield chunk;
    }
  } catch (error) {
    throw asFetchFault(error, true);
  }
}
