import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { generationSchema, presentGeneration } from '../../present/generation.ts';
import { defineRoute } from '../../route.ts';

const paramsSchema = z.object({ id: z.string() });

export const generationsGet = defineRoute({
  method: 'GET',
  path: '/v1/generations/{id}',
  access: 'read',
  document: {
    tag: 'Generations',
    operation: 'retrieveGeneration',
    summary: 'Get a generation',
    description:
      'Every call that makes pictures is a generation, kept under the id that `x-request-id` and errors with status 504 bear: fetch here what was not ready in time. Test keys see what test keys made, live keys the rest.',
    params: { id: { description: 'The id of the generation.', example: 'gen_7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    answers: {
      200: {
        description: 'The generation as it is now.',
        content: { 'application/json': { schema: generationSchema } },
      },
    },
    errors: ['not_found'],
  },
  async handle({ req, reply, deps }) {
    const { id } = paramsSchema.parse(req.params);
    const view = await deps.services.getGeneration(requirePrincipal(req), id);
    return reply.header('cache-control', 'no-store').send(presentGeneration(view, deps.publicUrl()));
  },
});
