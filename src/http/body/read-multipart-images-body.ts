import type { MultipartFile, MultipartValue } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { StoredPicture } from '../../contracts/media.ts';
import { type ErrorDetail, GessoError } from '../../core/errors.ts';
import { toMultipartError } from '../to-gesso-error.ts';
import { expandFormFields } from './expand-form-fields.ts';
import { watchBody } from './guard-body.ts';
import {
  type ImagesBody,
  type ImagesBodyLimits,
  type ReceivePicture,
  receiveReference,
  refuseTooMany,
  throwFaults,
} from './images-body.ts';
import { pictureField } from './picture-references.ts';

/** A prompt of 32,000 characters has 128,000 bytes at most; a small picture as a data URL should fit too. */
const FIELD_BYTES_MAX = 1024 * 1024;

type Part = MultipartFile | MultipartValue;

/**
 * Files are stored as they arrive, before or after the text fields, whatever their names and types say: only the bytes
 * count (OpenAI clients send `application/octet-stream` and `unknown_file`).
 */
export async function readMultipartImagesBody(
  req: FastifyRequest,
  limits: ImagesBodyLimits,
  receive: ReceivePicture,
): Promise<ImagesBody> {
  const form = new Form(limits, receive);
  const parts = req.parts({
    limits: {
      fields: 200,
      fieldSize: FIELD_BYTES_MAX,
      fieldNameSize: 200,
      files: limits.references_max + 2,
      fileSize: limits.upload.bytes_max,
      headerPairs: 50,
    },
  });
  const iterator = parts[Symbol.asyncIterator]();
  let next = iterator.next();
  const guard = watchBody(req.raw, limits.upload);
  try {
    while (true) {
      const result: IteratorResult<Part> = await Promise.race([next, guard.failed]);
      if (result.done === true) break;
      await Promise.race([form.take(result.value), guard.failed]);
      next = iterator.next();
    }
  } catch (error) {
    next.catch(() => undefined);
    form.abandon();
    throw toMultipartError(error);
  } finally {
    guard.stop();
  }
  return form.finish();
}

class Form {
  readonly #limits: ImagesBodyLimits;
  readonly #receive: ReceivePicture;
  readonly #fields: Array<readonly [string, unknown]> = [];
  readonly #images: Array<{ readonly index: number; readonly picture: StoredPicture }> = [];
  readonly #faults: ErrorDetail[] = [];
  #mask: StoredPicture | null = null;
  #file: MultipartFile['file'] | null = null;

  constructor(limits: ImagesBodyLimits, receive: ReceivePicture) {
    this.#limits = limits;
    this.#receive = receive;
  }

  async take(part: Part): Promise<void> {
    const kind = pictureField(part.fieldname);
    if (part.type === 'file') {
      this.#file = part.file;
      if (kind === null) this.#refuseFile(part);
      else await this.#keep(part.fieldname, await this.#receive({ kind: 'upload', stream: part.file }, part.fieldname));
      this.#file = null;
      return;
    }
    if (part.valueTruncated === true) {
      this.#faults.push({ param: part.fieldname, message: `${part.fieldname} is too long.`, fix: 'Shorten it.' });
    } else if (kind === null) this.#fields.push([part.fieldname, part.value]);
    else if (part.value !== '') {
      const reference = { param: part.fieldname, value: String(part.value) };
      await this.#keep(part.fieldname, await receiveReference(reference, this.#receive));
    }
  }

  /** Whoever reads the file in hand learns that no more will come. */
  abandon(): void {
    this.#file?.destroy(new Error('the rest of the form is not read'));
  }

  finish(): ImagesBody {
    throwFaults(this.#faults);
    // `image[1]` may come before `image[0]`; everything else keeps its order.
    const images = this.#images.toSorted((one, other) => one.index - other.index).map(({ picture }) => picture);
    return { raw: expandFormFields(this.#fields), encoding: 'form', images, mask: this.#mask };
  }

  async #keep(name: string, picture: StoredPicture): Promise<void> {
    if (name !== 'mask') {
      this.#images.push({ index: Number(/\[(\d+)\]$/.exec(name)?.[1] ?? 0), picture });
      refuseTooMany(this.#images.length, this.#limits.references_max, name);
    } else if (this.#mask === null) this.#mask = picture;
    else throw new GessoError('invalid_value', 'mask was sent twice: send one.', { param: 'mask' });
  }

  #refuseFile(part: MultipartFile): void {
    part.file.resume();
    const fix = 'Send pictures as image, image[] or mask.';
    // A part may come without a name, whatever its type says.
    const name = part.fieldname || null;
    const message = name === null ? 'A file without a name is not taken.' : `No file is taken as ${name}.`;
    this.#faults.push({ param: name ?? 'image', message, fix });
  }
}
