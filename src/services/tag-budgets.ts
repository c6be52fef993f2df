/** Budgets of tags: what an account lets be booked under a name, whichever of its keys is used. */
import type { Mode } from '../contracts/generation.ts';
import type { Budget, TagBudgetView } from '../contracts/keys.ts';
import type { Principal } from '../contracts/services.ts';
import { listTagBudgets as listRows, setTagBudget as setRow } from '../store/budgets.ts';
import type { BudgetRow } from '../store/tables.ts';
import { budgetView } from './key-view.ts';
import { requireAdmin } from './manageable-key.ts';
import type { ServiceParts } from './parts.ts';

type BudgetParts = Pick<ServiceParts, 'db' | 'clock'>;

export async function listTagBudgets({ db, clock }: BudgetParts, principal: Principal): Promise<TagBudgetView[]> {
  requireAdmin(principal);
  return (await listRows(db, principal.account_id)).map((row) => view(row, clock.now()));
}

export async function setTagBudget(
  { db, clock }: BudgetParts,
  principal: Principal,
  tag: string,
  mode: Mode,
  budget: Partial<Budget>,
): Promise<TagBudgetView> {
  requireAdmin(principal);
  return view(await setRow(db, { account_id: principal.account_id, mode, tag }, budget), clock.now());
}

function view(row: BudgetRow, now: number): TagBudgetView {
  return { tag: row.tag ?? '', mode: row.mode, ...budgetView(row, now) };
}
