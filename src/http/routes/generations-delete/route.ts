import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { defineRoute } from '../../route.ts';

const paramsSchema = z.object({ id: z.string() });

const deletedSchema = z.object({
  id: z.string(),
  object: z.literal('generation.deleted'),
  deleted: z.literal(true),
});

export const generationsDelete = defineRoute({
  method: 'DELETE',
  path: '/v1/generations/{id}',
  access: 'key',
  document: {
    tag: 'Generations',
    operation: 'deleteGeneration',
    summary: 'Delete a generation',
    description:
      'Its prompt, parameters and pictures are gone for good. What it cost stays in `/v1/requests` and `/v1/usage`. One that has not ended is to be canceled first.',
    params: { id: { description: 'The id of the generation.', example: 'gen_7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    answers: { 200: { description: 'It is gone.', content: { 'application/json': { schema: deletedSchema } } } },
    errors: ['not_found', 'request_in_progress', 'scope_exceeded'],
  },
  async handle({ req, reply, deps }) {
    const { id } = paramsSchema.parse(req.params);
    await deps.services.deleteGeneration(requirePrincipal(req), id);
    return reply.send({ id, object: 'generation.deleted', deleted: true });
  },
});
