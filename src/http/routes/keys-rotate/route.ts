import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { keySchema, presentKey } from '../../present/key.ts';
import { defineRoute } from '../../route.ts';

const DAY_S = 86_400;
const GRACE_S_MAX = 30 * DAY_S;

const paramsSchema = z.object({ id: z.string() });
const bodySchema = z.strictObject({
  grace_s: z.int().min(0).max(GRACE_S_MAX).default(DAY_S).describe('Seconds for which the old key is good at most.'),
});
const answerSchema = keySchema.extend({ key: z.string().describe('The whole new key: shown this once.') });

export const keysRotate = defineRoute({
  method: 'POST',
  path: '/v1/keys/{id}/rotate',
  access: 'manage',
  document: {
    tag: 'Keys',
    operation: 'rotateKey',
    summary: 'Rotate a key',
    description:
      'A new key for the same id: settings, budgets and history stay. The old key dies when the new one is first used, or when its grace ends. Rotating again before then replaces the new key.',
    params: { id: { description: 'The id of the key, not the key.', example: 'key_7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    body: { 'application/json': { schema: bodySchema, examples: { 'within an hour': { grace_s: 3600 } } } },
    answers: { 200: { description: 'The new key.', content: { 'application/json': { schema: answerSchema } } } },
    errors: ['not_found', 'invalid_value', 'invalid_json', 'unsupported_content_type', 'payload_too_large'],
  },
  async handle({ req, deps }) {
    const { id } = paramsSchema.parse(req.params);
    const { grace_s } = await readSmallJson(req, bodySchema, {
      idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS,
    });
    const { key, view } = await deps.services.rotateKey(requirePrincipal(req), id, grace_s * 1000);
    return { ...presentKey(view), key };
  },
});
