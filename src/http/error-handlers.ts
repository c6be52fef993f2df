/** Every way in which Fastify and Node fail a request ends in our envelope. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, GessoError } from '../core/errors.ts';
import { allowedMethods } from './allowed-methods.ts';
import type { HttpDependencies } from './dependencies.ts';
import { renderError } from './error-renderer.ts';
import type { Route } from './route.ts';
import { toGessoError } from './to-gesso-error.ts';

export function addErrorHandlers(app: FastifyInstance, routes: readonly Route[], deps: HttpDependencies): void {
  app.setErrorHandler((error, req, reply) => sendError(error, req, reply, deps));
  app.setNotFoundHandler((req, reply) => {
    const path = req.url.split('?', 1)[0] ?? '';
    const methods = allowedMethods(routes, path);
    const asked = `${req.method} ${path.slice(0, 200)}`;
    if (methods.length === 0) {
      const message = `There is no ${asked}. The endpoints are listed at ${deps.publicUrl()}/docs/.`;
      return sendError(new GessoError('unknown_url', message), req, reply, deps);
    }
    reply.header('allow', methods.join(', '));
    const message = `There is no ${asked}: use ${methods.join(' or ')}.`;
    return sendError(new GessoError('method_not_allowed', message), req, reply, deps);
  });
}

/** Also for errors before routing (a path that cannot be decoded), where no hook has run. */
export function sendError(
  error: unknown,
  req: FastifyRequest,
  reply: FastifyReply,
  deps: HttpDependencies,
): FastifyReply {
  const known = toGessoError(error);
  const { status, headers, body } = renderError(known, deps.publicUrl());
  const notes = req.notes as typeof req.notes | undefined; // Absent before the first hook.
  if (notes !== undefined) {
    notes.error_code = known.code;
    if (known.generation_id !== null) notes.request_id = known.generation_id;
    // An error told on purpose (no key, all busy, stopping) is its sentence; where it was thrown is no news.
    if (status >= 500) notes.cause = known.cause ?? (known.code === 'internal_error' ? known : known.message);
  }
  letGoOfBody(req);
  const requestId = notes?.request_id ?? req.id;
  return reply
    .code(status)
    .headers({ ...headers, 'x-request-id': requestId, 'cache-control': 'no-store', 'access-control-allow-origin': '*' })
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(body));
}

const REST_TAKEN_WITHIN_MS = 30_000;

/**
 * An answer may come before the body has. The rest is thrown away as it comes, so that the client can finish and read
 * the answer (a closed socket would take it away); who sends on for long is cut off.
 */
function letGoOfBody(req: FastifyRequest): void {
  const { raw } = req;
  const hasBody = raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined;
  if (!hasBody || raw.readableEnded || raw.destroyed) return;
  raw.unpipe();
  // A reader that was left in the middle still listens, and a stream with such a listener does not flow.
  raw.removeAllListeners('readable');
  raw.resume();
  const timer = setTimeout(() => raw.socket?.destroy(), REST_TAKEN_WITHIN_MS);
  timer.unref();
  raw.once('end', () => clearTimeout(timer));
  raw.once('close', () => clearTimeout(timer));
}

const CLIENT_ERRORS: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** What Node could not even parse: there is no request, only a socket. */
export function answerClientError(error: Error & { code?: string }, socket: Duplex, publicUrl: string): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = CLIENT_ERRORS[error.code ?? ''] ?? 'invalid_value';
  const message =
    code === 'invalid_value' ? 'This is not HTTP/1.1 as it is written: check the request line and headers.' : undefined;
  const { status, body } = renderError(new GessoError(code, message), publicUrl);
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}
