import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { GessoError } from '../../core/errors.ts';
import { checkFields } from '../check-fields.ts';
import { guardBody, refuseAnnouncedLength } from './guard-body.ts';

const BYTES_MAX = 64 * 1024;

/** A body without pictures, read whole and checked, with every fault at once. No body counts as an empty object. */
export async function readSmallJson<T extends z.ZodType>(
  req: FastifyRequest,
  schema: T,
  limits: { readonly idle_timeout_ms: number },
): Promise<z.output<T>> {
  refuseAnnouncedLength(req.headers['content-length'], BYTES_MAX);
  const chunks: Buffer[] = [];
  for await (const chunk of guardBody(req.raw, { bytes_max: BYTES_MAX, ...limits })) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  if (text !== '' && !/^application\/(?:[\w.-]+\+)?json\b/i.test(req.headers['content-type'] ?? '')) {
    throw new GessoError('unsupported_content_type', 'Send this as Content-Type: application/json.');
  }
  return checkFields(schema, parse(text));
}

function parse(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new GessoError('invalid_json', 'The body is not valid JSON.');
  }
}
