import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { GessoError } from '../../../core/errors.ts';
import { bearerToken } from '../../authenticate.ts';
import { defineRoute } from '../../route.ts';

export const metricsGet = defineRoute({
  method: 'GET',
  path: '/metrics',
  access: 'open',
  document: {
    tag: 'System',
    operation: 'getMetrics',
    summary: 'Figures for Prometheus',
    description: 'Requests, generations, pictures and the process. With `GESSO_METRICS_KEY` set it asks for that key.',
    answers: { 200: { description: 'The figures.', content: { 'text/plain': { schema: z.string() } } } },
    errors: ['invalid_api_key'],
  },
  async handle({ req, reply, deps: { metrics, settings } }) {
    const key = settings.GESSO_METRICS_KEY;
    if (key !== undefined && !isSame(bearerToken(req) ?? '', key)) {
      throw new GessoError('invalid_api_key', 'The metrics need the key that GESSO_METRICS_KEY sets.');
    }
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  },
});

/** Hashes have one length, so that the comparison takes the same time for every guess. */
function isSame(given: string, wanted: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(wanted));
}
