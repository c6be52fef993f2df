/** Puts a backup into an empty database: all of it, or nothing. */
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import type { MediaStore } from '../../contracts/media.ts';
import type { LedgerReport } from '../../contracts/money.ts';
import { type Migration, migrate, migrations } from '../migrate.ts';
import { StoreError } from '../store-error.ts';
import type { Db } from '../tables.ts';
import { verifyLedger } from '../verify-ledger.ts';
import type { BackupEnd, BackupHeader } from './backup-format.ts';
import { leftOut, listForeignKeys, listTables } from './list-tables.ts';
import { type BackupPart, damaged, readBackup } from './read-backup.ts';

export interface RestoreTarget {
  readonly db: Db;
  readonly media: Pick<MediaStore, 'put'>;
  /** Told after every piece. */
  readonly onProgress?: (progress: RestoreProgress) => void;
}

export interface RestoreProgress {
  readonly rows: number;
  readonly blobs: number;
}

export interface Restored {
  readonly header: BackupHeader;
  readonly end: BackupEnd;
  /** Changes of the schema that came after the backup's, and were made once its rows were in. */
  readonly migrated: readonly string[];
  readonly ledger: LedgerReport;
}

/** Writes the rows of one piece and returns how many they were. */
type Loader = (text: string) => Promise<number>;

/**
 * Throws StoreError for a target that is not empty and for a backup that is not whole; the database is then as it was.
 * Bytes of pictures that came in before are strays in the media store, which collects them by itself.
 */
export async function restoreBackup(
  source: AsyncIterable<Uint8Array>,
  target: RestoreTarget,
  list: readonly Migration[] = migrations,
): Promise<Restored> {
  const parts = readBackup(source);
  try {
    const restored = await target.db.transaction().execute((transaction) => load(parts, transaction, target, list));
    await sql`analyze`.execute(target.db);
    return restored;
  } finally {
    await parts.return(undefined);
  }
}

async function load(
  parts: AsyncGenerator<BackupPart>,
  db: Db,
  target: RestoreTarget,
  list: readonly Migration[],
): Promise<Restored> {
  const first = await parts.next();
  if (first.done === true || first.value.kind !== 'header') throw new Error('A backup begins with its header.');
  const { header } = first.value;
  await refuseRows(db);
  await migrateTo(db, header, list);
  const loaders = await makeLoaders(db, header);
  // As pg_dump does: keys to other tables are checked once, when all are there, and in no order; rules that move money
  // when rows come in would move it a second time.
  const foreign_keys = await listForeignKeys(db);
  for (const { table, name } of foreign_keys)
    await sql`alter table ${sql.table(table)} drop constraint ${sql.ref(name)}`.execute(db);
  for (const table of loaders.keys()) await sql`alter table ${sql.table(table)} disable trigger user`.execute(db);
  const end = await loadParts(parts, loaders, target);
  for (const table of loaders.keys()) await sql`alter table ${sql.table(table)} enable trigger user`.execute(db);
  for (const { table, name, definition } of foreign_keys) {
    await sql`alter table ${sql.table(table)} add constraint ${sql.ref(name)} ${sql.raw(definition)}`.execute(db);
  }
  for (const { name, last_value } of end.sequences) {
    if (last_value !== null)
      await sql`select setval(quote_ident(${name})::regclass, ${last_value}::bigint)`.execute(db);
  }
  const migrated = await migrate({ db }, list);
  return { header, end, migrated, ledger: await verifyLedger(db) };
}

async function refuseRows(db: Db): Promise<void> {
  for (const { name } of await listTables(db)) {
    if (Object.hasOwn(leftOut, name)) continue;
    const { rows } = await sql`select from ${sql.table(name)} limit 1`.execute(db);
    if (rows.length === 0) continue;
    throw new StoreError(
      `A backup is restored into an empty database, and this one has rows in "${name}". ` +
        'Name an empty one with DATABASE_URL, or an empty directory with GESSO_DATA_DIR.',
    );
  }
}

/** The schema as it was when the backup was made: what came later may change rows, and shall change these. */
async function migrateTo(db: Db, header: BackupHeader, list: readonly Migration[]): Promise<void> {
  const known = list.slice(0, header.migrations.length);
  const isKnown = header.migrations.every(
    ({ id, name }, index) => known[index]?.id === id && known[index].name === name,
  );
  if (!isKnown) {
    throw new StoreError(
      `The backup was made by Gesso ${header.gesso_version}, whose tables this version does not know: restore it with that version or a newer one.`,
    );
  }
  await migrate({ db }, known).catch((error: unknown) => {
    if (!(error instanceof StoreError)) throw error;
    throw new StoreError(`The backup cannot be restored here, although there are no rows. ${error.message}`);
  });
}

async function makeLoaders(db: Db, header: BackupHeader): Promise<ReadonlyMap<string, Loader>> {
  const shapes = new Map((await listTables(db)).map((shape) => [shape.name, shape]));
  return new Map(
    header.tables.map(({ name, columns }) => {
      const types = new Map(shapes.get(name)?.columns.map((column) => [column.name, column.type]));
      const missing = columns.find((column) => !types.has(column));
      if (missing !== undefined || types.size === 0) {
        const what = missing === undefined ? `a table "${name}"` : `"${missing}" in its table "${name}"`;
        throw new StoreError(`The backup has ${what}, which Gesso does not know: it belongs to another program.`);
      }
      const names = sql.join(columns.map((column) => sql.ref(column)));
      const values = sql.join(
        columns.map((column, index) => sql`(line ->> ${sql.lit(index)})::${sql.raw(types.get(column) ?? 'text')}`),
      );
      const loader: Loader = async (text) => {
        // Within a line a newline is written as \n, so that those which stand as they are part rows.
        const lines = `[${text.trimEnd().replaceAll('\n', ',')}]`;
        const { numAffectedRows } = await sql`
          insert into ${sql.table(name)} (${names}) overriding system value
          select ${values} from jsonb_array_elements(${lines}::jsonb) as line
        `.execute(db);
        return Number(numAffectedRows ?? 0);
      };
      return [name, loader];
    }),
  );
}

async function loadParts(
  parts: AsyncGenerator<BackupPart>,
  loaders: ReadonlyMap<string, Loader>,
  { media, onProgress }: RestoreTarget,
): Promise<BackupEnd> {
  const loaded = new Map<string, number>();
  const progress = { rows: 0, blobs: 0 };
  for await (const part of parts) {
    if (part.kind === 'rows') {
      const rows = await (loaders.get(part.table) ?? refuseTable(part.table))(part.text).catch(asDamage);
      loaded.set(part.table, (loaded.get(part.table) ?? 0) + rows);
      progress.rows += rows;
    } else if (part.kind === 'blob') {
      const stored = await media.put(Readable.from(part.body, { objectMode: false }), { bytes_max: part.bytes });
      if (stored.sha256 !== part.sha256) throw damaged();
      progress.blobs += 1;
    } else if (part.kind === 'end') {
      const isWhole = Object.entries(part.end.rows).every(([table, rows]) => rows === (loaded.get(table) ?? 0));
      if (!isWhole) throw damaged();
      return part.end;
    }
    onProgress?.({ ...progress });
  }
  throw new Error('A backup is read to its end, or its reader throws.');
}

/** Data exceptions and broken constraints: what had been in a database would go into one. */
function asDamage(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  throw /^2[23]/.test(code) ? damaged(error) : error;
}

function refuseTable(table: string): never {
  throw new StoreError(`The backup has rows of "${table}", and does not say of what.`);
}
