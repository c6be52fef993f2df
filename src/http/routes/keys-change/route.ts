import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { keySchema, presentKey } from '../../present/key.ts';
import { defineRoute } from '../../route.ts';
import { keyFields, nameField, readKeyFields } from '../key-fields.ts';

const paramsSchema = z.object({ id: z.string() });
const bodySchema = z.strictObject({ name: nameField.optional(), ...keyFields });

export const keysChange = defineRoute({
  method: 'PATCH',
  path: '/v1/keys/{id}',
  access: 'manage',
  document: {
    tag: 'Keys',
    operation: 'changeKey',
    summary: 'Change a key',
    description: 'What is absent stays as it is; null takes a limit away. Holds from the next request on.',
    params: { id: { description: 'The id of the key, not the key.', example: 'key_7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    body: {
      'application/json': {
        schema: bodySchema,
        examples: { 'a larger budget': { monthly_budget_usd: 100, expires_at: null } },
      },
    },
    answers: { 200: { description: 'The key as it is now.', content: { 'application/json': { schema: keySchema } } } },
    errors: ['not_found', 'invalid_value', 'invalid_json', 'unsupported_content_type', 'payload_too_large'],
  },
  async handle({ req, deps }) {
    const { id } = paramsSchema.parse(req.params);
    const { name, ...fields } = await readSmallJson(req, bodySchema, {
      idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS,
    });
    const change = { ...readKeyFields(fields), ...(name === undefined ? {} : { name }) };
    return presentKey(await deps.services.changeKey(requirePrincipal(req), id, change));
  },
});
