import type { Mode } from '../../contracts/generation.ts';
import { budgetShortageOf } from '../../store/budgets.ts';
import { findReachedBudget } from '../../store/notices.ts';
import { insertEvent } from '../../store/webhook-events.ts';
import type { ServiceParts } from '../parts.ts';

type NoticeParts = Pick<ServiceParts, 'db' | 'bus' | 'log'>;

/**
 * With the error of an admission: when a budget refused it, `budget.reached` is told, once for each period and height of
 * the budget. Never throws, and does nothing for any other error.
 */
export async function noticeBudgetReached(
  parts: NoticeParts,
  { account_id, mode }: { readonly account_id: string; readonly mode: Mode },
  error: unknown,
): Promise<void> {
  const shortage = budgetShortageOf(error);
  if (shortage === null) return;
  const { key_id, tag, period } = shortage;
  const spender = key_id === null ? `tag:${account_id}:${mode}:${tag}` : `key:${key_id}`;
  try {
    const reached = await findReachedBudget(parts.db, spender, period);
    if (reached === undefined) return;
    const { budget_micros, spent_micros } = reached;
    const month = period === 'monthly' ? reached.month : null;
    const event = await insertEvent(parts.db, {
      account_id,
      mode,
      type: 'budget.reached',
      data: { object: 'budget', mode, currency: 'USD', key_id, tag, period, month, budget_micros, spent_micros },
      dedupe_key: `budget.reached:${spender}:${month ?? period}:${budget_micros}`,
    });
    if (event !== null) parts.bus.publish('delivery', '');
  } catch (failure) {
    parts.log.warn({ account_id, err: failure }, 'a reached budget could not be told');
  }
}
