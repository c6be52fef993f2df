import { z } from 'zod';
import type { Catalog, Resolved } from '../../../core/catalog/catalog.ts';
import { compileParameterSchema } from '../../../core/catalog/compile-parameter-schema.ts';
import { GessoError } from '../../../core/errors.ts';
import { modelSchema } from '../../openapi/schemas.ts';
import { presentModel } from '../../present/model.ts';
import { defineRoute } from '../../route.ts';

export const modelsGet = defineRoute({
  method: 'GET',
  path: '/v1/models/{model*}',
  access: 'key',
  query: z.object({
    schema: z
      .enum(['true', 'false', '1', '0'])
      .default('false')
      .transform((text) => text === 'true' || text === '1')
      .describe('Adds `parameters_schema`: JSON Schema of what the model takes.'),
  }),
  document: {
    tag: 'Models',
    operation: 'retrieveModel',
    summary: 'Get a model',
    description:
      'By id, alias or pin. Ids hold a slash, which may be sent raw or as `%2F`. A pin shows its own offer only.',
    params: { model: { description: 'An id, an alias or a pin.', example: 'bytedance/seedream-4.0' } },
    answers: { 200: { description: 'The model.', content: { 'application/json': { schema: modelSchema } } } },
    errors: ['model_not_found'],
  },
  async handle({ req, query, deps }) {
    const { model, offer } = resolveModel(deps.catalog, modelIdOf(req.raw.url ?? ''));
    const page = presentModel(model, deps, offer);
    return query.schema ? { ...page, parameters_schema: compileParameterSchema(model) } : page;
  },
});

/** Read from the path as it was sent, decoded once: older clients send the slash raw, newer ones as `%2F`. */
function modelIdOf(url: string): string {
  const path = url.split('?', 1)[0] ?? '';
  // The router has decoded the path already, so this cannot fail.
  return decodeURIComponent(path.slice(path.indexOf('/models/') + '/models/'.length));
}

function resolveModel(catalog: Catalog, id: string): Resolved {
  const resolved = catalog.resolve(id);
  if (resolved !== null) return resolved;
  const meant = catalog.suggest(id).map((one) => `"${one}"`);
  const hint = meant.length === 0 ? 'GET /v1/models lists all.' : `Did you mean ${meant.join(' or ')}?`;
  throw new GessoError('model_not_found', `There is no model "${id.slice(0, 200)}". ${hint}`, { param: 'model' });
}
