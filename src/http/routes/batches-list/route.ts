import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { batchSchema, presentBatch } from '../../present/batch.ts';
import { listSchema, presentList } from '../../present/list.ts';
import { defineRoute } from '../../route.ts';

const LIMIT_MAX = 100;
const LIMIT_DEFAULT = 20;

const querySchema = z.object({
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT).describe('1 to 100.'),
  after: z.string().max(200).optional().describe('The id of the last batch of the page before.'),
});

export const batchesList = defineRoute({
  method: 'GET',
  path: '/v1/batches',
  access: 'read',
  query: querySchema,
  document: {
    tag: 'Batches',
    operation: 'listBatches',
    summary: 'List batches',
    description: 'Newest first: those of the account, of the mode of the key.',
    answers: { 200: { description: 'A page.', content: { 'application/json': { schema: listSchema(batchSchema) } } } },
    errors: ['invalid_value', 'not_found'],
  },
  async handle({ req, deps, query: { limit, after } }) {
    const page = { limit, ...(after !== undefined && { after }) };
    const { batches, has_more } = await deps.services.listBatches(requirePrincipal(req), page);
    return presentList(batches.map(presentBatch), has_more);
  },
});
