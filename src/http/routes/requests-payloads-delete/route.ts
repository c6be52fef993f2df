import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { defineRoute } from '../../route.ts';

const paramsSchema = z.object({ id: z.string() });

const answerSchema = z.object({
  id: z.string(),
  object: z.literal('request.payloads'),
  deleted: z.literal(true),
  pictures: z.int().describe('How many went, references and masks included; 0 when they had gone before.'),
});

export const requestsPayloadsDelete = defineRoute({
  method: 'DELETE',
  path: '/v1/requests/{id}/payloads',
  access: 'key',
  document: {
    tag: 'History',
    operation: 'deleteRequestPayloads',
    summary: 'Delete what a request says and shows',
    description:
      'Prompt, parameters, labels, `user`, words of errors and all pictures are gone when this answers; the row with its cost stays. Pictures that another request has too stay there. Needs the scope `generate` or `manage`. Harmless to repeat.',
    params: { id: { description: 'The id of the request.', example: 'gen_7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    answers: { 200: { description: 'They are gone.', content: { 'application/json': { schema: answerSchema } } } },
    errors: ['not_found', 'request_in_progress'],
  },
  async handle({ req, deps }): Promise<z.infer<typeof answerSchema>> {
    const { id } = paramsSchema.parse(req.params);
    const { pictures } = await deps.services.purgePayloads(requirePrincipal(req), id);
    return { id, object: 'request.payloads', deleted: true, pictures };
  },
});
