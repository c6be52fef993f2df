import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { presentRequestDetail, requestDetailSchema } from '../../present/request.ts';
import { defineRoute } from '../../route.ts';

const paramsSchema = z.object({ id: z.string() });

export const requestsGet = defineRoute({
  method: 'GET',
  path: '/v1/requests/{id}',
  access: 'read',
  document: {
    tag: 'History',
    operation: 'retrieveRequest',
    summary: 'Get a request with everything that was written down of it',
    description:
      'Who was tried, what became of every parameter, what was held and charged and by which price, prompt and pictures while they are kept. What a try costs the house is told to administrators only.',
    params: { id: { description: 'The id of the request.', example: 'gen_7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    answers: { 200: { description: 'The request.', content: { 'application/json': { schema: requestDetailSchema } } } },
    errors: ['not_found'],
  },
  async handle({ req, reply, deps }) {
    const { id } = paramsSchema.parse(req.params);
    const view = await deps.services.getRequest(requirePrincipal(req), id);
    return reply.header('cache-control', 'no-store').send(presentRequestDetail(view, deps.publicUrl()));
  },
});
