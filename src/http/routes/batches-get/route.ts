import { requirePrincipal } from '../../authenticate.ts';
import { batchSchema, presentBatch } from '../../present/batch.ts';
import { defineRoute } from '../../route.ts';

export const batchesGet = defineRoute({
  method: 'GET',
  path: '/v1/batches/{batch_id}',
  access: 'read',
  document: {
    tag: 'Batches',
    operation: 'retrieveBatch',
    summary: 'Get a batch',
    description:
      'How far it is, and where its results are. `batch.completed` and the other events of webhooks say when to look.',
    params: { batch_id: { description: 'The id of the batch.', example: 'batch_7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    answers: { 200: { description: 'The batch.', content: { 'application/json': { schema: batchSchema } } } },
    errors: ['not_found'],
  },
  async handle({ req, reply, deps }) {
    const { batch_id } = req.params as { batch_id: string }; // The path has this one parameter.
    const batch = await deps.services.getBatch(requirePrincipal(req), batch_id);
    return reply.header('cache-control', 'no-store').send(presentBatch(batch));
  },
});
