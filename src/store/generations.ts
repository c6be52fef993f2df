/**
 * Generations as they are admitted and read. They pass the states of core/generation/states.ts: `queue.ts` has the
 * statements by which runners get hold of them, `end-generations.ts` those by which they end.
 */
import { sql } from 'kysely';
import { finalStates } from '../core/generation/states.ts';
import type { NewIdempotencyKey } from './idempotency-keys.ts';
import { json } from './json.ts';
import type { Db, GenerationRow } from './tables.ts';

export type NewGeneration = Pick<
  GenerationRow,
  | 'id'
  | 'account_id'
  | 'key_id'
  | 'mode'
  | 'kind'
  | 'model'
  | 'request'
  | 'labels'
  | 'user'
  | 'n'
  | 'created_at'
  | 'expires_at'
> &
  Partial<
    Pick<
      GenerationRow,
      | 'price'
      | 'held_micros'
      | 'applied'
      | 'warnings'
      | 'tag'
      | 'offers'
      | 'seed'
      | 'asynchronous'
      | 'priority'
      | 'webhook_url'
    >
  > & {
    readonly idempotency?: NewIdempotencyKey;
  };

/** Who runs a generation, and how long it is believed to live without word of it. */
export interface Lease {
  readonly runner_id: string;
  readonly lease_ms: number;
}

export interface Admission {
  readonly id: string;
  readonly is_admitted: boolean;
  /** Whether it was left out because its idempotency key stands for another generation. */
  readonly is_repeat: boolean;
  /** What the wallet had left before any of the group was admitted; null = it has no end. */
  readonly available_micros: number | null;
}

/**
 * Writes generations of one account down together with their holds, in one statement, asynchronous ones as queued and
 * the others as running here: those that the wallet has room for, counted in order, so that a row may be refused for
 * the sake of those before it, and whose idempotency key is free, has expired, or stands for the generation that they
 * replace. Durable when it resolves (or with the transaction that `db` is). The database's triggers and constraints move and guard the wallet.
 */
export async function admitGenerations(
  db: Db,
  { account_id, mode }: Pick<GenerationRow, 'account_id' | 'mode'>,
  generations: readonly NewGeneration[],
  lease: Lease,
): Promise<Admission[]> {
  const rows = json(
    generations.map((generation, seq) => ({
      ...generation,
      seq,
      price: generation.price ?? [],
      applied: generation.applied ?? [],
      warnings: generation.warnings ?? [],
      held_micros: generation.held_micros ?? 0,
      offers: generation.offers ?? [],
      seed: generation.seed ?? 0,
      asynchronous: generation.asynchronous ?? false,
      priority: generation.priority ?? 0,
    })),
  );
  const result = await sql<Admission>`
    with wallet as materialized (
      select billing, balance_micros - held_micros as available_micros from wallets
      where account_id = ${account_id} and mode = ${mode} for update
    ), wanted as (
      select *, sum(held_micros) over (order by seq) as needed_micros from jsonb_to_recordset(${rows}::jsonb) as wanted (
        seq integer, id text, key_id text, kind text, model text, request jsonb, labels jsonb, "user" text, n integer,
        created_at timestamptz, expires_at timestamptz, price jsonb, applied jsonb, warnings jsonb, held_micros bigint, tag text,
        idempotency jsonb, offers jsonb, seed bigint, asynchronous boolean, priority smallint, webhook_url text
      )
    ), able as (
      select * from wanted cross join wallet where (billing = 'unmetered' or needed_micros <= available_micros)
        -- One that a budget has no room for does not take its group along; alone, it is told by which budget.
        and (${generations.length === 1}::boolean or gesso_may_spend(${account_id}, ${mode}, key_id, tag, held_micros, created_at))
    ), claimed as (
      insert into idempotency_keys (account_id, mode, key, body_sha256, generation_id, replaces, created_at, expires_at)
      select distinct on (idempotency->>'key') ${account_id}, ${mode}, idempotency->>'key', idempotency->>'body_sha256', id,
        idempotency->>'replaces', created_at, (idempotency->>'expires_at')::timestamptz
      from able where idempotency is not null order by idempotency->>'key', seq
      on conflict (account_id, mode, key) do update set body_sha256 = excluded.body_sha256,
        generation_id = excluded.generation_id, replaces = excluded.replaces, created_at = excluded.created_at,
        expires_at = excluded.expires_at
      where idempotency_keys.expires_at <= excluded.created_at or idempotency_keys.generation_id = excluded.replaces
      returning generation_id
    ), admitted as (
      insert into generations (
        id, account_id, key_id, mode, kind, model, request, labels, "user", n, created_at, expires_at, price, applied,
        warnings, held_micros, authorized_micros, tag, offers, seed, asynchronous, priority, webhook_url,
        status, started_at, runner_id, lease_until, runs
      )
      select id, ${account_id}, key_id, ${mode}, kind, model, request, labels, "user", n, created_at, expires_at, price, applied,
        warnings, held_micros, held_micros, tag, offers, seed, asynchronous, priority, webhook_url,
        case when asynchronous then 'queued' else 'running' end,
        case when not asynchronous then created_at end,
        case when not asynchronous then ${lease.runner_id} end,
        case when not asynchronous then ${leaseUntil(lease.lease_ms)} end,
        case when asynchronous then 0 else 1 end
      from able where idempotency is null or id in (select generation_id from claimed)
      returning id
    )
    select wanted.id, admitted.id is not null as is_admitted, able.id is not null and admitted.id is null as is_repeat,
      case wallet.billing when 'prepaid' then wallet.available_micros end as available_micros
    from wanted cross join wallet left join able using (id) left join admitted using (id) order by wanted.seq
  `.execute(db);
  return result.rows;
}

/** Another account's generation is not found, as if it did not exist. */
export async function findGeneration(db: Db, account_id: string, id: string): Promise<GenerationRow | undefined> {
  return db
    .selectFrom('generations')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', '=', account_id)
    .executeTakeFirst();
}

/** Those of one account that were not deleted, in no order. */
export async function findGenerations(db: Db, account_id: string, ids: readonly string[]): Promise<GenerationRow[]> {
  return db
    .selectFrom('generations')
    .selectAll()
    .where(sql<boolean>`id = any(${[...ids]}::text[])`)
    .where('account_id', '=', account_id)
    .where('deleted_at', 'is', null)
    .execute();
}

/** How those of one account stand that were not deleted, in no order: all that who waits needs to know. */
export async function findStates(
  db: Db,
  account_id: string,
  ids: readonly string[],
): Promise<Pick<GenerationRow, 'id' | 'mode' | 'status'>[]> {
  return db
    .selectFrom('generations')
    .select(['id', 'mode', 'status'])
    .where(sql<boolean>`id = any(${[...ids]}::text[])`)
    .where('account_id', '=', account_id)
    .where('deleted_at', 'is', null)
    .execute();
}

/** The row stays for accounting; nobody is shown it as a generation any more. */
export async function hideGeneration(db: Db, id: string, deleted_at: Date): Promise<void> {
  await db
    .updateTable('generations')
    .set({ deleted_at })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .execute();
}

/** Of these, the ones that have ended. */
export async function endedAmong(db: Db, ids: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('generations')
    .select('id')
    .where(sql<boolean>`id = any(${[...ids]}::text[])`)
    .where('status', 'in', finalStates)
    .execute();
  return rows.map(({ id }) => id);
}

/** In percent; of one that runs. */
export async function setProgress(db: Db, id: string, progress: number): Promise<void> {
  await db
    .updateTable('generations')
    .set({ progress })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .where('progress', '<', progress)
    .execute();
}

/** By the database's clock, which all processes share. */
export function leaseUntil(lease_ms: number) {
  return sql<Date>`now() + ${lease_ms} * interval '1 millisecond'`;
}
