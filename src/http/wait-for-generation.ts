import type { FastifyReply } from 'fastify';
import type { GenerationView } from '../contracts/services.ts';
import { requirePrincipal } from './authenticate.ts';
import { patienceOf } from './patience.ts';
import type { RouteContext } from './route.ts';

/** A long poll: held open until the generation has ended, the time is up, or the client has gone. */
export async function waitForGeneration(
  { req, reply, deps }: Pick<RouteContext<unknown>, 'req' | 'reply' | 'deps'>,
  id: string,
  wait_ms: number,
): Promise<GenerationView> {
  const { patience_ms = wait_ms } = patienceOf(req);
  const wish = { wait_ms: Math.min(wait_ms, patience_ms), signal: goneSignal(reply) };
  return deps.services.waitForGeneration(requirePrincipal(req), id, wish);
}

/** Aborts when the connection ends, also where it did before, or when the answer is out. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (reply.raw.destroyed) gone.abort();
  else reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
