import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { AppAnswer, AppRequest } from '../contracts/app.ts';

/** The whole server without a port: the same hooks, routes and errors, for a command line that found no server running. */
export async function requestInProcess(server: FastifyInstance, request: AppRequest): Promise<AppAnswer> {
  await server.ready();
  const answer = await server.inject({
    method: request.method,
    url: request.path,
    headers: { ...request.headers },
    ...(request.body === undefined ? {} : { payload: asPayload(request.body) }),
    payloadAsStream: true,
  });
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return { status: answer.statusCode, headers, body: answer.stream() };
}

function asPayload(body: string | Uint8Array | Readable): string | Buffer | Readable {
  return body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : body;
}
