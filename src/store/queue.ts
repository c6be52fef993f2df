/**
 * How runners get hold of generations. The table of generations is the queue (docs/decisions/0014): what waits is
 * `queued`, who works on something has it under a lease by the database's clock, and a runner that was only slow finds
 * that another has taken over, because every later statement asks for its own id.
 */
import { type Expression, sql } from 'kysely';
import { type Lease, leaseUntil } from './generations.ts';
import type { Db, GenerationRow } from './tables.ts';

export interface ClaimedGeneration extends GenerationRow {
  /** Whether another runner had it before, whose attempts are there. */
  readonly was_begun: boolean;
}

/**
 * That look at the same moment see the same first rows: each passes by what others are just taking, and would come away
 * with nothing from a deep queue if it knew of no more.
 */
const PROCESSES = 4;

/**
 * Takes up to `limit` waiting generations, but none that is `at_hand` here still (one may be put back by a process that
 * had taken it over from this one). Higher priorities come first; within one, accounts take turns by how much they
 * have running, so that ten thousand of one do not keep another's single one waiting; within an account, by age.
 * What was put back begins anew, with all the time that work is given.
 */
export async function claimQueued(
  db: Db,
  lease: Lease,
  limit: number,
  at_hand: readonly string[] = [],
): Promise<ClaimedGeneration[]> {
  const candidates = limit * PROCESSES;
  const { rows } = await sql<ClaimedGeneration>`
    with recursive waiting (account_id) as (
      (select account_id from generations where status = 'queued' order by account_id limit 1)
      union all
      select (
        select account_id from generations where status = 'queued' and account_id > waiting.account_id
        order by account_id limit 1
      ) from waiting where waiting.account_id is not null
    ), candidates as (
      select next.id, next.priority, next.created_at, working.count + next.place as turn
      from waiting
      cross join lateral (
        select count(*) from generations where account_id = waiting.account_id and status = 'running' and asynchronous
      ) as working
      cross join lateral (
        select id, priority, created_at, row_number() over (order by priority desc, created_at, id) as place
        from generations
        where status = 'queued' and account_id = waiting.account_id and (not_before is null or not_before <= now())
        order by priority desc, created_at, id limit ${candidates}
      ) as next
      where waiting.account_id is not null
      order by next.priority desc, turn, next.created_at, next.id limit ${candidates}
    ), claimed as (
      select generations.id, started_at is not null as was_begun from generations join candidates using (id)
      where status = 'queued' and generations.id <> all(${[...at_hand]}::text[])
      order by candidates.priority desc, turn, candidates.created_at, generations.id limit ${limit}
      for update of generations skip locked
    )
    update generations set status = 'running', started_at = clock_timestamp(),
      runner_id = ${lease.runner_id}, lease_until = ${leaseUntil(lease.lease_ms)}, not_before = null, runs = runs + 1
    from claimed where generations.id = claimed.id
    returning generations.*, claimed.was_begun
  `.execute(db);
  return rows;
}

/** Milliseconds until the first of those that wait for their time may be begun; null = none does. */
export async function nextNotBefore(db: Db): Promise<number | null> {
  const { rows } = await sql<{ wait_ms: number | null }>`
    select (extract(epoch from min(not_before) - now()) * 1000)::float8 as wait_ms
    from generations where status = 'queued' and not_before is not null
  `.execute(db);
  return rows[0]?.wait_ms ?? null;
}

/** Running to queued: nothing came of it that anybody could be billed for, and it may go better later. */
export async function putBack(db: Db, id: string, runner_id: string, wait_ms: number): Promise<boolean> {
  const result = await db
    .updateTable('generations')
    .set({
      status: 'queued',
      runner_id: null,
      lease_until: null,
      not_before: sql<Date>`now() + ${wait_ms} * interval '1 millisecond'`,
      runs: sql<number>`runs - 1`,
    })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .where('runner_id', '=', runner_id)
    .where('asynchronous', '=', true)
    .where('cancel_requested_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Says that this process lives and still works on these; returns how many rows that is. What it has no more at hand,
 * because it could not write down how that ended, is let go: its lease runs out.
 */
export async function renewLeases(db: Db, lease: Lease, at_hand: readonly string[]): Promise<number> {
  const result = await db
    .updateTable('generations')
    .set({ lease_until: leaseUntil(lease.lease_ms) })
    .where(
      'id',
      'in',
      inOneOrder(db, sql<boolean>`runner_id = ${lease.runner_id} and id = any(${[...at_hand]}::text[])`),
    )
    .where('status', '=', 'running')
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Leaves what this process can no longer bring to its end to whoever looks next: an orderly end, which counts as no run. */
export async function releaseLease(db: Db, id: string, runner_id: string): Promise<void> {
  await db
    .updateTable('generations')
    .set({ lease_until: sql<Date>`now() - interval '1 second'`, runs: sql<number>`runs - 1` })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .where('runner_id', '=', runner_id)
    .execute();
}

/** Of those that this process runs: the ones that somebody wants stopped. */
export async function cancelsRequested(db: Db, runner_id: string): Promise<string[]> {
  const rows = await db
    .selectFrom('generations')
    .select('id')
    .where('status', '=', 'running')
    .where('runner_id', '=', runner_id)
    .where('cancel_requested_at', 'is not', null)
    .execute();
  return rows.map(({ id }) => id);
}

/**
 * Takes up to `limit` of what dead runners had and can be gone on with: asynchronous work, and calls of which the
 * provider's job is known. `alone_as` is for a process that knows that it is the only one on this database (it holds
 * the data directory): whatever another runner has is dead. Otherwise a runner is dead when its lease has run out. None
 * that is `at_hand` is taken: a process that was held up, or whose machine slept, finds its own leases run out.
 */
export async function takeOver(
  db: Db,
  lease: Lease,
  {
    limit,
    alone,
    at_hand = [],
  }: { readonly limit: number; readonly alone: boolean; readonly at_hand?: readonly string[] },
): Promise<ClaimedGeneration[]> {
  const { rows } = await sql<ClaimedGeneration>`
    with dead as (
      select id from generations where status = 'running' and ${deadTo(alone ? lease.runner_id : null)} and ${canGoOn}
        and id <> all(${[...at_hand]}::text[])
      order by id limit ${limit} for update skip locked
    )
    update generations set runner_id = ${lease.runner_id}, lease_until = ${leaseUntil(lease.lease_ms)}, runs = runs + 1
    from dead where generations.id = dead.id
    returning generations.*, true as was_begun
  `.execute(db);
  return rows;
}

export const canGoOn = sql<boolean>`(asynchronous or exists (
  select 1 from attempts where attempts.generation_id = generations.id and job_handle is not null
))`;

export function deadTo(alone_as: string | null): Expression<boolean> {
  return alone_as === null ? sql<boolean>`lease_until < now()` : sql<boolean>`runner_id <> ${alone_as}`;
}

/** Running ones, locked in the order of their ids: statements that lock many never wait for each other for ever. */
export function inOneOrder(db: Db, which: Expression<boolean>) {
  return db
    .selectFrom('generations')
    .select('id')
    .where('status', '=', 'running')
    .where(which)
    .orderBy('id')
    .forUpdate();
}
