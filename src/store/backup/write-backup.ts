/** Writes a backup as a stream: one snapshot of every table, then the pictures, a piece at a time. */
import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { constants, createZstdCompress } from 'node:zlib';
import { sql } from 'kysely';
import type { MediaStore } from '../../contracts/media.ts';
import type { Db } from '../tables.ts';
import { type BackupEnd, type BackupHeader, END_NAME, FORMAT, FORMAT_VERSION, HEADER_NAME } from './backup-format.ts';
import { leftOut, listSequences, listTables, type TableShape } from './list-tables.ts';
import { namedBlobs } from './named-blobs.ts';
import { type TarEntry, tarEnd, tarHeader, tarPadding } from './tar.ts';

export interface BackupSource {
  readonly db: Db;
  /** Where pictures are read from; null = without them. */
  readonly media: Pick<MediaStore, 'open'> | null;
  readonly gesso_version: string;
  readonly created_at: Date;
  readonly secret_mark: string | null;
}

interface BackupFile extends TarEntry {
  readonly body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

type Tally = { -readonly [Field in Exclude<keyof BackupEnd, 'sha256'>]: BackupEnd[Field] };

/** About what one piece of a table, and so its readers and writers, hold in memory. */
const PIECE_BYTES = 1024 * 1024;
const ROWS_AT_ONCE_MAX = 2_000;
const FIRST_ROWS = 50;

/** The compressed bytes. Whoever stops reading ends the snapshot; whoever only pauses for minutes loses it. */
export function writeBackup(source: BackupSource): Readable {
  const tally: Tally = { rows: {}, sequences: [], blobs: 0, blob_bytes: 0, blobs_missing: 0 };
  const archive = Readable.from(archiveOf(source, tally), { objectMode: false });
  const compress = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
  });
  // A fault on either side ends both, and reaches the reader as this stream's own.
  return pipeline(archive, compress, () => {});
}

async function* archiveOf(source: BackupSource, tally: Tally): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const file of filesOf(source, tally)) {
    for await (const bytes of tarOf(file, source.created_at)) {
      hash.update(bytes);
      yield bytes;
    }
  }
  const end: BackupEnd = { ...tally, sha256: hash.digest('hex') };
  yield* tarOf(textFile(END_NAME, `${JSON.stringify(end, null, 2)}\n`), source.created_at);
  yield tarEnd;
}

async function* tarOf(file: BackupFile, modified_at: Date): AsyncGenerator<Uint8Array> {
  yield tarHeader(file, modified_at);
  let bytes = 0;
  for await (const chunk of file.body) {
    bytes += chunk.byteLength;
    yield chunk;
  }
  if (bytes !== file.bytes) throw new Error(`${file.name} gave ${bytes} bytes where ${file.bytes} were announced.`);
  yield tarPadding(bytes);
}

async function* filesOf(source: BackupSource, tally: Tally): AsyncGenerator<BackupFile> {
  const { db, media } = source;
  const snapshot = await db
    .startTransaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute();
  try {
    await speakPlainly(snapshot);
    const tables = (await listTables(snapshot)).filter(({ name }) => !Object.hasOwn(leftOut, name));
    const header = await describe(snapshot, source, tables);
    yield textFile(HEADER_NAME, `${JSON.stringify(header, null, 2)}\n`);
    for (const table of tables) yield* rowFiles(snapshot, table, tally);
    // Sequences know no snapshots: read last, none can stand before a row that was read.
    tally.sequences = await listSequences(snapshot);
    await snapshot.commit().execute();
  } finally {
    if (!snapshot.isCommitted) await snapshot.rollback().execute();
  }
  // Outside of the snapshot, which would keep the database from tidying up for as long as the pictures take.
  if (media === null) return;
  for await (const sha256 of namedBlobs(db)) yield* blobFile(media, sha256, tally);
}

/** Texts that any session reads alike; and a reader that has fallen asleep shall not hold a snapshot for ever. */
async function speakPlainly(db: Db): Promise<void> {
  await sql`
    select set_config(name, value, true) from (values
      ('timezone', 'UTC'), ('datestyle', 'ISO'), ('intervalstyle', 'iso_8601'), ('bytea_output', 'hex'),
      ('extra_float_digits', '1'), ('idle_in_transaction_session_timeout', '300s')
    ) as settings (name, value)
  `.execute(db);
}

async function describe(
  db: Db,
  { gesso_version, created_at, media, secret_mark }: BackupSource,
  tables: readonly TableShape[],
): Promise<BackupHeader> {
  const { rows } = await sql<{ server: string }>`select current_setting('server_version') as server`.execute(db);
  return {
    format: FORMAT,
    format_version: FORMAT_VERSION,
    gesso_version,
    created_at: created_at.toISOString(),
    database: `PostgreSQL ${rows[0]?.server}`,
    migrations: await db.selectFrom('schema_migrations').select(['id', 'name']).orderBy('id').execute(),
    tables: tables.map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) })),
    media: media !== null,
    secret_mark,
  };
}

async function* rowFiles(db: Db, { name, columns }: TableShape, tally: Tally): AsyncGenerator<BackupFile> {
  // PostgreSQL's own text of each value: what COPY and pg_dump trust, whatever the type, and null is not JSON's null.
  const values = sql.join(columns.map((column) => sql`${sql.ref(column.name)}::text`));
  await sql`
    declare backup_rows no scroll cursor for select to_json(array[${values}]::text[])::text as line from ${sql.table(name)}
  `.execute(db);
  let rows_at_once = FIRST_ROWS;
  let written = 0;
  for (let number = 1; ; number++) {
    const { rows } = await sql<{ line: string }>`fetch ${sql.lit(rows_at_once)} from backup_rows`.execute(db);
    if (rows.length === 0) break;
    const file = textFile(`tables/${name}/${String(number).padStart(9, '0')}.ndjson`, linesOf(rows));
    yield file;
    written += rows.length;
    const row_bytes = file.bytes / rows.length;
    rows_at_once = Math.max(1, Math.min(ROWS_AT_ONCE_MAX, Math.floor(PIECE_BYTES / row_bytes)));
  }
  await sql`close backup_rows`.execute(db);
  tally.rows = { ...tally.rows, [name]: written };
}

function linesOf(rows: readonly { readonly line: string }[]): string {
  return rows.map(({ line }) => `${line}\n`).join('');
}

async function* blobFile(
  media: NonNullable<BackupSource['media']>,
  sha256: string,
  tally: Tally,
): AsyncGenerator<BackupFile> {
  const found = await media.open(sha256).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'not_found') return null; // Stores throw GessoError, as their contract says.
    throw error;
  });
  if (found === null) {
    tally.blobs_missing += 1;
    return;
  }
  yield { name: `blobs/${sha256}`, bytes: found.bytes_total, body: found.stream };
  tally.blobs += 1;
  tally.blob_bytes += found.bytes_total;
}

function textFile(name: string, text: string): BackupFile {
  const body = Buffer.from(text);
  return { name, bytes: body.byteLength, body: [body] };
}
