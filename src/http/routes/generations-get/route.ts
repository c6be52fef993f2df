import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { WAIT_S_MAX, waitMs } from '../../parse-generation-request.ts';
import { generationSchema, presentGeneration } from '../../present/generation.ts';
import { defineRoute } from '../../route.ts';
import { streamGeneration } from '../../stream-generation.ts';
import { waitForGeneration } from '../../wait-for-generation.ts';

const paramsSchema = z.object({ id: z.string() });

const querySchema = z.object({
  wait: z
    .union([z.literal('auto'), z.coerce.number().min(0).max(WAIT_S_MAX)])
    .default(0)
    .describe('Seconds, 0 to 60, or `auto` (60): the answer is held back until it has ended, or so long.'),
});

export const generationsGet = defineRoute({
  method: 'GET',
  path: '/v1/generations/{id}',
  access: 'read',
  query: querySchema,
  document: {
    tag: 'Generations',
    operation: 'retrieveGeneration',
    summary: 'Get a generation',
    description:
      'Every call that makes pictures is a generation, kept under the id that `x-request-id` and errors with status 504 bear: fetch here what was not ready in time. With `Accept: text/event-stream` every change is an event, `generation.running` and so on, until it has ended. Test keys see what test keys made, live keys the rest.',
    params: { id: { description: 'The id of the generation.', example: 'gen_7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    answers: {
      200: {
        description: 'The generation as it is now.',
        content: {
          'application/json': { schema: generationSchema },
          'text/event-stream': { schema: z.string() },
        },
      },
    },
    errors: ['not_found', 'invalid_value'],
  },
  async handle(context) {
    const { req, reply, deps, query } = context;
    const { id } = paramsSchema.parse(req.params);
    if (req.headers.accept?.includes('text/event-stream') === true) return streamGeneration(context, id);
    const wait_ms = waitMs(query.wait);
    const view =
      wait_ms === 0
        ? await deps.services.getGeneration(requirePrincipal(req), id)
        : await waitForGeneration(context, id, wait_ms);
    return reply.header('cache-control', 'no-store').send(presentGeneration(view, deps.publicUrl()));
  },
});
