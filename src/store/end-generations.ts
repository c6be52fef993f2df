/** The statements that end generations. Each is guarded by the state before, and tells which rows it changed. */
import { sql } from 'kysely';
import type { Mode } from '../contracts/generation.ts';
import { type GenerationStatus, statesBefore } from '../core/generation/states.ts';
import type { Charge } from '../core/wallet/capture.ts';
import { ledgerAccounts } from '../core/wallet/ledger-accounts.ts';
import { bookAttempts, type NamedAttemptEnd } from './attempts.ts';
import { json } from './json.ts';
import type { NewMedia } from './media.ts';
import { canGoOn, deadTo, inOneOrder } from './queue.ts';
import type { BlobRow, Db, GenerationError, GenerationRow } from './tables.ts';

/** What a runner has to say at the end. Pictures come with their blobs, which lie in the media store by now. */
export interface GenerationEnd
  extends Partial<Pick<GenerationRow, 'executed_model' | 'provider' | 'applied' | 'warnings'>> {
  readonly id: string;
  readonly status: 'completed' | 'failed' | 'canceled';
  readonly completed_at: Date;
  readonly error?: GenerationError;
  readonly cost_micros?: number;
  readonly charges?: readonly Charge[];
  /** They expire with their generation. */
  readonly media?: readonly (Pick<NewMedia, 'id' | 'position' | 'revised_prompt'> & Omit<BlobRow, 'created_at'>)[];
  /** Calls that delivered, and what they cost us: told with the end, since without it nothing came of them. */
  readonly attempts?: readonly NamedAttemptEnd[];
  /** How many were delivered; absent = as many as there are media. */
  readonly pictures?: number;
}

/**
 * In minutes. Work may wait, and a job may run, for longer than an account keeps anything: what is charged can be fetched
 * for at least so long.
 */
const KEPT_FROM_END_MIN = 30;
const keptUntil = sql`(ends.completed_at + ${KEPT_FROM_END_MIN} * interval '1 minute')`;

/**
 * Ends generations of one wallet together, by the runner that has them: what was delivered, what it costs and the
 * release of the rest, in one statement. One that another runner took over is left alone, with everything of it.
 * Locks are taken in the order that all statements keep: generations by id, their wallet, blobs by name.
 */
export async function endGenerations(
  db: Db,
  { account_id, mode }: { readonly account_id: string; readonly mode: Mode },
  runner_id: string,
  ends: readonly GenerationEnd[],
): Promise<ReadonlySet<string>> {
  const rows = json(
    ends.map(({ media = [], charges = [], attempts = [], ...end }) => ({
      pictures: media.length,
      ...end,
      media,
      charges,
      attempts,
    })),
  );
  const { rows: ended } = await sql<{ id: string }>`
    with ends as materialized (
      select * from jsonb_to_recordset(${rows}::jsonb) as ends (
        id text, status text, completed_at timestamptz, error jsonb, executed_model text, provider text, applied jsonb,
        warnings jsonb, cost_micros bigint, pictures integer, media jsonb, charges jsonb, attempts jsonb
      )
    ), locked as materialized (
      select id from generations
      where id in (select id from ends) and status = any(${statesBefore('completed')}::text[]) and runner_id = ${runner_id}
      order by id for update
    ), wallet as materialized (
      select billing from wallets
      where account_id = ${account_id} and mode = ${mode} and (select count(*) from locked) > 0 for update
    ), ended as (
      update generations set status = ends.status, completed_at = ends.completed_at, held_micros = 0,
        error = ends.error, cost_micros = coalesce(ends.cost_micros, 0), pictures = ends.pictures,
        executed_model = ends.executed_model, provider = ends.provider,
        applied = coalesce(ends.applied, generations.applied), warnings = coalesce(ends.warnings, generations.warnings),
        progress = case ends.status when 'completed' then 100 else generations.progress end,
        expires_at = case when generations.expires_at < ${keptUntil} then ${keptUntil} else generations.expires_at end
      from ends join locked using (id) cross join wallet
      where generations.id = ends.id
      returning generations.id, generations.account_id, generations.mode, generations.expires_at, ends.completed_at, ends.media, ends.charges,
        ends.attempts
    ), pictures as materialized (
      select ended.id as generation_id, ended.completed_at, ended.expires_at, picture.* from ended cross join lateral jsonb_to_recordset(ended.media)
      as picture (
        id text, position integer, revised_prompt text, sha256 text, bytes bigint,
        content_type text, format text, width integer, height integer
      )
    ), stored as (
      insert into blobs (sha256, bytes, content_type, format, width, height, created_at)
      select distinct on (sha256) sha256, bytes, content_type, format, width, height, completed_at from pictures
      order by sha256, completed_at desc
      on conflict (sha256) do update set created_at = greatest(blobs.created_at, excluded.created_at)
    ), hosted as (
      insert into media (
        id, account_id, mode, generation_id, blob_sha256, role, position, content_type, width, height, bytes, created_at,
        expires_at, revised_prompt
      )
      select id, ${account_id}, ${mode}, generation_id, sha256, 'output', position, content_type, width, height, bytes,
        completed_at, expires_at, revised_prompt
      from pictures
    ), charged as (
      insert into transfers (
        mode, entry, debit_account, credit_account, amount_micros, cause, cause_id, account_id, generation_id, position, created_at
      )
      select ${mode}, 'charge',
        case wallet.billing when 'prepaid' then ${ledgerAccounts.wallet(account_id)} else ${ledgerAccounts.unmetered} end,
        ${ledgerAccounts.sales}, charge.amount_micros, 'request', ended.id, ${account_id}, ended.id, charge.position, ended.completed_at
      from ended cross join wallet
      cross join lateral jsonb_to_recordset(ended.charges) as charge (position integer, amount_micros bigint)
    ), attempts_ended as (
      update attempts set outcome = told.outcome, error_class = told.error_class, latency_ms = told.latency_ms,
        billed_micros = told.billed_micros, possible_micros = told.possible_micros, ended_at = told.ended_at
      from ended cross join lateral jsonb_to_recordset(ended.attempts) as told (
        seq integer, outcome text, error_class text, latency_ms double precision, billed_micros bigint,
        possible_micros bigint, ended_at timestamptz
      )
      where attempts.generation_id = ended.id and attempts.seq = told.seq and attempts.outcome = 'running'
      returning attempts.*
    ), outputs_forgotten as (
      update attempts set outputs = null from ended where attempts.generation_id = ended.id and attempts.outputs is not null
    ), booked as (${bookAttempts('attempts_ended')})
    select id from ended
  `.execute(db);
  return new Set(ended.map(({ id }) => id));
}

/**
 * Queued to canceled at once; of one that runs, the wish is written down for its runner. Returns the state that it is in
 * then; undefined when it had ended before or is not the account's.
 */
export async function requestCancel(
  db: Db,
  { account_id, id }: { readonly account_id: string; readonly id: string },
  { error, at }: { readonly error: GenerationError; readonly at: Date },
): Promise<GenerationStatus | undefined> {
  const { rows } = await sql<{ status: GenerationStatus }>`
    update generations set cancel_requested_at = coalesce(cancel_requested_at, ${at}),
      status = case status when 'queued' then 'canceled' else status end,
      completed_at = case status when 'queued' then ${at}::timestamptz end,
      error = case status when 'queued' then ${json(error)}::jsonb end,
      held_micros = case status when 'queued' then 0 else held_micros end
    where id = ${id} and account_id = ${account_id} and status = any(${statesBefore('canceled')}::text[])
    returning status
  `.execute(db);
  return rows[0]?.status;
}

/**
 * Fails what dead runners left and nobody can go on with, nothing that is `at_hand` here; returns the ids. What was started before `started_before` is past
 * all deadlines, whoever has it, unless the provider's job is known: that is asked until it ends.
 */
export async function failInterrupted(
  db: Db,
  interruption: {
    readonly error: GenerationError;
    readonly completed_at: Date;
    readonly started_before?: Date;
    readonly alone_as?: string;
    readonly at_hand?: readonly string[];
  },
): Promise<string[]> {
  const { error, completed_at, started_before = null, alone_as, at_hand = [] } = interruption;
  const dead = sql<boolean>`(
    ${deadTo(alone_as ?? null)} and not ${canGoOn} and id <> all(${[...at_hand]}::text[]) or started_at < ${started_before}::timestamptz and not exists (
      select 1 from attempts where attempts.generation_id = generations.id and job_handle is not null
    )
  )`;
  const rows = await db
    .updateTable('generations')
    .set({ status: 'failed', error: json(error), completed_at, held_micros: 0 })
    .where('id', 'in', inOneOrder(db, dead))
    .where('status', '=', 'running')
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}
