import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { fileSchema, presentFile } from '../../present/file.ts';
import { listSchema, presentList } from '../../present/list.ts';
import { defineRoute } from '../../route.ts';

const LIMIT_MAX = 10_000;

const querySchema = z.object({
  purpose: z.enum(['batch', 'batch_output', 'vision', 'user_data']).optional().describe('Only files for this.'),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_MAX).describe('1 to 10,000.'),
  order: z.enum(['asc', 'desc']).default('desc').describe('By the time of creation.'),
  after: z.string().max(200).optional().describe('The id of the last file of the page before.'),
});

export const filesList = defineRoute({
  method: 'GET',
  path: '/v1/files',
  access: 'read',
  query: querySchema,
  document: {
    tag: 'Files',
    operation: 'listFiles',
    summary: 'List files',
    description: 'Those of the account, of the mode of the key, which have not expired.',
    answers: { 200: { description: 'A page.', content: { 'application/json': { schema: listSchema(fileSchema) } } } },
    errors: ['invalid_value', 'not_found'],
  },
  async handle({ req, deps, query }) {
    const { purpose, after, limit, order } = query;
    const page = { limit, order, ...(purpose && { purpose }), ...(after !== undefined && { after }) };
    const { files, has_more } = await deps.services.listFiles(requirePrincipal(req), page);
    return presentList(files.map(presentFile), has_more);
  },
});
