/**
 * Payloads are what a request says and shows: prompt, parameters, what became of them, labels, the caller's user, words
 * of an error, pictures. They go; who asked for what kind of thing, when, by whom it was done and what it cost stays.
 */
import { sql } from 'kysely';
import type { Db, MediaRow } from './tables.ts';

const ERROR_WORDS = 'The words of this error were deleted with the payloads of the request.';

/** Only what has ended, and only once: returns the ids of those that had payloads. */
export async function dropPayloads(db: Db, ids: readonly string[], now: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with dropped as (
    update generations set request = '{}', applied = '[]', warnings = '[]', labels = '{}', "user" = null,
      error = case when error is null then null
        else jsonb_build_object('code', error->>'code', 'message', ${ERROR_WORDS}::text, 'param', null) end,
      payloads_dropped_at = ${now}::timestamptz
    where id = any(${[...ids]}::text[]) and payloads_dropped_at is null
      and status in ('completed', 'failed', 'canceled')
    returning id
    ), outputs_forgotten as (
      update attempts set outputs = null from dropped
      where attempts.generation_id = dropped.id and attempts.outputs is not null
    )
    select id from dropped
  `.execute(db);
  return rows.map(({ id }) => id);
}

/** The oldest first; returns how many, which is below `limit` when none is left. */
export async function dropExpiredPayloads(db: Db, now: Date, limit: number): Promise<number> {
  const expired = await db
    .selectFrom('generations')
    .select('id')
    .where('expires_at', '<=', now)
    .where('payloads_dropped_at', 'is', null)
    .where('status', 'in', ['completed', 'failed', 'canceled'])
    .orderBy('expires_at')
    .limit(limit)
    .execute();
  if (expired.length === 0) return 0;
  await dropPayloads(
    db,
    expired.map(({ id }) => id),
    now,
  );
  return expired.length;
}

/** A picture that is gone, as far as its bytes are concerned. */
export type DroppedPicture = Pick<MediaRow, 'created_at'> & { readonly blob_sha256: string };

/** Every picture of a generation, also one that was to be kept. */
export async function dropPictures(db: Db, generation_id: string, now: Date): Promise<DroppedPicture[]> {
  const rows = await db
    .updateTable('media')
    .set({ deleted_at: now, revised_prompt: null })
    .where('generation_id', '=', generation_id)
    .where('deleted_at', 'is', null)
    .returning(['blob_sha256', 'created_at'])
    .execute();
  return rows.flatMap(withBytes);
}

/**
 * The oldest first; fewer than `limit` come back when none is left. What work that waits or runs was brought is needed
 * until that has ended, however long it takes.
 */
export async function dropExpiredPictures(db: Db, now: Date, limit: number): Promise<DroppedPicture[]> {
  const expired = db
    .selectFrom('media')
    .select('id')
    .where('expires_at', '<=', now)
    .where('deleted_at', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('generations')
            .select('generations.id')
            .whereRef('generations.id', '=', 'media.generation_id')
            .where('generations.status', 'in', ['queued', 'running']),
        ),
      ),
    )
    .orderBy('expires_at')
    .limit(limit);
  const rows = await db
    .updateTable('media')
    .set({ deleted_at: now, revised_prompt: null })
    .where('id', 'in', expired)
    .where('deleted_at', 'is', null)
    .returning(['blob_sha256', 'created_at'])
    .execute();
  return rows.flatMap(withBytes);
}

function withBytes({ blob_sha256, created_at }: Pick<MediaRow, 'blob_sha256' | 'created_at'>): DroppedPicture[] {
  return blob_sha256 === null ? [] : [{ blob_sha256, created_at }];
}

/** Bytes that no picture points to any more, if they were not stored again since `stored_before`. */
export interface ForgottenBlob {
  readonly sha256: string;
  readonly stored_before: Date;
}

/**
 * Forgets the bytes of dropped pictures, of which the caller then removes the files: those that no picture points to any
 * more and that were not stored again since, by a request that may only be about to point to them. A picture's bytes are
 * stored before its row is written, so that its row's time (of whole milliseconds) tells its own bytes from those that
 * came later.
 */
export async function forgetBytes(db: Db, dropped: readonly DroppedPicture[]): Promise<ForgottenBlob[]> {
  if (dropped.length === 0) return [];
  const { rows } = await sql<ForgottenBlob>`
    with dropped as (
      select sha256, max(created_at) as created_at
      from unnest(
        ${dropped.map(({ blob_sha256 }) => blob_sha256)}::text[],
        ${dropped.map(({ created_at }) => created_at.toISOString())}::timestamptz[]
      ) as dropped (sha256, created_at) group by 1
    )
    delete from blobs using dropped
    where blobs.sha256 = dropped.sha256 and blobs.created_at <= dropped.created_at
      and not exists (select from media where media.blob_sha256 = blobs.sha256 and media.deleted_at is null)
      and not exists (select from files where files.sha256 = blobs.sha256 and files.deleted_at is null)
    returning blobs.sha256, dropped.created_at + interval '1 millisecond' as stored_before
  `.execute(db);
  return rows;
}
