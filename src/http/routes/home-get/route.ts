import { z } from 'zod';
import { escapeHtml, htmlPage } from '../../html-page.ts';
import { defineRoute } from '../../route.ts';

export const homeGet = defineRoute({
  method: 'GET',
  path: '/',
  access: 'open',
  document: {
    tag: 'System',
    operation: 'getHome',
    summary: 'What this is',
    description: 'A small page with the links and a first request.',
    answers: { 200: { description: 'The page.', content: { 'text/html': { schema: z.string() } } } },
    errors: [],
  },
  handle: async ({ deps, reply }) =>
    reply
      .type('text/html; charset=utf-8')
      .send(htmlPage('One API for every image model', body(deps.publicUrl(), deps.version))),
});

function body(url: string, version: string): string {
  const curl = `curl ${url}/v1/images/generations \\
  -H "Authorization: Bearer $GESSO_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "seedream-4", "prompt": "a lighthouse at dusk, oil on canvas"}'`;
  return `<h1>Gesso</h1>
<p>One self-hosted API and catalogue for every image model. Point any OpenAI client at <code>${escapeHtml(url)}/v1</code>.</p>
<pre>${escapeHtml(curl)}</pre>
<p>A key that begins with <code>sk-test-</code> draws with the built-in sketch engine and spends nothing.</p>
<nav><a href="/docs/">API reference</a> <a href="/openapi.json">OpenAPI</a> <a href="/healthz">Health</a></nav>
<p><small>Version ${escapeHtml(version)}</small></p>`;
}
