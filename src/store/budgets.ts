/** Budgets of keys and tags. What is spent of them the database counts itself, with the rows that spend it. */
import { sql } from 'kysely';
import type { Mode } from '../contracts/generation.ts';
import type { Budget } from '../contracts/keys.ts';
import type { BudgetRow, Db } from './tables.ts';

/** What an admission would have passed, as the database tells it. */
export interface BudgetShortage {
  readonly key_id: string | null;
  readonly tag: string | null;
  readonly period: 'monthly' | 'total';
  readonly required_micros: number;
  readonly available_micros: number;
}

/** As the trigger on generations raises it. */
const EXCEEDED = 'GB402';

/** Null for an error of another kind. */
export function budgetShortageOf(error: unknown): BudgetShortage | null {
  if (!(error instanceof Error) || !('code' in error) || error.code !== EXCEEDED) return null;
  // The detail is the trigger's own.
  return 'detail' in error && typeof error.detail === 'string' ? (JSON.parse(error.detail) as BudgetShortage) : null;
}

export async function setKeyBudget(db: Db, key_id: string, budget: Partial<Budget>): Promise<void> {
  if (Object.keys(budget).length === 0) return;
  await db.updateTable('budgets').set(budget).where('key_id', '=', key_id).execute();
}

/** Returns the budget as it is now. */
export async function setTagBudget(
  db: Db,
  whose: { readonly account_id: string; readonly mode: Mode; readonly tag: string },
  budget: Partial<Budget>,
): Promise<BudgetRow> {
  const { account_id, mode, tag } = whose;
  return db
    .insertInto('budgets')
    .values({ spender: `tag:${account_id}:${mode}:${tag}`, account_id, mode, tag, ...budget })
    .onConflict((conflict) =>
      conflict.column('spender').doUpdateSet(
        // An update must set something.
        Object.keys(budget).length > 0 ? budget : { tag },
      ),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Those of tags that have a budget. */
export async function listTagBudgets(db: Db, account_id: string): Promise<BudgetRow[]> {
  return db
    .selectFrom('budgets')
    .selectAll()
    .where('account_id', '=', account_id)
    .where('tag', 'is not', null)
    .where(sql<boolean>`coalesce(monthly_budget_micros, total_budget_micros) is not null`)
    .orderBy('mode')
    .orderBy('tag')
    .execute();
}
