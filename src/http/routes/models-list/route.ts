import { modelListSchema } from '../../openapi/schemas.ts';
import { presentModelSummary } from '../../present/model.ts';
import { defineRoute } from '../../route.ts';

export const modelsList = defineRoute({
  method: 'GET',
  path: '/v1/models',
  access: 'key',
  document: {
    tag: 'Models',
    operation: 'listModels',
    summary: 'List models',
    description: 'The whole catalogue, on one page: ids, aliases, modes, offers and prices.',
    answers: { 200: { description: 'Every model.', content: { 'application/json': { schema: modelListSchema } } } },
    errors: [],
  },
  handle: async ({ deps }) => ({
    object: 'list',
    data: [...deps.catalog.models.values()].map((model) => presentModelSummary(model, deps)),
  }),
});
