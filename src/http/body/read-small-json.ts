import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type ErrorDetail, GessoError } from '../../core/errors.ts';
import { guardBody, refuseAnnouncedLength } from './guard-body.ts';
import { throwFaults } from './images-body.ts';

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
  const parsed = schema.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue): ErrorDetail => {
    const param = issue.path.join('.') || 'body';
    return { param, message: `${param}: ${issue.message}.` };
  });
  throwFaults(faults);
  throw new GessoError('invalid_value');
}

function parse(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new GessoError('invalid_json', 'The body is not valid JSON.');
  }
}
