import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { keySchema, presentKey } from '../../present/key.ts';
import { defineRoute } from '../../route.ts';

const paramsSchema = z.object({ id: z.string() });

export const keysGet = defineRoute({
  method: 'GET',
  path: '/v1/keys/{id}',
  access: 'manage',
  document: {
    tag: 'Keys',
    operation: 'getKey',
    summary: 'Get a key',
    description: 'Its settings, and what it has spent of its budgets. Never the key itself.',
    params: { id: { description: 'The id of the key, not the key.', example: 'key_7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    answers: { 200: { description: 'The key.', content: { 'application/json': { schema: keySchema } } } },
    errors: ['not_found'],
  },
  async handle({ req, deps }) {
    const { id } = paramsSchema.parse(req.params);
    return presentKey(await deps.services.getKey(requirePrincipal(req), id));
  },
});
