import { requirePrincipal } from '../../authenticate.ts';
import { batchSchema, presentBatch } from '../../present/batch.ts';
import { defineRoute } from '../../route.ts';

export const batchesCancel = defineRoute({
  method: 'POST',
  path: '/v1/batches/{batch_id}/cancel',
  access: 'generate',
  document: {
    tag: 'Batches',
    operation: 'cancelBatch',
    summary: 'Cancel a batch',
    description:
      'What was not begun is not made, and not charged; what runs is let end. The results so far are in the output file when it is `cancelled`.',
    params: { batch_id: { description: 'The id of the batch.', example: 'batch_7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    answers: { 200: { description: 'The batch.', content: { 'application/json': { schema: batchSchema } } } },
    errors: ['invalid_value', 'not_found'],
  },
  async handle({ req, deps }) {
    const { batch_id } = req.params as { batch_id: string }; // The path has this one parameter.
    return presentBatch(await deps.services.cancelBatch(requirePrincipal(req), batch_id));
  },
});
