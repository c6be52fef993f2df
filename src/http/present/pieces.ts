/**
 * JSON text in which pictures stand as base64, sent without ever holding a picture: the text is a list of pieces, and a
 * picture's piece is read from the store and encoded as the client takes it.
 */
import { Readable } from 'node:stream';
import type { MediaStore } from '../../contracts/media.ts';

/** A stored picture as a JSON string of bare base64, quotes included. */
export interface StoredPiece {
  readonly blob_sha256: string;
  readonly bytes: number;
}

export type Piece = string | StoredPiece;

/** The JSON object `{"b64_json": <picture>, ...fields}`. */
export function objectWithPicture(picture: StoredPiece, fields: Readonly<Record<string, unknown>>): Piece[] {
  const rest = JSON.stringify(fields).slice(1);
  return ['{"b64_json":', picture, rest === '}' ? rest : `,${rest}`];
}

/** Bytes of UTF-8 that the pieces will have: known before any of them is read. */
export function piecesLength(pieces: readonly Piece[]): number {
  return pieces.reduce(
    (sum, piece) => sum + (typeof piece === 'string' ? Buffer.byteLength(piece) : 2 + 4 * Math.ceil(piece.bytes / 3)),
    0,
  );
}

/** The pieces' bytes. A picture that cannot be read ends the stream with the store's error. */
export async function* readPieces(pieces: readonly Piece[], store: MediaStore): AsyncGenerator<Buffer> {
  for (const piece of pieces) {
    if (typeof piece === 'string') yield Buffer.from(piece);
    else yield* readBase64(piece, store);
  }
}

export function streamPieces(pieces: readonly Piece[], store: MediaStore): Readable {
  return Readable.from(readPieces(pieces, store), { objectMode: false });
}

async function* readBase64(piece: StoredPiece, store: MediaStore): AsyncGenerator<Buffer> {
  yield Buffer.from('"');
  const { stream } = await store.open(piece.blob_sha256);
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % 3);
    rest = Buffer.from(bytes.subarray(whole));
    if (whole > 0) yield Buffer.from(bytes.toString('base64', 0, whole), 'latin1');
  }
  yield Buffer.from(`${rest.toString('base64')}"`, 'latin1');
}
