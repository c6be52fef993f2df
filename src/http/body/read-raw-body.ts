import type { FastifyRequest } from 'fastify';
import { type BodyLimits, guardBody, refuseAnnouncedLength } from './guard-body.ts';

/** Exactly the bytes that were sent, for what is signed. Throws `payload_too_large` and `request_timeout`. */
export async function readRawBody(req: FastifyRequest, limits: BodyLimits): Promise<Buffer> {
  refuseAnnouncedLength(req.headers['content-length'], limits.bytes_max);
  const chunks: Buffer[] = [];
  for await (const chunk of guardBody(req.raw, limits)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
