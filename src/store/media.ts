/**
 * Media: an account's reference, under a random id, to a blob that is named by its content. Accounts that happen to
 * have the same bytes share the blob and know nothing of each other.
 */
import { sql } from 'kysely';
import type { BlobRow, Db, MediaRow } from './tables.ts';

export type NewMedia = Omit<
  MediaRow,
  'blob_sha256' | 'content_type' | 'width' | 'height' | 'bytes' | 'created_at' | 'deleted_at' | 'revised_prompt'
> &
  Partial<Pick<MediaRow, 'revised_prompt'>>;

/** A picture that may be served: its bytes are there. */
export type LiveMedia = MediaRow & Pick<BlobRow, 'format'> & { readonly blob_sha256: string };

/**
 * Blob and media row in one statement: both or neither. Bytes that are stored again count as new, so that they are not
 * collected as old garbage between here and there; the caller has put them into the media store before.
 */
export async function insertMedia(db: Db, blob: BlobRow, media: NewMedia): Promise<void> {
  const { sha256, format: _format, ...facts } = blob;
  await db
    .with('stored', (query) =>
      query
        .insertInto('blobs')
        .values(blob)
        .onConflict((conflict) =>
          conflict.column('sha256').doUpdateSet({ created_at: sql`greatest(blobs.created_at, excluded.created_at)` }),
        )
        .returning('sha256'),
    )
    .insertInto('media')
    .values({ ...media, ...facts, blob_sha256: sha256 })
    .execute();
}

/**
 * Notes bytes that lie in the media store before anything points to them, so that they are collected when nothing ever
 * does: a reference of a request that was refused, a picture of a process that died.
 */
export async function recordBlob(db: Db, blob: BlobRow): Promise<void> {
  await recordBlobs(db, [blob]);
}

export async function recordBlobs(db: Db, blobs: readonly BlobRow[]): Promise<void> {
  // Each once, in one order, so that two that store the same bytes do not wait for each other for ever.
  const once = [...new Map(blobs.map((blob) => [blob.sha256, blob])).values()];
  await db
    .insertInto('blobs')
    .values(once.sort((one, other) => (one.sha256 < other.sha256 ? -1 : 1)))
    .onConflict((conflict) =>
      conflict.column('sha256').doUpdateSet({ created_at: sql`greatest(blobs.created_at, excluded.created_at)` }),
    )
    .execute();
}

/** Undefined when there is no such media, or it was deleted. Expired ones are found: the caller judges by its clock. */
export async function findMedia(db: Db, id: string): Promise<LiveMedia | undefined> {
  return db
    .selectFrom('media')
    .innerJoin('blobs', 'blobs.sha256', 'media.blob_sha256')
    .selectAll('media')
    .select(['blobs.format', 'blobs.sha256 as blob_sha256'])
    .where('media.id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

/** Of one role, in order. */
export async function listMedia(db: Db, generation_id: string, role: MediaRow['role']): Promise<MediaRow[]> {
  return db
    .selectFrom('media')
    .selectAll()
    .where('generation_id', '=', generation_id)
    .where('role', '=', role)
    .where('deleted_at', 'is', null)
    .orderBy('position')
    .execute();
}

/** Of several generations, each one's in order. */
export async function listMediaOf(
  db: Db,
  generation_ids: readonly string[],
  role: MediaRow['role'],
): Promise<MediaRow[]> {
  return db
    .selectFrom('media')
    .selectAll()
    .where(sql<boolean>`generation_id = any(${[...generation_ids]}::text[])`)
    .where('role', '=', role)
    .where('deleted_at', 'is', null)
    .orderBy('generation_id')
    .orderBy('position')
    .execute();
}

/** Returns false when the account has no such media. The bytes go when nothing points to them any more. */
export async function deleteMedia(db: Db, account_id: string, id: string, at: Date): Promise<boolean> {
  const result = await db
    .updateTable('media')
    .set({ deleted_at: at })
    .where('id', '=', id)
    .where('account_id', '=', account_id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Forgets blobs that nothing points to and that were last stored before `stored_before`; the caller then removes their
 * bytes. The margin must be longer than the time between storing bytes and `insertMedia`.
 */
export async function deleteUnreferencedBlobs(db: Db, stored_before: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ sha256: string }>`
    delete from blobs where sha256 in (
      select sha256 from blobs
      where created_at < ${stored_before}
        and not exists (select from media where media.blob_sha256 = blobs.sha256 and media.deleted_at is null)
        and not exists (select from files where files.sha256 = blobs.sha256 and files.deleted_at is null)
      limit ${limit}
      for update skip locked
    )
    returning sha256
  `.execute(db);
  return rows.map(({ sha256 }) => sha256);
}

/** Those of the hashes that a picture or a file is known by. */
export async function knownBlobs(db: Db, hashes: readonly string[]): Promise<ReadonlySet<string>> {
  if (hashes.length === 0) return new Set();
  const rows = await db
    .selectFrom('blobs')
    .select('sha256')
    .where('sha256', 'in', hashes)
    .union((query) =>
      query.selectFrom('files').select('sha256').where('sha256', 'in', hashes).where('deleted_at', 'is', null),
    )
    .execute();
  return new Set(rows.map(({ sha256 }) => sha256));
}
