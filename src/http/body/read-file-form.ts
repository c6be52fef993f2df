import type { MultipartFile, MultipartValue } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { StagedBlob } from '../../contracts/media.ts';
import { GessoError } from '../../core/errors.ts';
import { toMultipartError } from '../to-gesso-error.ts';
import { expandFormFields } from './expand-form-fields.ts';
import { type BodyLimits, refuseAnnouncedLength, watchBody } from './guard-body.ts';

export interface FileForm {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly file: { readonly blob: StagedBlob; readonly filename: string };
}

/** What a form has beside its file. */
const OVERHEAD_BYTES = 64 * 1024;

type Part = MultipartFile | MultipartValue;

/**
 * A form with one file, called `file`, which is stored as it comes: clients send it before the fields that say what it is
 * for. Throws `missing_required_parameter`, `invalid_multipart`, `payload_too_large`.
 */
export async function readFileForm(
  req: FastifyRequest,
  limits: BodyLimits,
  store: (stream: MultipartFile['file']) => Promise<StagedBlob>,
): Promise<FileForm> {
  const whole = { ...limits, bytes_max: limits.bytes_max + OVERHEAD_BYTES };
  refuseAnnouncedLength(req.headers['content-length'], whole.bytes_max);
  if (!/^multipart\/form-data\b/i.test(req.headers['content-type'] ?? '')) {
    throw new GessoError('unsupported_content_type', 'Send a file as multipart/form-data, with `file` and `purpose`.');
  }
  const parts = req.parts({
    limits: { fields: 20, fieldSize: 4096, fieldNameSize: 100, files: 1, fileSize: limits.bytes_max, headerPairs: 50 },
  });
  const iterator = parts[Symbol.asyncIterator]();
  const fields: [string, unknown][] = [];
  let file: FileForm['file'] | null = null;
  let reading: MultipartFile['file'] | null = null;
  let next = iterator.next();
  const guard = watchBody(req.raw, whole);
  try {
    while (true) {
      const { done, value: part }: IteratorResult<Part> = await Promise.race([next, guard.failed]);
      if (done === true) break;
      if (part.type !== 'file') fields.push([part.fieldname, part.value]);
      else if (part.fieldname === 'file') {
        reading = part.file;
        const blob = await Promise.race([store(part.file), guard.failed]);
        file = { blob, filename: part.filename };
      } else part.file.resume();
      next = iterator.next();
    }
  } catch (error) {
    next.catch(() => undefined);
    // Whoever still reads the file learns that no more will come.
    reading?.destroy(new Error('the rest of the form is not read'));
    throw toMultipartError(error);
  } finally {
    guard.stop();
  }
  if (file === null) {
    throw new GessoError('missing_required_parameter', 'The form has no file: send it as `file`.', { param: 'file' });
  }
  return { fields: expandFormFields(fields), file };
}
