import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { presentTagBudget, tagBudgetSchema } from '../../present/tag-budget.ts';
import { defineRoute } from '../../route.ts';
import { budgetFields, readBudget, tagField } from '../key-fields.ts';

const bodySchema = z.strictObject({
  tag: tagField.describe('As in `x-gesso-tag`.'),
  mode: z.enum(['live', 'test']).default('live'),
  ...budgetFields,
});

export const tagBudgetsSet = defineRoute({
  method: 'PUT',
  path: '/v1/tag-budgets',
  access: 'admin',
  document: {
    tag: 'Keys',
    operation: 'setTagBudget',
    summary: 'Set the budget of a tag',
    description:
      'For everything that is booked under the tag, whichever key asks. What was booked before counts. What is absent stays as it is; null takes a budget away.',
    body: {
      'application/json': {
        schema: bodySchema,
        examples: { 'a campaign': { tag: 'spring', monthly_budget_usd: 200 } },
      },
    },
    answers: {
      200: { description: 'The budget as it is now.', content: { 'application/json': { schema: tagBudgetSchema } } },
    },
    errors: ['invalid_value', 'invalid_json', 'unsupported_content_type', 'payload_too_large'],
  },
  async handle({ req, deps }) {
    const { tag, mode, ...fields } = await readSmallJson(req, bodySchema, {
      idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS,
    });
    const budget = readBudget(fields);
    return presentTagBudget(await deps.services.setTagBudget(requirePrincipal(req), tag, mode, budget));
  },
});
