import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { keySchema, presentKey } from '../../present/key.ts';
import { defineRoute } from '../../route.ts';

const NAME_CHARS_MAX = 200;

const bodySchema = z.strictObject({
  name: z.string().trim().min(1).max(NAME_CHARS_MAX).default('unnamed').describe('What you will know it by.'),
  mode: z.enum(['live', 'test', 'admin']).describe('`test` spends nothing; `admin` administers and cannot generate.'),
  account_id: z.string().optional().describe('Whose key it is; your own account when absent.'),
});

const answerSchema = keySchema.extend({ key: z.string().describe('The whole key: shown this once.') });

export const keysCreate = defineRoute({
  method: 'POST',
  path: '/v1/keys',
  access: 'admin',
  document: {
    tag: 'Keys',
    operation: 'createKey',
    summary: 'Make a key',
    description: 'The answer holds the whole key, this once: only its hash is stored.',
    body: { 'application/json': { schema: bodySchema, examples: { test: { name: 'my laptop', mode: 'test' } } } },
    answers: { 201: { description: 'The key.', content: { 'application/json': { schema: answerSchema } } } },
    errors: ['not_found', 'invalid_value', 'invalid_json', 'unsupported_content_type', 'payload_too_large'],
  },
  async handle({ req, reply, deps }) {
    const { account_id, ...rest } = await readSmallJson(req, bodySchema, {
      idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS,
    });
    const wish = { ...rest, ...(account_id === undefined ? {} : { account_id }) };
    const { key, view } = await deps.services.createKey(requirePrincipal(req), wish);
    return reply.status(201).send({ ...presentKey(view), key });
  },
});
