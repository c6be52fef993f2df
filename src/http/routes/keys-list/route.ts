import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { keySchema, presentKey } from '../../present/key.ts';
import { defineRoute } from '../../route.ts';

const answerSchema = z.object({ object: z.literal('list'), data: z.array(keySchema) });

export const keysList = defineRoute({
  method: 'GET',
  path: '/v1/keys',
  access: 'admin',
  document: {
    tag: 'Keys',
    operation: 'listKeys',
    summary: 'List the keys',
    description: 'Oldest first, revoked ones included.',
    answers: { 200: { description: 'The keys.', content: { 'application/json': { schema: answerSchema } } } },
    errors: [],
  },
  async handle({ req, deps }) {
    const keys = await deps.services.listKeys(requirePrincipal(req));
    return { object: 'list', data: keys.map(presentKey) };
  },
});
