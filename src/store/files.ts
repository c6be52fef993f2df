/** Files: an account's reference to bytes in the media store. Deleted and expired ones are as if they had never been. */
import { sql } from 'kysely';
import type { FilePurpose } from '../contracts/files.ts';
import type { Mode } from '../contracts/generation.ts';
import type { FileRow } from './files-tables.ts';
import { storable } from './json.ts';
import type { Db } from './tables.ts';

export async function insertFile(db: Db, file: Omit<FileRow, 'deleted_at'>): Promise<void> {
  await db
    .insertInto('files')
    .values({ ...file, filename: storable(file.filename), deleted_at: null })
    .execute();
}

export interface FileFilter {
  readonly account_id: string;
  readonly modes: readonly Mode[];
  readonly now: Date;
}

export async function findFile(db: Db, filter: FileFilter, id: string): Promise<FileRow | undefined> {
  return living(db, filter).where('id', '=', id).executeTakeFirst();
}

export async function listFiles(
  db: Db,
  filter: FileFilter & { readonly purpose?: FilePurpose },
  page: { readonly limit: number; readonly order: 'asc' | 'desc'; readonly after?: Pick<FileRow, 'created_at' | 'id'> },
): Promise<FileRow[]> {
  const { limit, order, after } = page;
  let query = living(db, filter).orderBy('created_at', order).orderBy('id', order).limit(limit);
  if (filter.purpose !== undefined) query = query.where('purpose', '=', filter.purpose);
  if (after !== undefined) {
    const cursor = sql`(${after.created_at}::timestamptz, ${after.id}::text)`;
    query = query.where(
      order === 'asc' ? sql<boolean>`(created_at, id) > ${cursor}` : sql<boolean>`(created_at, id) < ${cursor}`,
    );
  }
  return query.execute();
}

function living(db: Db, { account_id, modes, now }: FileFilter) {
  return db
    .selectFrom('files')
    .selectAll()
    .where('account_id', '=', account_id)
    .where('mode', 'in', modes)
    .where('deleted_at', 'is', null)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]));
}

/** Where the bytes of a file that is gone lie, and before when they were stored. */
export type DroppedFile = Pick<FileRow, 'sha256' | 'created_at'>;

/** Undefined when it was deleted before. */
export async function deleteFile(db: Db, id: string, at: Date): Promise<DroppedFile | undefined> {
  return db
    .updateTable('files')
    .set({ deleted_at: at })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .returning(['sha256', 'created_at'])
    .executeTakeFirst();
}

/** The oldest first; fewer than `limit` come back when none is left. */
export async function dropExpiredFiles(db: Db, now: Date, limit: number): Promise<DroppedFile[]> {
  const expired = db
    .selectFrom('files')
    .select('id')
    .where('expires_at', '<=', now)
    .where('deleted_at', 'is', null)
    .orderBy('expires_at')
    .limit(limit);
  return db
    .updateTable('files')
    .set({ deleted_at: now })
    .where('id', 'in', expired)
    .where('deleted_at', 'is', null)
    .returning(['sha256', 'created_at'])
    .execute();
}

/** Those of the hashes that neither a file nor a picture points to any more. */
export async function unnamedBytes(db: Db, hashes: readonly string[]): Promise<string[]> {
  if (hashes.length === 0) return [];
  const { rows } = await sql<{ sha256: string }>`
    select distinct sha256 from unnest(${[...hashes]}::text[]) as dropped (sha256)
    where not exists (select from files where files.sha256 = dropped.sha256 and files.deleted_at is null)
      and not exists (select from blobs where blobs.sha256 = dropped.sha256)
  `.execute(db);
  return rows.map(({ sha256 }) => sha256);
}
