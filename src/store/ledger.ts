/**
 * The ledger's rows, and the wallets that they move. Every function is one statement, safe to repeat: what was written
 * before is not written again. The database itself moves wallets, and refuses what would overdraw a prepaid one.
 */
import { sql } from 'kysely';
import type { Mode } from '../contracts/generation.ts';
import type { LedgerBalance } from '../contracts/money.ts';
import { ledgerAccounts } from '../core/wallet/ledger-accounts.ts';
import type { Db, TopUpRow, WalletRow } from './tables.ts';

/** Gives back at most what was charged and not given back before. Returns what was given back, 0 when nothing was left. */
export async function refundGeneration(
  db: Db,
  { id, amount_micros }: { readonly id: string; readonly amount_micros: number },
  created_at: Date,
): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    // Two refunds of one generation take turns, and each sees what the other gave.
    await sql`select 1 from generations where id = ${id} for update`.execute(transaction);
    const { rows } = await sql<{ amount_micros: number }>`
      with paid as (
        select mode, account_id, payer,
          sum(case entry when 'charge' then amount_micros else -amount_micros end)::bigint as left_micros
        from (
          select *, case entry when 'charge' then debit_account else credit_account end as payer
          from transfers where generation_id = ${id} and entry in ('charge', 'refund')
        ) as rows group by mode, account_id, payer
      )
      insert into transfers (
        mode, entry, debit_account, credit_account, amount_micros, cause, cause_id, account_id, generation_id, created_at
      )
      select mode, 'refund', ${ledgerAccounts.sales}, payer, least(left_micros, ${amount_micros}::bigint),
        'request', ${id}, account_id, ${id}, ${created_at}
      from paid where left_micros > 0
      returning amount_micros
    `.execute(transaction);
    return rows.reduce((sum, row) => sum + row.amount_micros, 0);
  });
}

export type NewTopUp = Omit<TopUpRow, 'currency'>;

/** Returns false, and moves nothing, when a payment of this source and reference was written down before. */
export async function insertTopUp(db: Db, topUp: NewTopUp): Promise<boolean> {
  const { id, account_id, mode, source, reference, amount_micros, fee_micros, created_at } = topUp;
  const payer = source === 'start_credit' ? ledgerAccounts.gifts : ledgerAccounts.cash;
  const { rows } = await sql`
    with paid as (
      insert into top_ups (id, account_id, mode, source, reference, amount_micros, fee_micros, created_at)
      values (${id}, ${account_id}, ${mode}, ${source}, ${reference}, ${amount_micros}, ${fee_micros}, ${created_at})
      on conflict do nothing returning *
    ), posted as (
      insert into transfers (
        mode, entry, debit_account, credit_account, amount_micros, cause, cause_id, account_id, created_at
      )
      select paid.mode, entry, ${payer}, credit_account, part.amount_micros, 'top_up', paid.id, paid.account_id, paid.created_at
      from paid cross join lateral (values
        ('top_up', ${ledgerAccounts.wallet('')} || paid.account_id, paid.amount_micros),
        ('fee', ${ledgerAccounts.fees}, paid.fee_micros)
      ) as part (entry, credit_account, amount_micros)
      where part.amount_micros > 0
    )
    select 1 from paid
  `.execute(db);
  return rows.length === 1;
}

export async function findTopUp(db: Db, source: TopUpRow['source'], reference: string): Promise<TopUpRow | undefined> {
  return db
    .selectFrom('top_ups')
    .selectAll()
    .where('source', '=', source)
    .where('reference', '=', reference)
    .executeTakeFirst();
}

export async function findWallet(db: Db, account_id: string, mode: Mode): Promise<WalletRow | undefined> {
  return db
    .selectFrom('wallets')
    .selectAll()
    .where('account_id', '=', account_id)
    .where('mode', '=', mode)
    .executeTakeFirst();
}

/** Of one account, or of all. */
export async function listWallets(db: Db, account_id?: string): Promise<WalletRow[]> {
  const all = db.selectFrom('wallets').selectAll().orderBy('account_id').orderBy('mode');
  return (account_id === undefined ? all : all.where('account_id', '=', account_id)).execute();
}

/** Every account of the ledger with what it was credited and debited; wallets stand together. */
export async function ledgerBalances(db: Db): Promise<LedgerBalance[]> {
  const { rows } = await sql<LedgerBalance>`
    select mode, case when account like ${ledgerAccounts.wallet('%')} then 'wallets' else account end as account,
      sum(credited)::bigint as credited_micros, sum(debited)::bigint as debited_micros
    from (
      select mode, credit_account as account, amount_micros as credited, 0 as debited from transfers
      union all select mode, debit_account, 0, amount_micros from transfers
    ) as sides group by 1, 2 order by 1, 2
  `.execute(db);
  return rows;
}
