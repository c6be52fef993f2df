import { GessoError } from '../core/errors.ts';
import { formatMicros } from '../core/money.ts';
import { budgetShortageOf } from '../store/budgets.ts';

const PERIODS = { monthly: 'monthly budget', total: 'total budget' } as const;

/** `budget_exceeded` in place of what the database says of a budget; any other error as it is. */
export function toldOfBudget(error: unknown): unknown {
  const shortage = budgetShortageOf(error);
  if (shortage === null) return error;
  const { key_id, tag, period, required_micros, available_micros } = shortage;
  const whose = key_id === null ? `tag "${tag}"` : `key ${key_id}`;
  return new GessoError(
    'budget_exceeded',
    `This request may cost $${formatMicros(required_micros)} (required) and the ${PERIODS[period]} of the ${whose} has ` +
      `$${formatMicros(available_micros)} left (available). Raise the budget, wait for running requests to end, or ask for less.`,
  );
}
