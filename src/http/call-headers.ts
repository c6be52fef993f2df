import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GenerateHooks } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';

const KEY_CHARS_MAX = 255;
const TAG_CHARS_MAX = 64;

/** As a header can bear it: printable, blanks only inside. */
const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** What a POST that moves money says in its headers; to be read before its body, so that a fault costs nobody anything. */
export interface CallHeaders {
  readonly idempotency_key?: string;
  readonly tag?: string;
}

/** For the document of every route that reads them. */
export const documentedCallHeaders = {
  'Idempotency-Key':
    'Up to 255 characters of your own: for 24 hours the same key and the same request are answered alike (`idempotent-replayed: true`), and done and charged once.',
  'x-gesso-tag': 'Up to 64 characters: what the request is booked under in `/v1/usage`, `/v1/requests` and budgets.',
} as const;

/** Throws `invalid_value` naming the header. */
export function readCallHeaders(req: FastifyRequest): CallHeaders {
  const idempotency_key = readHeader(req, 'Idempotency-Key', KEY_CHARS_MAX);
  const tag = readHeader(req, 'x-gesso-tag', TAG_CHARS_MAX);
  return { ...(idempotency_key !== undefined && { idempotency_key }), ...(tag !== undefined && { tag }) };
}

/** The hooks of a call that may be a repeat: an answer that is given again says so. */
export function callHooks(
  req: FastifyRequest,
  reply: FastifyReply,
  headers: CallHeaders,
): CallHeaders & Required<Pick<GenerateHooks, 'onReplayed' | 'onRate'>> {
  return {
    ...headers,
    onRate: (view) => void req.notes.rates.push(view),
    onReplayed: (id) => {
      req.notes.request_id = id;
      req.notes.is_replay = true;
      reply.header('idempotent-replayed', 'true');
    },
  };
}

function readHeader(req: FastifyRequest, name: string, chars_max: number): string | undefined {
  const value = req.headers[name.toLowerCase()];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.length <= chars_max && PRINTABLE.test(value)) return value;
  throw new GessoError('invalid_value', `${name} must be 1 to ${chars_max} printable ASCII characters, sent once.`, {
    param: name,
  });
}
