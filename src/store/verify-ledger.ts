/**
 * Recomputes everything that the books say from their rows, and tells what does not agree. The database keeps these
 * rules by itself: a fault means that somebody went around it, or that its files were damaged.
 */
import { sql } from 'kysely';
import type { LedgerFault, LedgerReport } from '../contracts/money.ts';
import type { Db } from './tables.ts';

interface Rule {
  readonly name: string;
  /** Selects the subject, the amount expected and the amount found of what breaks the rule. */
  readonly broken: string;
}

const rules: readonly Rule[] = [
  {
    name: 'A balance is the sum of its transfers.',
    broken: `
      select wallets.account_id || ' (' || wallets.mode || ')', coalesce(sums.micros, 0), balance_micros
      from wallets left join (
        select account, mode, sum(micros) as micros from (
          select credit_account as account, mode, amount_micros as micros from transfers
          union all select debit_account, mode, -amount_micros from transfers
        ) as sides group by account, mode
      ) as sums on sums.account = 'wallet:' || wallets.account_id and sums.mode = wallets.mode
      where balance_micros <> coalesce(sums.micros, 0)`,
  },
  {
    name: 'What a wallet holds is the sum of what unfinished generations hold.',
    broken: `
      select account_id || ' (' || mode || ')', coalesce(held.micros, 0), held_micros
      from wallets left join (
        select account_id, mode, sum(held_micros) as micros from generations
        where status in ('queued', 'running') group by account_id, mode
      ) as held using (account_id, mode)
      where held_micros <> coalesce(held.micros, 0)`,
  },
  {
    name: 'A prepaid wallet is never overdrawn.',
    broken: `
      select account_id || ' (' || mode || ')', held_micros, balance_micros from wallets
      where billing = 'prepaid' and (balance_micros < 0 or balance_micros < held_micros)`,
  },
  {
    name: 'A generation that has ended holds nothing.',
    broken: `
      select id, 0, held_micros from generations where held_micros <> 0 and status not in ('queued', 'running')`,
  },
  {
    name: 'A generation costs what its pictures were charged.',
    broken: `
      select id, cost_micros, coalesce(charged.micros, 0)
      from generations left join (
        select generation_id, sum(amount_micros) as micros from transfers where entry = 'charge' group by generation_id
      ) as charged on charged.generation_id = generations.id
      where cost_micros <> coalesce(charged.micros, 0)`,
  },
  {
    name: 'Nothing is charged beyond what was held at admission.',
    broken: `select id, authorized_micros, cost_micros from generations where cost_micros > authorized_micros`,
  },
  {
    name: 'Only a delivered picture is charged.',
    broken: `
      select transfers.generation_id || '/' || transfers.position, 0, amount_micros
      from transfers join generations on generations.id = transfers.generation_id
      where entry = 'charge' and (status <> 'completed' or not exists (
        select 1 from media where media.generation_id = transfers.generation_id and role = 'output'
          and media.position = transfers.position
      ))`,
  },
  {
    name: 'No more is given back than was charged.',
    broken: `
      select generation_id, sum(amount_micros) filter (where entry = 'charge'), sum(amount_micros) filter (where entry = 'refund')
      from transfers where entry in ('charge', 'refund') group by generation_id
      having coalesce(sum(amount_micros) filter (where entry = 'refund'), 0)
        > coalesce(sum(amount_micros) filter (where entry = 'charge'), 0)`,
  },
  {
    name: 'A payment stands in the ledger as it was made.',
    broken: `
      select top_ups.id, amount_micros + fee_micros, coalesce(posted.micros, 0)
      from top_ups left join (
        select cause_id, sum(amount_micros) as micros from transfers where cause = 'top_up' group by cause_id
      ) as posted on posted.cause_id = top_ups.id
      where amount_micros + fee_micros <> coalesce(posted.micros, 0)
      union all
      select cause_id, 0, amount_micros from transfers
      where cause = 'top_up' and not exists (select 1 from top_ups where top_ups.id = cause_id)`,
  },
  {
    name: "A provider's bill stands in the ledger as its attempt has it.",
    broken: `
      select generation_id || '/' || seq, coalesce(billed_micros, 0) + coalesce(possible_micros, 0), coalesce(booked.micros, 0)
      from attempts left join (
        select cause_id, sum(amount_micros) as micros from transfers where cause = 'attempt' group by cause_id
      ) as booked on booked.cause_id = generation_id || '/' || seq
      where coalesce(billed_micros, 0) + coalesce(possible_micros, 0) <> coalesce(booked.micros, 0)`,
  },
];

/** Reads everything in one snapshot, so that work under way is no fault; inside a transaction, in its own. */
export async function verifyLedger(db: Db): Promise<LedgerReport> {
  if (db.isTransaction) return check(db);
  return db.transaction().setIsolationLevel('repeatable read').execute(check);
}

async function check(db: Db): Promise<LedgerReport> {
  const faults: LedgerFault[] = [];
  for (const { name, broken } of rules) {
    const { rows } = await sql<Omit<LedgerFault, 'rule'>>`
      select subject, coalesce(expected, 0)::bigint as expected_micros, coalesce(found, 0)::bigint as found_micros
      from (${sql.raw(broken)}) as broken (subject, expected, found)
    `.execute(db);
    faults.push(...rows.map((row) => ({ rule: name, ...row })));
  }
  const { rows } = await sql<Omit<LedgerReport, 'faults'>>`
    select (select count(*) from wallets)::integer as wallets, (select count(*) from transfers)::integer as transfers,
      (select count(*) from generations)::integer as generations
  `.execute(db);
  const [counts = { wallets: 0, transfers: 0, generations: 0 }] = rows;
  return { ...counts, faults };
}
