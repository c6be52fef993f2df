import type { FastifyInstance } from 'fastify';
import { GessoError } from '../../core/errors.ts';
import { docsPage } from './docs-page.ts';

/** What the page may do: run its own script and talk to this server, by either name of it. Nothing comes from elsewhere. */
function contentSecurityPolicy(publicUrl: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self' ${new URL(publicUrl).origin}`,
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** `/docs/`: the API reference, served whole by this server. */
export function registerDocs(app: FastifyInstance, publicUrl: () => string): void {
  let script: Promise<string> | null = null;
  app.get('/docs', async (_req, reply) => reply.redirect('/docs/', 301));
  app.get('/docs/', async (_req, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .headers({ 'content-security-policy': contentSecurityPolicy(publicUrl()), 'cache-control': 'no-cache' })
      .send(docsPage),
  );
  app.get('/docs/scalar.js', async (_req, reply) => {
    script ??= readScalarScript();
    return reply
      .type('text/javascript; charset=utf-8')
      .header('cache-control', 'public, max-age=86400')
      .send(await script);
  });
}

/**
 * Scalar's script, megabytes of text, loaded at the first visit: a server whose reference nobody reads does not hold it.
 * The package gives it out only through its plugin, so a server of its own is asked for it once.
 */
async function readScalarScript(): Promise<string> {
  const [{ default: fastify }, { default: scalar }] = await Promise.all([
    import('fastify'),
    import('@scalar/fastify-api-reference'),
  ]);
  const app = fastify();
  try {
    await app.register(scalar, { routePrefix: '/reference', configuration: { url: '/openapi.json' } });
    const answer = await app.inject('/reference/js/scalar.js');
    if (answer.statusCode === 200) return answer.body;
    throw new GessoError('internal_error', `Scalar's script was answered with ${answer.statusCode}.`);
  } finally {
    await app.close();
  }
}
