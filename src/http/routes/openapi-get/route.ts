import { z } from 'zod';
import { defineRoute } from '../../route.ts';

export const openapiGet = defineRoute({
  method: 'GET',
  path: '/openapi.json',
  access: 'open',
  document: {
    tag: 'System',
    operation: 'getOpenApi',
    summary: 'This document',
    description: 'OpenAPI 3.1, made from the routes that this server has.',
    answers: { 200: { description: 'The document.', content: { 'application/json': { schema: z.looseObject({}) } } } },
    errors: [],
  },
  handle: async ({ reply, openapi }) => reply.header('cache-control', 'no-cache').send(openapi()),
});
