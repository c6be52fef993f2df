/** Upstream tries of a generation, in order. */
import { sql } from 'kysely';
import type { ProviderJob } from '../contracts/provider.ts';
import { ledgerAccounts } from '../core/wallet/ledger-accounts.ts';
import { json } from './json.ts';
import type { AttemptRow, Db } from './tables.ts';

export type NewAttempt = Pick<
  AttemptRow,
  'generation_id' | 'seq' | 'provider' | 'offer_id' | 'price_micros' | 'started_at'
> &
  Partial<Pick<AttemptRow, 'first_index' | 'pictures' | 'units'>>;
export type AttemptEnd = Pick<
  AttemptRow,
  'error_class' | 'latency_ms' | 'billed_micros' | 'possible_micros' | 'ended_at'
> & {
  readonly outcome: Exclude<AttemptRow['outcome'], 'running'>;
};
export type NamedAttemptEnd = AttemptEnd &
  Pick<AttemptRow, 'generation_id' | 'seq'> &
  Partial<Pick<AttemptRow, 'outputs'>>;

/**
 * Before anything is sent, so that a crash leaves a trace of what may have reached the provider. Returns which were
 * written: none of a generation that another runner has by now, or that has ended, so that a process that was only slow
 * sends nothing any more.
 */
export async function insertAttempts(db: Db, runner_id: string, attempts: readonly NewAttempt[]): Promise<boolean[]> {
  const { rows } = await sql<Pick<AttemptRow, 'generation_id' | 'seq'>>`
    with fresh as materialized (
      select * from jsonb_to_recordset(${json(attempts)}::jsonb) as fresh (
        generation_id text, seq integer, provider text, offer_id text, price_micros bigint, first_index integer,
        pictures integer, units integer, started_at timestamptz
      )
    ), mine as materialized (
      -- Whoever takes over passes it by until this is done, and then sees the attempts.
      select id from generations
      where id in (select generation_id from fresh) and status = 'running' and runner_id = ${runner_id}
      order by id for key share
    )
    insert into attempts (
      generation_id, seq, provider, offer_id, price_micros, first_index, pictures, units, started_at, outcome
    )
    select generation_id, seq, provider, offer_id, price_micros, coalesce(first_index, 0), coalesce(pictures, 1),
      coalesce(units, 1), started_at, 'running'
    from fresh join mine on mine.id = fresh.generation_id
    returning generation_id, seq
  `.execute(db);
  const written = new Set(rows.map(({ generation_id, seq }) => `${generation_id}/${seq}`));
  return attempts.map(({ generation_id, seq }) => written.has(`${generation_id}/${seq}`));
}

/** Before the job is asked for the first time. Returns false when there is no such running attempt. */
export async function setProviderJob(db: Db, generation_id: string, seq: number, job: ProviderJob): Promise<boolean> {
  const result = await db
    .updateTable('attempts')
    .set({ provider_job_id: job.id, job_handle: json(job.handle) })
    .where('generation_id', '=', generation_id)
    .where('seq', '=', seq)
    .where('outcome', '=', 'running')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Writes down how they ended and, in the same statement, what the providers bill or may bill us. One that had ended
 * before stays as it was.
 */
export async function endAttempts(db: Db, ends: readonly NamedAttemptEnd[]): Promise<void> {
  await sql`
    with ends as (
      select * from jsonb_to_recordset(${json(ends)}::jsonb) as ends (
        generation_id text, seq integer, outcome text, error_class text, latency_ms double precision,
        billed_micros bigint, possible_micros bigint, ended_at timestamptz, outputs jsonb
      )
    ), ended as (
      update attempts set outputs = ends.outputs, outcome = ends.outcome, error_class = ends.error_class, latency_ms = ends.latency_ms,
        billed_micros = ends.billed_micros, possible_micros = ends.possible_micros, ended_at = ends.ended_at
      from ends
      where attempts.generation_id = ends.generation_id and attempts.seq = ends.seq and attempts.outcome = 'running'
      returning attempts.*
    )
    ${bookAttempts('ended')}
  `.execute(db);
}

/**
 * Ends attempts that nobody will ever end, since their generation ended long ago: what was asked of the provider may
 * have been done. Returns how many.
 */
export async function endLostAttempts(
  db: Db,
  { settled_before, ended_at }: { readonly settled_before: Date; readonly ended_at: Date },
): Promise<number> {
  const result = await sql`
    with lost as materialized (
      -- In one order, so that two that look at once do not wait for each other for ever.
      select generation_id, seq from attempts join generations on generations.id = attempts.generation_id
      where attempts.outcome = 'running' and generations.completed_at < ${settled_before}
      order by generation_id, seq for update of attempts
    ), ended as (
      update attempts set outcome = 'failed', error_class = 'outcome_unknown', possible_micros = price_micros,
        ended_at = ${ended_at}::timestamptz
      from lost
      where attempts.generation_id = lost.generation_id and attempts.seq = lost.seq and attempts.outcome = 'running'
      returning attempts.*
    ), booked as (${bookAttempts('ended')})
    select 1 from ended
  `.execute(db);
  return result.rows.length;
}

/** One transfer for what is billed and one for what may be, of every row of a part of the statement. */
export const bookAttempts = (rows: 'ended' | 'attempts_ended') => sql`
  insert into transfers (
    mode, entry, debit_account, credit_account, amount_micros, cause, cause_id, account_id, generation_id, created_at
  )
  select generations.mode, bill.entry, bill.debit_account, ${ledgerAccounts.provider('')} || ended.provider,
    bill.amount_micros, 'attempt', ended.generation_id || '/' || ended.seq, generations.account_id, generations.id,
    ended.ended_at
  from ${sql.ref(rows)} as ended join generations on generations.id = ended.generation_id
  cross join lateral (values
    ('provider_cost', ${ledgerAccounts.provider_costs}, ended.billed_micros),
    ('possible_cost', ${ledgerAccounts.possible_costs}, ended.possible_micros)
  ) as bill (entry, debit_account, amount_micros)
  where bill.amount_micros > 0
`;

/** Of several generations, each one's in order. */
export async function listAttemptsOf(db: Db, generation_ids: readonly string[]): Promise<AttemptRow[]> {
  return db
    .selectFrom('attempts')
    .selectAll()
    .where(sql<boolean>`generation_id = any(${[...generation_ids]}::text[])`)
    .orderBy('generation_id')
    .orderBy('seq')
    .execute();
}

export async function listAttempts(db: Db, generation_id: string): Promise<AttemptRow[]> {
  return db.selectFrom('attempts').selectAll().where('generation_id', '=', generation_id).orderBy('seq').execute();
}
