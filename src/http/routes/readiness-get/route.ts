import { readinessSchema } from '../../openapi/schemas.ts';
import { reportReadiness } from '../../readiness.ts';
import { defineRoute } from '../../route.ts';

const content = { 'application/json': { schema: readinessSchema } };

export const readinessGet = defineRoute({
  method: 'GET',
  path: '/readyz',
  access: 'open',
  document: {
    tag: 'System',
    operation: 'getReadiness',
    summary: 'Should traffic be sent here',
    description: 'Asks the database and the other parts; 503 while one of them fails, and while the server stops.',
    answers: {
      200: { description: 'Ready.', content },
      503: { description: 'Not now.', content },
    },
    errors: [],
  },
  async handle({ deps, reply }) {
    const { ready, checks } = await reportReadiness(deps.readiness, (name, err) =>
      deps.log.warn({ check: name, err }, 'not ready'),
    );
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: ready ? 'ready' : 'not_ready', checks });
  },
});
