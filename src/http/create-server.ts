import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { HttpDependencies } from './dependencies.ts';
import { registerDocs } from './docs/register-docs.ts';
import { addErrorHandlers, answerClientError, sendError } from './error-handlers.ts';
import { createGates, WATCHED } from './limits/gates.ts';
import { rateHeaders } from './limits/rate-headers.ts';
import { openApiDocument } from './openapi/openapi-document.ts';
import { registerRoutes } from './register-routes.ts';
import { addRequestLog } from './request-log.ts';
import { createRequestNotes } from './request-notes.ts';
import { routes } from './routes.generated.ts';
import { finishBeforeClosing } from './shut-down.ts';
import { WorkInHand } from './work-in-hand.ts';

const HEADERS_EXPOSED = [
  'x-request-id',
  'x-gesso-provider',
  'x-gesso-cost-micros',
  'x-gesso-generation-id',
  'idempotent-replayed',
  'x-should-retry',
  'retry-after',
  'retry-after-ms',
  'x-ratelimit-limit-requests',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-reset-requests',
  'x-ratelimit-limit-images',
  'x-ratelimit-remaining-images',
  'x-ratelimit-reset-images',
];

/** The HTTP surface, not yet listening. `close()` finishes the work in hand first, up to GESSO_SHUTDOWN_TIMEOUT_MS. */
export async function createServer(deps: HttpDependencies): Promise<FastifyInstance> {
  const { settings } = deps;
  const app = Fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => deps.ids.next('req'),
    trustProxy: settings.GESSO_TRUSTED_PROXIES,
    requestTimeout: settings.GESSO_REQUEST_TIMEOUT_MS,
    // A proxy in front keeps its connections for about a minute: ours must not be the first to go.
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // Closing waits for the work in hand, by a limit of its own.
    pluginTimeout: 0,
    routerOptions: { maxParamLength: 512 },
    frameworkErrors: (error, req, reply) => void sendError(error, req, reply, deps),
    clientErrorHandler: (error, socket) => answerClientError(error, socket, deps.publicUrl()),
  });
  const work = new WorkInHand();
  deps.metrics.watchWorkInHand(() => work.count);
  // Every hook and answer after this one may read the notes.
  app.decorateRequest('notes');
  app.addHook('onRequest', async (req) => {
    req.notes = createRequestNotes(req);
  });
  addRequestLog(app, deps.metrics);
  const answered = deps.serves_api ? routes : routes.filter(({ path }) => WATCHED.has(path));
  addErrorHandlers(app, answered, deps);
  app.addHook('onSend', async (req, reply) => {
    reply.headers({ 'x-request-id': req.notes.request_id, ...rateHeaders(req.notes.rates) });
  });
  const gates = createGates(deps, work);
  app.addHook('onRequest', async (req) => gates.open(req));
  await addHeaders(app);
  await addBodies(app);
  const openapi = () => openApiDocument(routes, { version: deps.version, serverUrl: deps.publicUrl() });
  registerRoutes(app, answered, { deps, work, openapi }, gates);
  if (deps.serves_api) registerDocs(app, deps.publicUrl);
  finishBeforeClosing(app, deps, work);
  return app;
}

/** Any site may call, with a key and never with cookies; pages may do only what they say themselves. */
async function addHeaders(app: FastifyInstance): Promise<void> {
  await app.register(cors, {
    origin: '*',
    credentials: false,
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS'],
    exposedHeaders: HEADERS_EXPOSED,
    maxAge: 86_400,
    strictPreflight: false,
  });
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], styleSrc: ["'unsafe-inline'"], frameAncestors: ["'none'"] },
    },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    // Whoever terminates TLS decides about it; the rest speaks to browsers that are gone, or about plain http in vain.
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
}

/** No body is read before its route asks for it: pictures must stream, and strangers must not make us parse. */
async function addBodies(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers();
  await app.register(multipart);
  app.addContentTypeParser('*', (_req, _payload, done) => done(null));
}
