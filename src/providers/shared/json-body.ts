/** A JSON body with pictures in it, written piece by piece: they are read from the media store while it is sent. */
import type { Readable } from 'node:stream';
import type { JsonObject, JsonValue } from '../../contracts/json.ts';
import type { StoredPicture } from '../../contracts/media.ts';
import type { ProviderRequest } from '../../contracts/provider.ts';

export type OpenPicture = (picture: StoredPicture) => Promise<Readable>;

/** A body whose length is known before its first byte. */
export interface EncodedBody {
  readonly bytes: number;
  readonly chunks: () => AsyncGenerator<Uint8Array>;
  readonly content_type: string;
}

type Pictures = NonNullable<ProviderRequest['pictures']>;
type Piece = Uint8Array | StoredPicture;

/** `{"$image": index}` and `{"$mask": true}` become base64 or data URLs, `{"$image_type": index}` a content type; all else is as it stands. */
export function encodeJson(json: JsonObject, pictures: Pictures | undefined, open: OpenPicture): EncodedBody {
  const pieces = piecesOf(json, pictures);
  return {
    content_type: 'application/json',
    bytes: pieces.reduce((sum, piece) => sum + (isBytes(piece) ? piece.byteLength : base64Length(piece.bytes)), 0),
    async *chunks() {
      for (const piece of pieces) {
        if (isBytes(piece)) yield piece;
        else yield* inBase64(await open(piece));
      }
    },
  };
}

const isBytes = (piece: Piece): piece is Uint8Array => piece instanceof Uint8Array;

const base64Length = (bytes: number): number => 4 * Math.ceil(bytes / 3);

/** Text between two pictures is one piece. */
function piecesOf(json: JsonObject, pictures: Pictures | undefined): Piece[] {
  const pieces: Piece[] = [];
  let text = '';
  for (const part of write(json, pictures)) {
    if (typeof part === 'string') text += part;
    else {
      pieces.push(Buffer.from(text), part);
      text = '';
    }
  }
  return [...pieces, Buffer.from(text)];
}

function* write(value: JsonValue, pictures: Pictures | undefined): Generator<string | StoredPicture> {
  const picture = pictures === undefined ? null : pictureAt(value, pictures);
  const type = pictures === undefined ? null : typeAt(value, pictures);
  if (type !== null) yield JSON.stringify(type);
  else if (picture !== null) {
    yield pictures?.as === 'data_url' ? `"data:${picture.content_type};base64,` : '"';
    yield picture;
    yield '"';
  } else if (isList(value)) {
    for (const [index, item] of value.entries()) {
      yield index === 0 ? '[' : ',';
      yield* write(item, pictures);
    }
    yield value.length === 0 ? '[]' : ']';
  } else if (typeof value === 'object' && value !== null) {
    let opening = '{';
    for (const [name, field] of Object.entries(value)) {
      yield `${opening}${JSON.stringify(name)}:`;
      yield* write(field, pictures);
      opening = ',';
    }
    yield opening === '{' ? '{}' : '}';
  } else yield JSON.stringify(value);
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

/** The picture that a value stands for; null where it stands for itself. */
function pictureAt(value: JsonValue, { images, mask }: Pictures): StoredPicture | null {
  if (typeof value !== 'object' || value === null || isList(value) || Object.keys(value).length !== 1) return null;
  const { $image: index, $mask: isMask } = value;
  if (typeof index === 'number') return images[index] ?? null;
  return isMask === true ? mask : null;
}

/** `{"$image_type": index}` is that picture's content type: it is told beside the bytes by who sends them. */
function typeAt(value: JsonValue, { images }: Pictures): string | null {
  if (typeof value !== 'object' || value === null || isList(value)) return null;
  return typeof value.$image_type === 'number' ? (images[value.$image_type]?.content_type ?? null) : null;
}

/** Groups of three bytes become four letters, so that what is left of a group waits for the next chunk. */
async function* inBase64(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of source) {
    const bytes =
      rest.byteLength === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        : Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % 3);
    rest = bytes.subarray(whole);
    if (whole > 0) yield Buffer.from(bytes.subarray(0, whole).toString('base64'), 'latin1');
  }
  if (rest.byteLength > 0) yield Buffer.from(Buffer.from(rest).toString('base64'), 'latin1');
}
