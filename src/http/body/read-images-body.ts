import type { FastifyRequest } from 'fastify';
import { GessoError } from '../../core/errors.ts';
import { refuseAnnouncedLength } from './guard-body.ts';
import type { ImagesBody, ImagesBodyLimits, ReceivePicture } from './images-body.ts';
import { readJsonImagesBody } from './read-json-images-body.ts';
import { readMultipartImagesBody } from './read-multipart-images-body.ts';

/** The body of a generating call, as JSON or as a form; both are taken by both endpoints. A missing type means JSON. */
export async function readImagesBody(
  req: FastifyRequest,
  limits: ImagesBodyLimits,
  receive: ReceivePicture,
): Promise<ImagesBody> {
  const type = (req.headers['content-type'] ?? 'application/json').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const coding = req.headers['content-encoding'] ?? 'identity';
  if (coding !== 'identity') {
    const message = `The body's Content-Encoding is ${coding.slice(0, 50)}: send it as it is.`;
    throw new GessoError('unsupported_content_type', message);
  }
  const length = req.headers['content-length'];
  if (type === 'multipart/form-data') {
    refuseAnnouncedLength(length, limits.upload.bytes_max);
    return readMultipartImagesBody(req, limits, receive);
  }
  if (type === 'application/json' || type.endsWith('+json')) {
    refuseAnnouncedLength(length, limits.json.bytes_max);
    return readJsonImagesBody(req.raw, limits, receive);
  }
  throw new GessoError(
    'unsupported_content_type',
    `The body's Content-Type is ${type.slice(0, 100)}: send application/json or multipart/form-data.`,
  );
}
