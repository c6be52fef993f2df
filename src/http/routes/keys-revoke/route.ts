import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { defineRoute } from '../../route.ts';

const answerSchema = z.object({ id: z.string(), object: z.literal('key'), deleted: z.literal(true) });
const paramsSchema = z.object({ id: z.string() });

export const keysRevoke = defineRoute({
  method: 'DELETE',
  path: '/v1/keys/{id}',
  access: 'manage',
  document: {
    tag: 'Keys',
    operation: 'revokeKey',
    summary: 'Revoke a key',
    description: 'At once in all processes, and for good, with the keys under it. Its history stays.',
    params: { id: { description: 'The id of the key, not the key.', example: 'key_7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    answers: { 200: { description: 'It is revoked.', content: { 'application/json': { schema: answerSchema } } } },
    errors: ['not_found'],
  },
  async handle({ req, deps }) {
    const { id } = paramsSchema.parse(req.params);
    await deps.services.revokeKey(requirePrincipal(req), id);
    return { id, object: 'key', deleted: true };
  },
});
