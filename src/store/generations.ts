/**
 * Generations and the states they pass: queued, running, and one of completed, failed, canceled. Every change is one
 * statement guarded by the state before it, and tells whether it was this one that made the change.
 */
import { type Expression, sql } from 'kysely';
import type { NewIdempotencyKey } from './idempotency-keys.ts';
import { json, storable } from './json.ts';
import type { Db, GenerationError, GenerationRow, GenerationStatus } from './tables.ts';

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
  Partial<Pick<GenerationRow, 'price' | 'held_micros' | 'applied' | 'warnings' | 'tag'>> & {
    readonly idempotency?: NewIdempotencyKey;
  };

/** Who runs a generation, and how long it is believed to live without word of it. */
export interface Lease {
  readonly runner_id: string;
  readonly lease_ms: number;
}

export interface Completion
  extends Pick<GenerationRow, 'executed_model' | 'provider' | 'applied' | 'warnings' | 'cost_micros'>,
    Partial<Pick<GenerationRow, 'pictures'>> {
  readonly completed_at: Date;
}

export interface GenerationFilter {
  readonly account_id: string;
  readonly mode?: GenerationRow['mode'];
  readonly status?: GenerationStatus;
  readonly model?: string;
  readonly key_id?: string;
}

/** The last row of the page before. */
export type GenerationCursor = Pick<GenerationRow, 'created_at' | 'id'>;

const UNFINISHED = ['queued', 'running'] as const;

export async function insertQueuedGeneration(db: Db, generation: NewGeneration): Promise<void> {
  await db
    .insertInto('generations')
    .values({ ...columnsOf(generation), status: 'queued', asynchronous: true })
    .execute();
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
 * Writes generations of one account down as running, together with their holds, in one statement: those that the
 * wallet has room for, counted in order, so that a row may be refused for the sake of those before it, and whose
 * idempotency key is free, has expired, or stands for the generation that they replace. Durable when
 * it resolves (or with the transaction that `db` is). The database's triggers and constraints move and guard the wallet.
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
        idempotency jsonb
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
        id, account_id, key_id, mode, kind, status, model, request, labels, "user", n, created_at, expires_at,
        price, applied, warnings, held_micros, authorized_micros, started_at, runner_id, lease_until, tag
      )
      select id, ${account_id}, key_id, ${mode}, kind, 'running', model, request, labels, "user", n, created_at, expires_at,
        price, applied, warnings, held_micros, held_micros, created_at, ${lease.runner_id}, ${leaseUntil(lease.lease_ms)}, tag
      from able where idempotency is null or id in (select generation_id from claimed)
      returning id
    )
    select wanted.id, admitted.id is not null as is_admitted, able.id is not null and admitted.id is null as is_repeat,
      case wallet.billing when 'prepaid' then wallet.available_micros end as available_micros
    from wanted cross join wallet left join able using (id) left join admitted using (id) order by wanted.seq
  `.execute(db);
  return result.rows;
}

/** Queued to running. */
export async function startGeneration(db: Db, id: string, lease: Lease, started_at: Date): Promise<boolean> {
  const result = await db
    .updateTable('generations')
    .set({ status: 'running', started_at, runner_id: lease.runner_id, lease_until: leaseUntil(lease.lease_ms) })
    .where('id', '=', id)
    .where('status', '=', 'queued')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Says that this process lives and still works on what it runs; returns how many rows that is. */
export async function renewLeases(db: Db, lease: Lease): Promise<number> {
  const result = await db
    .updateTable('generations')
    .set({ lease_until: leaseUntil(lease.lease_ms) })
    .where('id', 'in', inOneOrder(db, sql<boolean>`runner_id = ${lease.runner_id}`))
    .where('status', '=', 'running')
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Running to completed, by the runner that has it: one that was only slow finds that another took over. */
export async function completeGeneration(db: Db, id: string, runner_id: string, done: Completion): Promise<boolean> {
  const result = await db
    .updateTable('generations')
    .set({ ...done, applied: json(done.applied), warnings: json(done.warnings), status: 'completed', held_micros: 0 })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .where('runner_id', '=', runner_id)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Running to failed, by the runner that has it. Nothing is charged. */
export async function failGeneration(
  db: Db,
  id: string,
  runner_id: string,
  failure: Partial<Pick<GenerationRow, 'applied' | 'warnings'>> & {
    readonly error: GenerationError;
    readonly completed_at: Date;
  },
): Promise<boolean> {
  const { error, completed_at, applied, warnings } = failure;
  const result = await db
    .updateTable('generations')
    .set({
      status: 'failed',
      error: json(error),
      completed_at,
      held_micros: 0,
      ...(applied === undefined ? {} : { applied: json(applied) }),
      ...(warnings === undefined ? {} : { warnings: json(warnings) }),
    })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .where('runner_id', '=', runner_id)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Queued or running to canceled. */
export async function cancelGeneration(
  db: Db,
  id: string,
  canceled: { readonly error: GenerationError; readonly completed_at: Date },
): Promise<boolean> {
  const result = await db
    .updateTable('generations')
    .set({ status: 'canceled', error: json(canceled.error), completed_at: canceled.completed_at, held_micros: 0 })
    .where('id', '=', id)
    .where('status', 'in', UNFINISHED)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Fails what dead processes left running; returns the ids. `alone_as` is for a process that knows that it is the only
 * one on this database (it holds the data directory): whatever another runner has is dead. Otherwise a runner is
 * dead when its lease has run out. What was started before `started_before` is past all deadlines, whoever has it.
 */
export async function failInterrupted(
  db: Db,
  interruption: {
    readonly error: GenerationError;
    readonly completed_at: Date;
    readonly started_before?: Date;
    readonly alone_as?: string;
  },
): Promise<string[]> {
  const { error, completed_at, started_before = null, alone_as } = interruption;
  const dead =
    alone_as === undefined
      ? sql<boolean>`(lease_until < now() or started_at < ${started_before}::timestamptz)`
      : sql<boolean>`runner_id <> ${alone_as}`;
  const rows = await db
    .updateTable('generations')
    .set({ status: 'failed', error: json(error), completed_at, held_micros: 0 })
    .where('id', 'in', inOneOrder(db, dead))
    .where('status', '=', 'running')
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
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

/** Newest first; `limit + 1` rows asked for tell whether there are more. */
export async function listGenerations(
  db: Db,
  filter: GenerationFilter,
  page: { readonly limit: number; readonly after?: GenerationCursor },
): Promise<GenerationRow[]> {
  let query = db
    .selectFrom('generations')
    .selectAll()
    .where('account_id', '=', filter.account_id)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit);
  for (const name of ['mode', 'status', 'model', 'key_id'] as const) {
    const wanted = filter[name];
    if (wanted !== undefined) query = query.where(name, '=', wanted);
  }
  const { after } = page;
  if (after !== undefined) query = query.where(sql<boolean>`(created_at, id) < (${after.created_at}, ${after.id})`);
  return query.execute();
}

function columnsOf({ request, labels, price, applied, warnings, user, idempotency: _, ...rest }: NewGeneration) {
  return {
    ...rest,
    authorized_micros: rest.held_micros ?? 0,
    user: user === null ? null : storable(user),
    request: json(request),
    labels: json(labels),
    price: json(price ?? []),
    applied: json(applied ?? []),
    warnings: json(warnings ?? []),
  };
}

/** Running ones, locked in the order of their ids: statements that lock many never wait for each other for ever. */
function inOneOrder(db: Db, which: Expression<boolean>) {
  return db
    .selectFrom('generations')
    .select('id')
    .where('status', '=', 'running')
    .where(which)
    .orderBy('id')
    .forUpdate();
}

/** By the database's clock, which all processes share. */
function leaseUntil(lease_ms: number) {
  return sql<Date>`now() + ${lease_ms} * interval '1 millisecond'`;
}
