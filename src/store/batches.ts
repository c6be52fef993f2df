/**
 * Batches and the states they pass. Every change is one statement guarded by the states before it and, where a runner makes
 * it, by that runner's having the batch: one that was only slow finds that another took over, and changes nothing.
 */
import { type SqlBool, sql } from 'kysely';
import type { BatchStatus } from '../contracts/batches.ts';
import type { Mode } from '../contracts/generation.ts';
import { statusesBefore, unfinishedStatuses } from '../core/batch/batch-status.ts';
import type { BatchRow } from './batches-tables.ts';
import type { Lease } from './generations.ts';
import { json } from './json.ts';
import type { Db } from './tables.ts';

export type NewBatch = Pick<
  BatchRow,
  | 'id'
  | 'account_id'
  | 'key_id'
  | 'mode'
  | 'endpoint'
  | 'completion_window'
  | 'input_file_id'
  | 'caller'
  | 'tag'
  | 'idempotency_key'
  | 'body_sha256'
  | 'metadata'
  | 'output_expires_after_seconds'
  | 'created_at'
  | 'expires_at'
>;

/** Undefined, and nothing is written, when its idempotency key stands for another batch. */
export async function insertBatch(db: Db, batch: NewBatch): Promise<BatchRow | undefined> {
  const { caller, metadata } = batch;
  return db
    .insertInto('batches')
    .values({ ...batch, caller: json(caller), metadata: json(metadata), status: 'validating' })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'mode', 'idempotency_key']).where('idempotency_key', 'is not', null).doNothing(),
    )
    .returningAll()
    .executeTakeFirst();
}

export type BatchKey = Pick<BatchRow, 'account_id' | 'mode'> & { readonly idempotency_key: string };

/** A key holds for as long as it is promised, and is free then. */
export async function freeBatchKey(db: Db, key: BatchKey, created_before: Date): Promise<void> {
  await db
    .updateTable('batches')
    .set({ idempotency_key: null, body_sha256: null })
    .where((where) => where.and({ ...key }))
    .where('created_at', '<=', created_before)
    .execute();
}

export async function findBatchByKey(db: Db, key: BatchKey): Promise<BatchRow | undefined> {
  return db
    .selectFrom('batches')
    .selectAll()
    .where((where) => where.and({ ...key }))
    .executeTakeFirst();
}

export interface BatchFilter {
  readonly account_id: string;
  readonly modes: readonly Mode[];
}

export async function findBatch(db: Db, { account_id, modes }: BatchFilter, id: string): Promise<BatchRow | undefined> {
  return db
    .selectFrom('batches')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', '=', account_id)
    .where('mode', 'in', modes)
    .executeTakeFirst();
}

/** Newest first. */
export async function listBatches(
  db: Db,
  { account_id, modes }: BatchFilter,
  { limit, after }: { readonly limit: number; readonly after?: Pick<BatchRow, 'created_at' | 'id'> },
): Promise<BatchRow[]> {
  const query = db
    .selectFrom('batches')
    .selectAll()
    .where('account_id', '=', account_id)
    .where('mode', 'in', modes)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit);
  if (after === undefined) return query.execute();
  return query.where(sql<SqlBool>`(created_at, id) < (${after.created_at}::timestamptz, ${after.id}::text)`).execute();
}

/** What a runner looks after: its own, and those that nobody has or whose runner is dead. The oldest first. */
export async function claimBatches(db: Db, lease: Lease): Promise<BatchRow[]> {
  await db
    .updateTable('batches')
    .set({ runner_id: lease.runner_id, lease_until: leaseUntil(lease) })
    .where('id', 'in', (query) =>
      query
        .selectFrom('batches')
        .select('id')
        .where('status', 'in', unfinishedStatuses)
        .where(sql<SqlBool>`(runner_id is null or lease_until < now())`)
        .orderBy('id')
        .forUpdate()
        .skipLocked(),
    )
    .execute();
  return db
    .selectFrom('batches')
    .selectAll()
    .where('status', 'in', unfinishedStatuses)
    .where('runner_id', '=', lease.runner_id)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

export async function renewBatchLeases(db: Db, lease: Lease): Promise<void> {
  await db
    .updateTable('batches')
    .set({ lease_until: leaseUntil(lease) })
    .where('status', 'in', unfinishedStatuses)
    .where('runner_id', '=', lease.runner_id)
    .execute();
}

/** Leaves batches to whoever looks next: those of one runner, or those of all others. */
export async function releaseBatches(
  db: Db,
  runner: { readonly of: string } | { readonly not_of: string },
): Promise<void> {
  const query = db.updateTable('batches').set({ runner_id: null }).where('status', 'in', unfinishedStatuses);
  await ('of' in runner
    ? query.where('runner_id', '=', runner.of)
    : query.where('runner_id', '<>', runner.not_of)
  ).execute();
}

export interface BatchMove {
  readonly id: string;
  readonly to: BatchStatus;
  readonly at: Date;
  /** Whose batch it must be; absent = anybody may. */
  readonly runner_id?: string;
  readonly set?: Partial<
    Pick<
      BatchRow,
      | 'errors'
      | 'model'
      | 'total_count'
      | 'completed_count'
      | 'failed_count'
      | 'authorized_micros'
      | 'cost_micros'
      | 'output_file_id'
      | 'error_file_id'
    >
  >;
}

/** Undefined when the batch is in no state that `to` may follow, or another runner has it. */
export async function moveBatch(db: Db, { id, to, at, runner_id, set = {} }: BatchMove): Promise<BatchRow | undefined> {
  const { errors, ...rest } = set;
  const query = db
    .updateTable('batches')
    // Each state but the first has a time of its own.
    .set({ ...rest, ...(errors && { errors: json(errors) }), status: to, [`${to}_at`]: at })
    .where('id', '=', id)
    .where('status', 'in', statusesBefore(to));
  return (runner_id === undefined ? query : query.where('runner_id', '=', runner_id)).returningAll().executeTakeFirst();
}

/** How far it is. */
export async function noteCounts(
  db: Db,
  { id, runner_id }: { readonly id: string; readonly runner_id: string },
  counts: Pick<BatchRow, 'completed_count' | 'failed_count'>,
): Promise<void> {
  await db.updateTable('batches').set(counts).where('id', '=', id).where('runner_id', '=', runner_id).execute();
}

/** By the database's clock, which all processes share. */
function leaseUntil({ lease_ms }: Lease) {
  return sql<Date>`now() + ${lease_ms} * interval '1 millisecond'`;
}
