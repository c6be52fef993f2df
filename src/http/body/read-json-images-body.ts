import { pipeline, type Readable } from 'node:stream';
import type { StoredPicture } from '../../contracts/media.ts';
import { type ErrorDetail, GessoError } from '../../core/errors.ts';
import { DecodeBase64 } from '../../net/json/decode-base64.ts';
import { LongString, readStreamingJson } from '../../net/json/streaming-json.ts';
import { guardBody } from './guard-body.ts';
import {
  type ImagesBody,
  type ImagesBodyLimits,
  type ReceivePicture,
  receiveReference,
  refuseTooMany,
  throwFaults,
} from './images-body.ts';
import { collectPictures, isPicturePath, type PictureReference, pictureField } from './picture-references.ts';

const INLINE = {
  picture_string_bytes_min: 64 * 1024,
  // 32,000 characters, each written as two escapes of six bytes.
  text_string_bytes_max: 400_000,
  inline_bytes_max: 2 * 1024 * 1024,
  depth_max: 32,
};
const FIELDS_MAX = 2_000;

/** Pictures inside the body are stored while it comes in; those that it names by URL are fetched afterwards, together. */
export async function readJsonImagesBody(
  body: Readable,
  limits: ImagesBodyLimits,
  receive: ReceivePicture,
): Promise<ImagesBody> {
  return imagesBodyOf(await readJsonWithPictures(guardBody(body, limits.json), limits, receive), limits, receive);
}

/** The JSON value, with its long pictures stored. `within` is where the fields of the request stand in it, e.g. `body.` */
export async function readJsonWithPictures(
  bytes: AsyncIterable<Buffer>,
  limits: Pick<ImagesBodyLimits, 'references_max'>,
  receive: ReceivePicture,
  within = '',
): Promise<unknown> {
  let long = 0;
  return readStreamingJson<StoredPicture | null>(bytes, {
    ...INLINE,
    onLongString: async (place, stream) => {
      const path = place.startsWith(within) ? place.slice(within.length) : '';
      if (!isPicturePath(path)) return null;
      long += 1;
      refuseTooMany(long, limits.references_max + 1, path);
      // What goes wrong in the pipe reaches the taker, who reports it.
      const picture = pipeline(stream, new DecodeBase64(path), () => undefined);
      return receive({ kind: 'upload', stream: picture }, path);
    },
  });
}

/** What a JSON value, read by `readJsonWithPictures`, says as the body of a request: the rest of its pictures is received. */
export async function imagesBodyOf(
  value: unknown,
  limits: Pick<ImagesBodyLimits, 'references_max'>,
  receive: ReceivePicture,
): Promise<ImagesBody> {
  const fields = liftPictures(asObject(value));
  const faults: ErrorDetail[] = [];
  checkFields(fields, '', faults, { count: 0 });
  const references: PictureReference<StoredPicture | null>[] = [];
  const masks: PictureReference<StoredPicture | null>[] = [];
  const raw: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const kind = pictureField(name);
    if (kind === null) raw[name] = field;
    else (kind === 'mask' ? masks : references).push(...collectPictures<StoredPicture | null>(field, name, faults));
  }
  if (masks.length > 1) faults.push({ param: 'mask', message: 'mask holds more than one picture.', fix: 'Send one.' });
  throwFaults(faults);
  refuseTooMany(references.length, limits.references_max, 'image');
  const [images, [mask]] = await Promise.all([
    Promise.all(references.map((reference) => receiveReference(reference, receive))),
    Promise.all(masks.map((reference) => receiveReference(reference, receive))),
  ]);
  return { raw, encoding: 'json', images, mask: mask ?? null };
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LongString)) {
    return value as Record<string, unknown>; // A JSON object has no other shape.
  }
  throw new GessoError('invalid_value', 'The body must be a JSON object such as {"model":"…","prompt":"…"}.');
}

/** Pictures in an `extra_body` object, which some clients send as it is, are the body's; its other fields are left to the parser. */
function liftPictures(fields: Record<string, unknown>): Record<string, unknown> {
  const extra = fields.extra_body;
  if (typeof extra !== 'object' || extra === null || Array.isArray(extra) || extra instanceof LongString) return fields;
  const [pictures, others] = partition(Object.entries(extra), ([name]) => pictureField(name) !== null);
  return { ...Object.fromEntries(pictures), ...fields, extra_body: Object.fromEntries(others) };
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

/** For fields beside those that `imagesBodyOf` reads. Throws every fault. */
export function refuseUnfit(fields: Readonly<Record<string, unknown>>): void {
  const faults: ErrorDetail[] = [];
  checkFields(fields, '', faults, { count: 0 });
  throwFaults(faults);
}

/** What must hold before anybody copies these fields: not too many, no dangerous names, no endless texts. */
function checkFields(value: unknown, path: string, faults: ErrorDetail[], seen: { count: number }): void {
  if (value instanceof LongString) {
    if (value.result === null) faults.push(tooLong(path));
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    seen.count += 1;
    if (seen.count > FIELDS_MAX) {
      throw new GessoError('payload_too_large', `The body has more than ${FIELDS_MAX} fields: send what is needed.`);
    }
    const place = Array.isArray(value) ? `${path}[${name}]` : [path, name.slice(0, 100)].filter(Boolean).join('.');
    if (name === '__proto__') faults.push({ param: place, message: `A field cannot be named ${name}.` });
    checkFields(item, place, faults, seen);
  }
}

function tooLong(path: string): ErrorDetail {
  const limit = path === 'prompt' ? ' A prompt has 32,000 characters at most.' : '';
  return { param: path, message: `${path} is too long.${limit}`, fix: 'Shorten it.' };
}
