import { z } from 'zod';
import type { Budget } from '../../../contracts/keys.ts';
import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { keySchema, presentKey } from '../../present/key.ts';
import { defineRoute } from '../../route.ts';
import { keyExamples, keyFields, nameField, readKeyFields, settingsOf } from '../key-fields.ts';

const bodySchema = z.strictObject({
  name: nameField.default('unnamed'),
  mode: z.enum(['live', 'test', 'admin']).describe('`test` spends nothing; `admin` administers and cannot generate.'),
  account_id: z.string().optional().describe('Whose key it is; your own account when absent.'),
  parent_id: z
    .string()
    .optional()
    .describe('The key that it is made under: its budgets and limits count for this one too, and it ends with it.'),
  ...keyFields,
});

const answerSchema = keySchema.extend({ key: z.string().describe('The whole key: shown this once.') });
const NO_BUDGET: Budget = { monthly_budget_micros: null, total_budget_micros: null };

export const keysCreate = defineRoute({
  method: 'POST',
  path: '/v1/keys',
  access: 'manage',
  document: {
    tag: 'Keys',
    operation: 'createKey',
    summary: 'Make a key',
    description:
      'The answer holds the whole key, this once: only its hash is stored. A key with the scope `manage` makes keys under itself; an admin key makes any.',
    body: {
      'application/json': {
        schema: bodySchema,
        examples: { test: { name: 'my laptop', mode: 'test' }, ...keyExamples },
      },
    },
    answers: { 201: { description: 'The key.', content: { 'application/json': { schema: answerSchema } } } },
    errors: ['not_found', 'invalid_value', 'invalid_json', 'unsupported_content_type', 'payload_too_large'],
  },
  async handle({ req, reply, deps }) {
    const { name, mode, account_id, parent_id, ...fields } = await readSmallJson(req, bodySchema, {
      idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS,
    });
    const { settings, budget, ...rest } = readKeyFields(fields);
    const { key, view } = await deps.services.createKey(requirePrincipal(req), {
      ...rest,
      name,
      mode,
      settings: settingsOf(settings),
      budget: { ...NO_BUDGET, ...budget },
      ...(account_id === undefined ? {} : { account_id }),
      ...(parent_id === undefined ? {} : { parent_id }),
    });
    return reply.status(201).send({ ...presentKey(view), key });
  },
});
