import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { generationSchema, presentGeneration } from '../../present/generation.ts';
import { defineRoute } from '../../route.ts';

const paramsSchema = z.object({ id: z.string() });

export const generationsCancel = defineRoute({
  method: 'POST',
  path: '/v1/generations/{id}/cancel',
  access: 'key',
  document: {
    tag: 'Generations',
    operation: 'cancelGeneration',
    summary: 'Cancel a generation',
    description:
      'One that waits is canceled at once and costs nothing. Of one that runs, the provider is told where it can be; what it delivers all the same is kept and charged, and nothing else is. One that has ended stays as it is. The answer is the generation as it is then.',
    params: { id: { description: 'The id of the generation.', example: 'gen_7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    answers: {
      200: { description: 'The generation.', content: { 'application/json': { schema: generationSchema } } },
    },
    errors: ['not_found', 'scope_exceeded'],
  },
  async handle({ req, reply, deps }) {
    const { id } = paramsSchema.parse(req.params);
    const view = await deps.services.cancelGeneration(requirePrincipal(req), id);
    return reply.header('cache-control', 'no-store').send(presentGeneration(view, deps.publicUrl()));
  },
});
