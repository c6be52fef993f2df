import type { StoredPicture } from '../../contracts/media.ts';
import type { PictureSource } from '../../contracts/services.ts';
import { type ErrorDetail, GessoError } from '../../core/errors.ts';
import type { BodyLimits } from './guard-body.ts';
import type { PictureReference } from './picture-references.ts';

/** A body whose pictures are stored; what is left is small, and still as the client wrote it. */
export interface ImagesBody {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly encoding: 'json' | 'form';
  /** In the caller's order. */
  readonly images: readonly StoredPicture[];
  readonly mask: StoredPicture | null;
}

export interface ImagesBodyLimits {
  readonly json: BodyLimits;
  readonly upload: BodyLimits;
  readonly references_max: number;
}

/** Stores one picture of a request; `param` says where it stood. */
export type ReceivePicture = (source: PictureSource, param: string) => Promise<StoredPicture>;

/** A picture that the body names by text, or that was stored while the body came in. */
export async function receiveReference(
  reference: PictureReference<StoredPicture | null>,
  receive: ReceivePicture,
): Promise<StoredPicture> {
  const { param, value } = reference;
  if (typeof value === 'string') return receive(pictureSource(value, param), param);
  if ('file_id' in value) return receive({ kind: 'file', file_id: value.file_id }, param);
  if (value.result !== null) return value.result;
  throw new GessoError('invalid_value', `${param} is too long to be a picture.`, { param });
}

const BASE64 = /^[A-Za-z0-9+/_=\-\s]{16,}$/;

function pictureSource(text: string, param: string): PictureSource {
  if (/^https?:\/\//i.test(text)) return { kind: 'url', url: text };
  if (/^data:/i.test(text) || BASE64.test(text)) return { kind: 'data', text };
  throw new GessoError('invalid_value', `${param} is not a picture: give an http(s) URL, a data URL or base64.`, {
    param,
  });
}

export function refuseTooMany(count: number, max: number, param: string): void {
  if (count <= max) return;
  throw new GessoError('too_many_images', `A request may bring ${max} reference pictures at most.`, { param });
}

/** One error for all the faults; nothing when there are none. */
export function throwFaults(faults: readonly ErrorDetail[]): void {
  const first = faults[0];
  if (first === undefined) return;
  const text = faults.map((fault) => [fault.message, fault.fix].filter(Boolean).join(' ')).join(' ');
  throw new GessoError('invalid_value', text, { param: first.param, details: faults });
}
