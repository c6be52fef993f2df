import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { presentTagBudget, tagBudgetSchema } from '../../present/tag-budget.ts';
import { defineRoute } from '../../route.ts';

const answerSchema = z.object({ object: z.literal('list'), data: z.array(tagBudgetSchema) });

export const tagBudgetsList = defineRoute({
  method: 'GET',
  path: '/v1/tag-budgets',
  access: 'admin',
  document: {
    tag: 'Keys',
    operation: 'listTagBudgets',
    summary: 'List the budgets of tags',
    description: 'With what was spent of them.',
    answers: { 200: { description: 'The budgets.', content: { 'application/json': { schema: answerSchema } } } },
    errors: [],
  },
  async handle({ req, deps }) {
    const budgets = await deps.services.listTagBudgets(requirePrincipal(req));
    return { object: 'list', data: budgets.map(presentTagBudget) };
  },
});
