import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { keySchema, presentKey } from '../../present/key.ts';
import { defineRoute } from '../../route.ts';

const answerSchema = z.object({ object: z.literal('list'), data: z.array(keySchema) });

export const keysList = defineRoute({
  method: 'GET',
  path: '/v1/keys',
  access: 'manage',
  query: z.object({ account_id: z.string().optional().describe('Whose keys; your own account when absent.') }),
  document: {
    tag: 'Keys',
    operation: 'listKeys',
    summary: 'List the keys',
    description:
      'Oldest first, revoked ones included: all of the account for an admin key, else those under the key that asks.',
    answers: { 200: { description: 'The keys.', content: { 'application/json': { schema: answerSchema } } } },
    errors: [],
  },
  async handle({ req, deps, query }) {
    const keys = await deps.services.listKeys(requirePrincipal(req), query.account_id);
    return { object: 'list', data: keys.map(presentKey) };
  },
});
