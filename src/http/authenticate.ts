import type { FastifyRequest } from 'fastify';
import type { Principal, Services } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import type { Route } from './route.ts';

/** Who calls, checked once and before a byte of the body is read. Throws `invalid_api_key` and `scope_exceeded`. */
export async function authenticate(
  req: FastifyRequest,
  access: Exclude<Route['access'], 'open'>,
  services: Services,
): Promise<Principal> {
  const principal = await services.authenticate(bearerToken(req));
  if (access !== 'key' && !principal.scopes.includes(access)) {
    const message =
      access === 'generate' && principal.mode === 'admin'
        ? 'An admin key administers and cannot generate: use a live or a test key.'
        : `This key does not have the scope "${access}".`;
    throw new GessoError('scope_exceeded', message);
  }
  return principal;
}

/** The principal of a route that is not open: the hook has run before any handler. */
export function requirePrincipal(req: FastifyRequest): Principal {
  const { principal } = req.notes;
  if (principal === null) throw new GessoError('internal_error', 'A route that needs a key was reached without one.');
  return principal;
}

/** `Authorization: Bearer …`, or Azure's `api-key` header. */
export function bearerToken(req: FastifyRequest): string | null {
  const { authorization } = req.headers;
  if (authorization !== undefined) {
    const match = /^Bearer +(.+)$/i.exec(authorization);
    if (match?.[1] !== undefined) return match[1].trim();
    const message = 'The Authorization header is malformed: write "Authorization: Bearer sk-…".';
    throw new GessoError('invalid_api_key', message);
  }
  const key = req.headers['api-key'];
  return typeof key === 'string' && key !== '' ? key.trim() : null;
}
