import { z } from 'zod';
import type { TagBudgetView } from '../../contracts/keys.ts';
import { budgetSchema, presentBudget } from './key.ts';

export const tagBudgetSchema = budgetSchema.extend({
  object: z.literal('tag_budget'),
  tag: z.string(),
  mode: z.enum(['live', 'test']),
});

export function presentTagBudget({ tag, mode, ...budget }: TagBudgetView): z.infer<typeof tagBudgetSchema> {
  return { object: 'tag_budget', tag, mode, ...presentBudget(budget) };
}
