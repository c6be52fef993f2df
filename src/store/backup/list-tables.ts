/** What there is to back up, asked of the database itself: a list in our code would be forgotten by the next table. */
import { sql } from 'kysely';
import type { Db } from '../tables.ts';

/** Tables that no backup holds, and why. */
export const leftOut: Readonly<Record<string, string>> = {
  schema_migrations: 'stands in the header, and is written by the migrations that a restore runs',
  rate_buckets: 'not logged either: a limiter that begins anew lets a little more through, once',
  provider_gates: 'not logged either: a pause that is forgotten is asked for again',
  provider_slots: 'not logged either: every process says anew what it holds',
  provider_passes: 'not logged either: what went in during the last minute',
};

/**
 * Columns named after SHA-256: which of them name bytes in the media store (of rows that are not deleted), and which are
 * the hash of something else.
 */
export const hashColumns: Readonly<Record<string, 'names a blob' | 'names none'>> = {
  'media.blob_sha256': 'names a blob',
  'files.sha256': 'names a blob',
  // Each of them, also those that nobody needs any more.
  'blobs.sha256': 'names none',
  'idempotency_keys.body_sha256': 'names none',
  'batches.body_sha256': 'names none',
};

export interface TableShape {
  readonly name: string;
  readonly is_unlogged: boolean;
  /** Those that hold values of their own, in their order. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

const ofOurSchema = sql`
  relnamespace = current_schema()::regnamespace and not exists (
    select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e'
  )`;

/** In order of their names. */
export async function listTables(db: Db): Promise<TableShape[]> {
  const { rows } = await sql<TableShape>`
    select relname::text as name, relpersistence = 'u' as is_unlogged, (
      select json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod)) order by attnum)
      from pg_attribute where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = ''
    ) as columns
    from pg_class where relkind in ('r', 'p') and not relispartition and ${ofOurSchema} order by relname
  `.execute(db);
  return rows;
}

export async function listSequences(db: Db): Promise<{ name: string; last_value: string | null }[]> {
  const { rows } = await sql<{ name: string; last_value: string | null }>`
    select sequencename::text as name, last_value::text as last_value from pg_sequences
    where schemaname = current_schema() order by 1
  `.execute(db);
  return rows;
}

export interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

export async function listForeignKeys(db: Db): Promise<ForeignKey[]> {
  const { rows } = await sql<ForeignKey>`
    select relname::text as table, conname::text as name, pg_get_constraintdef(pg_constraint.oid) as definition
    from pg_constraint join pg_class on pg_class.oid = conrelid
    where contype = 'f' and conparentid = 0 and ${ofOurSchema} order by 1, 2
  `.execute(db);
  return rows;
}
