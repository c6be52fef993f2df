import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { AppAnswer, AppRequest } from '../contracts/app.ts';

/** Asks the server without a port: the same routes, rules and answers as over the network. */
export async function requestInProcess(server: FastifyInstance, request: AppRequest): Promise<AppAnswer> {
  const { body } = request;
  const answer = await server.inject({
    method: request.method,
    url: request.path,
    headers: { ...request.headers },
    ...(body === undefined ? {} : { payload: body instanceof Uint8Array ? Buffer.from(body) : body }),
    payloadAsStream: true,
  });
  const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
  const stream = answer.stream();
  return { status: answer.statusCode, headers: Object.fromEntries(headers), body: Readable.from(stream) };
}
