/** What every request passes before its body is read: the bounds of this process, of its address, of its key. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../contracts/services.ts';
import { GessoError } from '../../core/errors.ts';
import { rateLimit } from '../../core/limits/rate.ts';
import type { HttpDependencies } from '../dependencies.ts';
import type { WorkInHand } from '../work-in-hand.ts';
import { AddressLimiter } from './address-limiter.ts';
import { InFlight } from './in-flight.ts';

/** Who watches over us asks often, from one address, and must be answered above all when there is much to do. */
export const WATCHED: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);
/** What asks for a key has limits of its own; what providers call asks for none. */
const KEYED = /^\/(?:openai\/)?v1\/(?!hooks\/)/;

export interface Gates {
  /** For what asks for no key. Throws `rate_limited`. */
  open(req: FastifyRequest): void;
  /** For what may take long and bring much. Throws `overloaded`. */
  busy(req: FastifyRequest, reply: FastifyReply): void;
  /** In place of the error of a key that is not valid: who tries many is told to wait. */
  wrongKey(req: FastifyRequest, error: unknown): unknown;
  /** Throws `rate_limited` when the key, one above it or the account is at its limit. */
  rate(req: FastifyRequest, principal: Principal): Promise<void>;
}

export function createGates({ settings, services, clock }: HttpDependencies, work: WorkInHand): Gates {
  const visitors = new AddressLimiter(rateLimit(settings.GESSO_OPEN_REQUESTS_PER_MINUTE));
  const strangers = new AddressLimiter({
    per_minute: settings.GESSO_WRONG_KEYS_PER_MINUTE,
    burst: settings.GESSO_WRONG_KEYS_PER_MINUTE,
  });
  const inFlight = new InFlight({
    requests_max: settings.GESSO_REQUESTS_IN_FLIGHT_MAX,
    body_bytes_max: settings.GESSO_BODY_BYTES_IN_FLIGHT_MAX,
  });
  return {
    open(req) {
      const path = req.url.split('?', 1)[0] ?? '';
      if (WATCHED.has(path) || KEYED.test(path)) return;
      const wait_ms = visitors.take(req.ip, clock.now());
      if (wait_ms > 0) throw tooMany('Too many requests come from your address', wait_ms);
    },
    busy(req, reply) {
      // A body whose length nobody says may be as long as any.
      const length = Number(req.headers['content-length'] ?? settings.GESSO_JSON_BODY_BYTES_MAX);
      const { bodyRead, leave } = inFlight.enter(Number.isFinite(length) ? length : 0, work.count);
      req.raw.once('end', bodyRead);
      req.notes.leave = leave;
      reply.raw.once('finish', leave);
      reply.raw.once('close', leave);
    },
    wrongKey(req, error) {
      if (!(error instanceof GessoError) || error.code !== 'invalid_api_key') return error;
      const wait_ms = strangers.take(req.ip, clock.now());
      return wait_ms === 0 ? error : tooMany('Too many requests without a valid key come from your address', wait_ms);
    },
    async rate(req, principal) {
      const { view, refusal } = await services.takeRequest(principal);
      if (view !== null) req.notes.rates.push(view);
      if (refusal === null) return;
      throw new GessoError('rate_limited', refusal.message, { retry_after_ms: refusal.retry_after_ms });
    },
  };
}

function tooMany(what: string, retry_after_ms: number): GessoError {
  const message = `${what}. Send this again in ${(retry_after_ms / 1000).toFixed(1)} s.`;
  return new GessoError('rate_limited', message, { retry_after_ms });
}
