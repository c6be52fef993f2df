/** Which fields of a request are pictures, and the many ways in which clients write them. Pure. */
import type { ErrorDetail } from '../../core/errors.ts';
import { LongString } from '../../net/json/streaming-json.ts';

/** `image`, `images`, `image[]`, `image[0]`, `images[]`: all mean the list of references. */
const REFERENCE_FIELD = /^images?(?:\[\d*\])?$/;
const PICTURE_PATH = /^(?:extra_body\.)?(?:images?|mask)(?:\[|\.|$)/;

export type PictureField = 'references' | 'mask';

/** What a top-level field of the body holds, if it holds pictures. */
export function pictureField(name: string): PictureField | null {
  if (REFERENCE_FIELD.test(name)) return 'references';
  return name === 'mask' ? 'mask' : null;
}

/** Whether a place in a JSON body (`images[0].image_url`) is that of a picture. */
export function isPicturePath(path: string): boolean {
  return PICTURE_PATH.test(path);
}

export interface PictureReference<T> {
  /** For errors: `images[1].image_url`. */
  readonly param: string;
  /** A URL, a data URL, bare base64, a file by its id, or a picture that was stored while the body came in. */
  readonly value: string | LongString<T> | FileReference;
}

export interface FileReference {
  readonly file_id: string;
}

const KEYS = ['image_url', 'url', 'b64_json', 'data'] as const;

/**
 * Every picture that `value` names, in order: a text, `{image_url}` (a text or `{url}`), `{url}`, `{b64_json}`,
 * `{file_id}`, or a list of these. Null and absent are no picture. What cannot be read is told in `faults`.
 */
export function collectPictures<T>(value: unknown, param: string, faults: ErrorDetail[]): PictureReference<T>[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => collectItem<T>(item, `${param}[${index}]`, faults));
  return collectItem<T>(value, param, faults);
}

function collectItem<T>(value: unknown, param: string, faults: ErrorDetail[]): PictureReference<T>[] {
  // Only strings at picture paths become LongString<T>; the reader made it, with this T.
  if (value instanceof LongString) return [{ param, value: value as LongString<T> }];
  if (typeof value === 'string' && value !== '') return [{ param, value }];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(param, faults);
  const fields = value as Readonly<Record<string, unknown>>; // A JSON object has no other shape.
  const key = KEYS.find((name) => fields[name] !== undefined && fields[name] !== null);
  const { file_id } = fields;
  if (typeof file_id === 'string' && file_id !== '') {
    return key === undefined ? [{ param: `${param}.file_id`, value: { file_id } }] : refuseBoth(param, key, faults);
  }
  if (key === undefined) return refuse(param, faults);
  return collectItem<T>(fields[key], `${param}.${key}`, faults);
}

function refuse(param: string, faults: ErrorDetail[]): [] {
  const fix = 'Give a URL, a data URL, base64, {"image_url": "…"} or {"file_id": "…"}.';
  faults.push({ param, message: `${param} is not a picture.`, fix });
  return [];
}

function refuseBoth(param: string, key: string, faults: ErrorDetail[]): [] {
  faults.push({ param, message: `${param} has both a file_id and a ${key}.`, fix: 'Send one of them.' });
  return [];
}
