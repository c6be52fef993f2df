import type { Budget, BudgetView, KeyView } from '../contracts/keys.ts';
import type { ListedKey } from '../store/keys.ts';
import type { BudgetRow } from '../store/tables.ts';

export function keyView({ spending, lineage: _lineage, ...key }: ListedKey, now: number): KeyView {
  return { ...key, budget: spending === null ? null : budgetView(spending, now) };
}

/** What was spent in a month that is over is not of this one. */
export function budgetView(
  row: Pick<BudgetRow, keyof Budget | 'month' | 'month_micros' | 'total_micros'>,
  now: number,
): BudgetView {
  const { monthly_budget_micros, total_budget_micros, month, month_micros, total_micros } = row;
  const isThisMonth = month === new Date(now).toISOString().slice(0, 7);
  return {
    monthly_budget_micros,
    total_budget_micros,
    month_spent_micros: isThisMonth ? month_micros : 0,
    total_spent_micros: total_micros,
  };
}
