import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorDetail, GessoError } from '../core/errors.ts';
import { authenticate } from './authenticate.ts';
import type { HttpDependencies } from './dependencies.ts';
import type { Gates } from './limits/gates.ts';
import type { Route, RouteContext } from './route.ts';

/** OpenAI's resources answer under both base URLs that clients are given: `…/v1` and `…/openai/v1`. */
const UNDER_OPENAI = /^\/v1\/(?:images|models|files|batches)(?:\/|$)/;

/** Every path of a route, as Fastify writes patterns. */
export function fastifyPaths(path: string): string[] {
  const pattern = path.replace(/\{(\w+)\*\}$/, '*').replace(/\{(\w+)\}/g, ':$1');
  return UNDER_OPENAI.test(path) ? [pattern, `/openai${pattern}`] : [pattern];
}

/** What every route is given; the request and its query come on top. */
export type Surroundings = Omit<RouteContext<unknown>, 'req' | 'reply' | 'query'>;

export function registerRoutes(
  app: FastifyInstance,
  routes: readonly Route[],
  surroundings: Surroundings,
  gates: Gates,
): void {
  for (const route of routes) {
    for (const url of fastifyPaths(route.path)) {
      app.route({
        method: route.method,
        url,
        onRequest: (req, reply) => admit(req, reply, route, { deps: surroundings.deps, gates }),
        handler: async (req, reply) => route.handle({ ...surroundings, req, reply, query: readQuery(req, route) }),
      });
    }
  }
}

interface Guards {
  readonly deps: HttpDependencies;
  readonly gates: Gates;
}

async function admit(
  req: FastifyRequest,
  reply: FastifyReply,
  { access }: Route,
  { deps, gates }: Guards,
): Promise<void> {
  if (deps.readiness.draining && access !== 'open') {
    throw new GessoError('shutting_down', 'This server is shutting down: send the request again.', {
      retry_after_ms: 1000,
    });
  }
  if (access === 'open') return;
  if (access === 'generate') gates.busy(req, reply);
  const principal = await authenticate(req, access, deps.services).catch((error: unknown) => {
    throw gates.wrongKey(req, error);
  });
  req.notes.principal = principal;
  if (access === 'generate') await gates.rate(req, principal);
}

function readQuery(req: FastifyRequest, route: Route): unknown {
  if (route.query === undefined) return {};
  const parsed = route.query.safeParse(req.query);
  if (parsed.success) return parsed.data;
  const details: ErrorDetail[] = parsed.error.issues.map((issue) => ({
    param: issue.path.join('.'),
    message: `${issue.path.join('.')}: ${issue.message}.`,
  }));
  const message = details.map((detail) => detail.message).join(' ');
  throw new GessoError('invalid_value', message, { param: details[0]?.param ?? 'query', details });
}
