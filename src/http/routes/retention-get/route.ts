import { requirePrincipal } from '../../authenticate.ts';
import { presentRetention, retentionSchema } from '../../present/retention.ts';
import { defineRoute } from '../../route.ts';

export const retentionGet = defineRoute({
  method: 'GET',
  path: '/v1/retention',
  access: 'read',
  document: {
    tag: 'History',
    operation: 'getRetention',
    summary: 'How long payloads are kept',
    description: "The account's own rule where it has one, else the server's (`GESSO_RETENTION_DAYS`).",
    answers: { 200: { description: 'The rule.', content: { 'application/json': { schema: retentionSchema } } } },
    errors: [],
  },
  async handle({ req, deps }) {
    return presentRetention(await deps.services.getRetention(requirePrincipal(req)));
  },
});
