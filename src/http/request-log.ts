import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { HttpMetrics } from './http-metrics.ts';

/** One line and one measurement per request, when its answer has gone out or its client has gone. */
export function addRequestLog(app: FastifyInstance, metrics: HttpMetrics): void {
  app.addHook('onRequest', async (req, reply) => {
    metrics.requestBegan();
    const begun = performance.now();
    let ended = false;
    const end = (outcome: 'answered' | 'client_gone'): void => {
      if (ended) return;
      ended = true;
      const duration_ms = Math.round(performance.now() - begun);
      metrics.requestEnded(routeOf(req), req.method, reply.statusCode, duration_ms);
      logRequest(app, req, reply.statusCode, duration_ms, outcome);
    };
    reply.raw.once('finish', () => end('answered'));
    reply.raw.once('close', () => end('client_gone'));
  });
}

/** The pattern, never the path: paths are without number, and may hold what is nobody's business. */
function routeOf(req: FastifyRequest): string {
  return req.routeOptions.url ?? 'unknown';
}

function logRequest(
  app: FastifyInstance,
  req: FastifyRequest,
  status: number,
  duration_ms: number,
  outcome: 'answered' | 'client_gone',
): void {
  const { notes } = req;
  const fields = {
    request_id: notes.request_id,
    client_request_id: notes.client_request_id ?? undefined,
    method: req.method,
    route: routeOf(req),
    status,
    outcome: outcome === 'answered' ? undefined : outcome,
    duration_ms,
    account_id: notes.principal?.account_id,
    key_id: notes.principal?.key_id,
    mode: notes.principal?.mode,
    model: notes.model ?? undefined,
    provider: notes.provider ?? undefined,
    pictures: notes.pictures ?? undefined,
    cost_micros: notes.cost_micros ?? undefined,
    error: notes.error_code ?? undefined,
    err: notes.cause ?? undefined,
  };
  // 503 is the server saying what it cannot do now: worth a look, and no fault of its code.
  if (status === 503) app.log.warn(fields, 'request refused');
  else if (status >= 500) app.log.error(fields, 'request failed');
  else app.log.info(fields, 'request');
}
