/**
 * Lines of batches: staged while the file is read, admitted together or not at all, then generations like any other. No
 * statement is made for one line alone.
 */
import { sql } from 'kysely';
import { json } from './json.ts';
import type { AttemptRow, Db, FrozenOffer, GenerationError, GenerationRow, MediaRow } from './tables.ts';

/** What becomes a generation, but for what all lines of the batch have in common. */
export interface StagedLine {
  readonly line: number;
  readonly custom_id: string;
  readonly generation_id: string;
  readonly staged: Pick<
    GenerationRow,
    'kind' | 'model' | 'request' | 'labels' | 'user' | 'n' | 'price' | 'held_micros' | 'seed'
  > & {
    readonly offers: readonly FrozenOffer[];
    readonly inputs: readonly (Pick<
      MediaRow,
      'id' | 'role' | 'position' | 'content_type' | 'width' | 'height' | 'bytes'
    > & {
      readonly sha256: string;
    })[];
  };
}

/** Returns false when the runner has the batch no longer, or it is being cancelled: then nothing is written. */
export async function stageLines(
  db: Db,
  { id, runner_id }: { readonly id: string; readonly runner_id: string },
  lines: readonly StagedLine[],
): Promise<boolean> {
  const result = await sql`
    with owned as (
      select id from batches where id = ${id} and runner_id = ${runner_id} and status = 'validating' for share
    )
    insert into batch_lines (batch_id, line, custom_id, generation_id, staged)
    select owned.id, line, custom_id, generation_id, staged
    from jsonb_to_recordset(${json(lines)}::jsonb) as lines (line integer, custom_id text, generation_id text, staged jsonb)
    cross join owned
  `.execute(db);
  return Number(result.numAffectedRows) === lines.length;
}

/** Before the file is read, again perhaps: what was staged for it by whoever had the batch. */
export async function clearStaged(
  db: Db,
  { id, runner_id }: { readonly id: string; readonly runner_id: string },
): Promise<void> {
  await sql`
    with owned as (
      select id from batches where id = ${id} and runner_id = ${runner_id} and status = 'validating' for share
    )
    delete from batch_lines using owned where batch_id = owned.id
  `.execute(db);
}

/** Of a batch that has ended. */
export async function deleteLines(db: Db, batch_id: string): Promise<void> {
  await db.deleteFrom('batch_lines').where('batch_id', '=', batch_id).execute();
}

export interface StagedSums {
  readonly lines: number;
  readonly held_micros: number;
  /** Null = of several models, or no line at all. */
  readonly model: string | null;
}

export async function sumStagedLines(db: Db, batch_id: string): Promise<StagedSums> {
  const { rows } = await sql<StagedSums>`
    select count(*)::integer as lines, coalesce(sum((staged->>'held_micros')::bigint), 0)::bigint as held_micros,
      case when count(distinct staged->>'model') = 1 then min(staged->>'model') end as model
    from batch_lines where batch_id = ${batch_id}
  `.execute(db);
  return rows[0] ?? { lines: 0, held_micros: 0, model: null };
}

/**
 * Turns all staged lines into queued generations with their holds and pictures, inside the caller's transaction. One
 * statement writes all rows: the triggers then move wallet and budgets once, and at its end, so that nobody else's request
 * waits for the wallet while rows are written. Throws what the database says of a wallet or a budget that has not enough.
 */
export async function admitLines(
  transaction: Db,
  batch_id: string,
  common: Pick<GenerationRow, 'created_at' | 'expires_at' | 'priority'>,
): Promise<void> {
  const { created_at, expires_at, priority } = common;
  await sql`
    insert into generations (
      id, account_id, key_id, mode, kind, status, asynchronous, priority, model, request, labels, "user", n, price, offers,
      seed, held_micros, authorized_micros, tag, batch_id, batch_line, created_at, expires_at
    )
    select batch_lines.generation_id, batches.account_id, batches.key_id, batches.mode, kind, 'queued', true, ${priority},
      staged.model, request, labels, "user", n, price, offers, seed, held_micros, held_micros, batches.tag, batches.id,
      batch_lines.line, ${created_at}::timestamptz, ${expires_at}::timestamptz
    from batch_lines join batches on batches.id = batch_lines.batch_id
    cross join lateral jsonb_to_record(batch_lines.staged) as staged (
      kind text, model text, request jsonb, labels jsonb, "user" text, n integer, price jsonb, offers jsonb, seed bigint,
      held_micros bigint
    )
    where batch_lines.batch_id = ${batch_id} order by batch_lines.line
  `.execute(transaction);
  await sql`
    insert into media (
      id, account_id, mode, generation_id, blob_sha256, role, position, content_type, width, height, bytes, created_at,
      expires_at
    )
    select inputs.id, batches.account_id, batches.mode, generation_id, sha256, role, position, content_type, width, height,
      bytes, ${created_at}::timestamptz, ${expires_at}::timestamptz
    from batch_lines join batches on batches.id = batch_lines.batch_id
    cross join lateral jsonb_to_recordset(batch_lines.staged->'inputs') as inputs (
      id text, sha256 text, role text, position integer, content_type text, width integer, height integer, bytes bigint
    )
    where batch_lines.batch_id = ${batch_id} order by sha256
  `.execute(transaction);
}

/** Both by indexes that hold nothing else: cheap enough to ask while a batch runs. */
export async function countLines(
  db: Db,
  batch_id: string,
): Promise<{ readonly unfinished: number; readonly failed: number }> {
  const { rows } = await sql<{ unfinished: number; failed: number }>`
    select
      (select count(*)::integer from generations where batch_id = ${batch_id} and status in ('queued', 'running')) as unfinished,
      (select count(*)::integer from generations where batch_id = ${batch_id} and status in ('failed', 'canceled')) as failed
  `.execute(db);
  return rows[0] ?? { unfinished: 0, failed: 0 };
}

/**
 * Gives up lines that nobody has begun, and releases their holds; returns how many, which is below `limit` when none is
 * left. A wallet moves with each row, so that one statement over all lines would take long.
 */
export async function cancelQueuedLines(
  db: Db,
  batch_id: string,
  canceled: { readonly error: GenerationError; readonly completed_at: Date; readonly limit: number },
): Promise<number> {
  const { error, completed_at, limit } = canceled;
  const result = await db
    .updateTable('generations')
    .set({ status: 'canceled', error: json(error), completed_at, held_micros: 0 })
    .where('id', 'in', (query) =>
      query
        .selectFrom('generations')
        .select('id')
        .where('batch_id', '=', batch_id)
        .where('status', '=', 'queued')
        .orderBy('id')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .where('status', '=', 'queued')
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Prompts and pictures of a batch that has been made are kept until then, and no longer. */
export async function shortenLines(db: Db, batch_id: string, until: Date): Promise<void> {
  await sql`
    update generations set expires_at = ${until}::timestamptz
    where batch_id = ${batch_id} and expires_at > ${until}::timestamptz
  `.execute(db);
  await sql`
    update media set expires_at = ${until}::timestamptz from generations
    where generations.id = media.generation_id and generations.batch_id = ${batch_id} and media.deleted_at is null
      and media.expires_at > ${until}::timestamptz
  `.execute(db);
}

/** A line and what became of it. */
export interface EndedLine {
  readonly line: number;
  readonly custom_id: string;
  readonly generation_id: string;
  /** Null when its row was removed. */
  readonly row: GenerationRow | null;
  readonly attempts: readonly AttemptRow[];
  /** Pictures that were not deleted, in order. */
  readonly media: readonly MediaRow[];
}

/** In the order of the file; three statements, however many lines. */
export async function listEndedLines(
  db: Db,
  batch_id: string,
  { after_line, limit }: { readonly after_line: number; readonly limit: number },
): Promise<EndedLine[]> {
  const lines = await db
    .selectFrom('batch_lines')
    .select(['line', 'custom_id', 'generation_id'])
    .where('batch_id', '=', batch_id)
    .where('line', '>', after_line)
    .orderBy('line')
    .limit(limit)
    .execute();
  if (lines.length === 0) return [];
  const ids = lines.map(({ generation_id }) => generation_id);
  const [rows, attempts, media] = await Promise.all([
    db.selectFrom('generations').selectAll().where('id', 'in', ids).execute(),
    db.selectFrom('attempts').selectAll().where('generation_id', 'in', ids).orderBy('seq').execute(),
    db
      .selectFrom('media')
      .selectAll()
      .where('generation_id', 'in', ids)
      .where('role', '=', 'output')
      .where('deleted_at', 'is', null)
      .orderBy('position')
      .execute(),
  ]);
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const attemptsOf = Map.groupBy(attempts, ({ generation_id }) => generation_id);
  const mediaOf = Map.groupBy(media, ({ generation_id }) => generation_id);
  return lines.map((line) => ({
    ...line,
    row: rowOf.get(line.generation_id) ?? null,
    attempts: attemptsOf.get(line.generation_id) ?? [],
    media: mediaOf.get(line.generation_id) ?? [],
  }));
}

/** Whether the database refused to hold more than a wallet has. */
export function isOverdraft(error: unknown): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === 'wallets_never_overdrawn';
}

export async function hasUnfinishedLines(db: Db, batch_id: string): Promise<boolean> {
  const { rows } = await sql<{ is_unfinished: boolean }>`
    select exists (
      select from generations where batch_id = ${batch_id} and status in ('queued', 'running')
    ) as is_unfinished
  `.execute(db);
  return rows[0]?.is_unfinished ?? false;
}
