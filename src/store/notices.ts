/** Facts about money that an account is told once: a wallet that runs low, a budget that is reached. */
import { sql } from 'kysely';
import type { Mode } from '../contracts/generation.ts';
import type { Db } from './tables.ts';

/**
 * Whether a prepaid wallet has fallen below the mark and nobody was told since it was above: then this call is the one that
 * tells, and gets the balance. The database forgets that it was told when the balance is above again.
 */
export async function claimLowBalance(
  db: Db,
  account_id: string,
  mode: Mode,
  mark_micros: number,
): Promise<number | null> {
  const row = await db
    .updateTable('wallets')
    .set({ low_mark_micros: mark_micros })
    .where('account_id', '=', account_id)
    .where('mode', '=', mode)
    .where('billing', '=', 'prepaid')
    .where('balance_micros', '<', mark_micros)
    .where('low_mark_micros', 'is', null)
    .returning('balance_micros')
    .executeTakeFirst();
  return row?.balance_micros ?? null;
}

export interface ReachedBudget {
  readonly budget_micros: number;
  /** Charged and held, in the period. */
  readonly spent_micros: number;
  /** Of which the counters are, in UTC. */
  readonly month: string;
}

/** Undefined when there is no such budget any more. */
export async function findReachedBudget(
  db: Db,
  spender: string,
  period: 'monthly' | 'total',
): Promise<ReachedBudget | undefined> {
  const budget = period === 'monthly' ? 'monthly_budget_micros' : 'total_budget_micros';
  const this_month = sql<string>`to_char(now() at time zone 'UTC', 'YYYY-MM')`;
  const spent =
    period === 'monthly'
      ? sql<number>`case when month = ${this_month} then month_micros else 0 end`
      : sql<number>`total_micros`;
  const row = await db
    .selectFrom('budgets')
    .select([`${budget} as budget_micros`, spent.as('spent_micros'), this_month.as('month')])
    .where('spender', '=', spender)
    .executeTakeFirst();
  return row === undefined || row.budget_micros === null ? undefined : { ...row, budget_micros: row.budget_micros };
}
