import { z } from 'zod';
import { defineRoute } from '../../route.ts';

export const healthGet = defineRoute({
  method: 'GET',
  path: '/healthz',
  access: 'open',
  document: {
    tag: 'System',
    operation: 'getHealth',
    summary: 'Is the process alive',
    description: 'Answers as long as the process can answer at all; restart it when it does not.',
    answers: {
      200: {
        description: 'Alive.',
        content: { 'application/json': { schema: z.object({ status: z.literal('ok'), version: z.string() }) } },
      },
    },
    errors: [],
  },
  handle: async ({ deps, reply }) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok', version: deps.version }),
});
