import type { FastifyRequest } from 'fastify';
import type { RateView } from '../contracts/keys.ts';
import type { Principal } from '../contracts/services.ts';

/** What is learnt about a request on its way; the log line and the metrics are made from it. */
export interface RequestNotes {
  principal: Principal | null;
  /** `x-request-id`: the generation's id once there is one. */
  request_id: string;
  client_request_id: string | null;
  model: string | null;
  provider: string | null;
  cost_micros: number | null;
  pictures: number | null;
  error_code: string | null;
  /** An answer that was given before, for the same idempotency key: nothing was made and nothing charged. */
  is_replay: boolean;
  /** Where the caller stands with its limits, for the headers of the answer. */
  readonly rates: RateView[];
  /** For the log: what an answer of 500 and above is about, as an error where something broke, else as a sentence. */
  cause: unknown;
  /** Of a call that has brought all its work and only waits now: gives its room to others. */
  leave?: () => void;
}

declare module 'fastify' {
  interface FastifyRequest {
    notes: RequestNotes;
  }
}

/** Printable and without blanks, as a log field can bear it; anything else is dropped. */
const CLIENT_REQUEST_ID = /^[\x21-\x7e]{1,256}$/;

export function createRequestNotes(req: FastifyRequest): RequestNotes {
  const header = req.headers['x-client-request-id'];
  return {
    principal: null,
    request_id: req.id,
    client_request_id: typeof header === 'string' && CLIENT_REQUEST_ID.test(header) ? header : null,
    model: null,
    provider: null,
    cost_micros: null,
    pictures: null,
    error_code: null,
    is_replay: false,
    rates: [],
    cause: null,
  };
}
