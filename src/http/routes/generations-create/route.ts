import { requirePrincipal } from '../../authenticate.ts';
import { readGenerationBody } from '../../body/read-generation-body.ts';
import { bodyLimits, generatingModeOf } from '../../body-limits.ts';
import { callHooks, documentedCallHeaders, readCallHeaders } from '../../call-headers.ts';
import { openOwnLink } from '../../media-links.ts';
import { asyncGenerationBody } from '../../openapi/request-schemas.ts';
import { parseGenerationRequest } from '../../parse-generation-request.ts';
import { generationSchema, presentGeneration } from '../../present/generation.ts';
import { defineRoute } from '../../route.ts';
import { waitForGeneration } from '../../wait-for-generation.ts';
import { imagesQuery, startErrors } from '../images-documents.ts';

export const generationsCreate = defineRoute({
  method: 'POST',
  path: '/v1/generations',
  access: 'generate',
  query: imagesQuery,
  document: {
    tag: 'Generations',
    operation: 'createGeneration',
    summary: 'Start a generation',
    description:
      'Queued, and durable before it is answered: it goes on whether or not anybody waits, over restarts too. With `wait` the answer is held back until it has ended, `"auto"` (the default) up to 60 seconds; then the same resource is fetched with `GET /v1/generations/{id}?wait=60`. A failure is told in the resource. Fields that are not known are refused.',
    headers: documentedCallHeaders,
    body: {
      'application/json': {
        schema: asyncGenerationBody,
        examples: {
          'a picture': { model: 'seedream-4', input: { prompt: 'A beautiful sunset over mountains' }, wait: 'auto' },
          'told by webhook': {
            model: 'seedream-4',
            input: { prompt: 'a paper boat on a rainy street', aspect_ratio: '16:9', resolution: '4K' },
            n: 4,
            wait: 0,
            webhook_url: 'https://example.com/hooks/gesso',
            labels: { campaign: 'spring' },
          },
          'a rehearsed failure': {
            model: 'seedream-4',
            input: { prompt: 'a paper boat' },
            simulate: 'content_policy',
            simulate_delay_ms: 2000,
          },
        },
      },
    },
    answers: {
      200: {
        description: 'It has ended, or has been decided only (`dryRun`).',
        content: { 'application/json': { schema: generationSchema } },
      },
      202: { description: 'It goes on.', content: { 'application/json': { schema: generationSchema } } },
    },
    errors: startErrors,
  },
  async handle(context) {
    const { req, reply, deps, query } = context;
    const principal = requirePrincipal(req);
    const mode = generatingModeOf(principal);
    const headers = readCallHeaders(req);
    const body = await readGenerationBody(req, bodyLimits(deps), async (source, param) =>
      deps.services.receivePicture(principal, await openOwnLink(source, param, deps), param),
    );
    const { request, wait_ms, webhook_url } = parseGenerationRequest(body, principal, mode, deps.catalog);
    req.notes.model = deps.catalog.resolve(request.model)?.model.id ?? null;
    const { input } = body;
    if (query.dryRun) {
      const { price, ...decided } = await deps.services.dryRun(principal, request, input);
      const cost = { cost_micros: price.total_micros, cost: price.total_micros / 1_000_000, currency: 'USD' };
      return reply.send({ object: 'dry_run', ...decided, price, ...cost });
    }
    const hooks = { ...callHooks(req, reply, headers), ...(webhook_url !== undefined && { webhook_url }) };
    const id = await deps.services.submitGeneration(principal, request, input, hooks);
    req.notes.request_id = id;
    // It is the queue's now: whoever only waits takes no room from those who bring work.
    req.notes.leave?.();
    const view = await waitForGeneration(context, id, wait_ms);
    return reply
      .status(view.completed_at === null ? 202 : 200)
      .headers({ 'cache-control': 'no-store', location: `/v1/generations/${id}` })
      .send(presentGeneration(view, deps.publicUrl()));
  },
});
