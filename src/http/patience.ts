import type { FastifyRequest } from 'fastify';

/** So that our answer, with the id in it, is there before the client gives up, repeats the call and pays twice. */
const MARGIN_MS_MAX = 2_000;

/** How long the OpenAI SDKs say that they are going to wait: JavaScript and Go in the one header, Python in the other. */
export function patienceOf({ headers }: Pick<FastifyRequest, 'headers'>): { readonly patience_ms?: number } {
  const hints = [headers['x-stainless-timeout'], headers['x-stainless-read-timeout']]
    .map((text) => (typeof text === 'string' ? Number(text) : Number.NaN))
    .filter((seconds) => Number.isFinite(seconds) && seconds > 0);
  if (hints.length === 0) return {};
  const wait_ms = Math.min(...hints) * 1000;
  return { patience_ms: wait_ms - Math.min(MARGIN_MS_MAX, wait_ms / 10) };
}
