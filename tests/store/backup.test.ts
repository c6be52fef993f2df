/** Round trips of a whole world between all kinds of database, and what is refused. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFileMediaStore } from '../../src/media/file-media-store.ts';
import { hashColumns, leftOut, listTables } from '../../src/store/backup/list-tables.ts';
import { restoreBackup } from '../../src/store/backup/restore-backup.ts';
import { writeBackup } from '../../src/store/backup/write-backup.ts';
import { insertKey } from '../../src/store/keys.ts';
import { type Migration, migrate, migrations } from '../../src/store/migrate.ts';
import { type Database, openDatabase } from '../../src/store/open-database.ts';
import type { Db } from '../../src/store/tables.ts';
import { verifyLedger } from '../../src/store/verify-ledger.ts';
import { createRandomIds } from '../../src/system/random-ids.ts';
import { fillWorld } from './backup-world.ts';
import { openTestDatabase, silent } from './database-under-test.ts';
import { at, keySample, makeAccount } from './samples.ts';

/** Values of every sort that a text form could lose, and keys that go round in a circle. */
const oddities: Migration = {
  id: migrations.length + 1,
  name: 'oddities',
  async run(db) {
    for (const statement of [
      `create table "Odd ""Things""" (
        id bigint generated always as identity primary key, "group" text, amount numeric, big bigint, small real, ratio double precision,
        moment timestamptz, day date, span interval, bytes bytea, doc jsonb, list text[], grid integer[][], yes boolean,
        parent bigint references "Odd ""Things""", twice bigint generated always as (big / 2) stored, nobody serial)`,
      'create table left_hand (id integer primary key, other integer)',
      'create table right_hand (id integer primary key, other integer references left_hand)',
      'alter table left_hand add foreign key (other) references right_hand on delete set null deferrable',
    ])
      await sql.raw(statement).execute(db);
  },
};
const withOddities = [...migrations, oddities];

const oddRows = [
  `insert into "Odd ""Things""" ("group", amount, big, small, ratio, moment, day, span, bytes, doc, list, grid, yes, parent) values
    ('line one' || chr(10) || 'two, "three" \\ [4]' || chr(9) || '€ 𝄞', 123456789012345678901234567890.000100, 9223372036854775807, 'NaN', 0.1,
      '2026-11-20 12:00:00.123456+05:30', '0044-03-15 BC', '1 mon -2 days 03:04:05.678', '\\x00ff0a', 'null',
      array['a,b', null, '', '"', 'null'], '{{1,2},{3,4}}', true, 2),
    (null, -0.0, -9223372036854775808, '-Infinity', 1e-300, 'infinity', null, null, '', '{"a": [1.10, "\\u20ac", null]}', '{}', null, false, 1)`,
  'insert into left_hand values (1, null)',
  'insert into right_hand values (7, 1)',
  'update left_hand set other = 7',
  // Used, and gone: its number is not given again.
  `with gone as (select nextval(pg_get_serial_sequence('"Odd ""Things"""', 'id'))) select from gone`,
];

let directory: string;
const open: Database[] = [];
let source: Database;
let media: ReturnType<typeof createFileMediaStore>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gesso-backup-'));
  media = mediaStore('media');
  source = await openTestDatabase({ migrated: false });
  open.push(source);
  await migrate(source, withOddities);
  await fillWorld(source.db, async (bytes) => (await media.put(bytes, { bytes_max: 1_000 })).sha256);
  for (const statement of oddRows) await sql.raw(statement).execute(source.db);
});
afterAll(async () => {
  for (const database of open) await database.close();
  await rm(directory, { recursive: true, force: true });
});

function mediaStore(name: string) {
  return createFileMediaStore({
    directory: join(directory, name),
    ids: createRandomIds(),
    clock: { now: () => Date.now() },
  });
}

async function openOwn(embedded: 'postgres' | 'pglite'): Promise<Database> {
  const data_dir = join(directory, `data-${open.length}`);
  const database = await openDatabase({ data_dir, embedded, pool_max: 3, log: silent });
  open.push(database);
  return database;
}

async function openEmpty(): Promise<Database> {
  const database = await openTestDatabase({ migrated: false });
  open.push(database);
  return database;
}

function backUp(
  { db }: { readonly db: Db },
  pictures: Parameters<typeof writeBackup>[0]['media'] = null,
): Promise<Buffer> {
  const origin = { gesso_version: '1.2.3', created_at: at, secret_mark: 'abcd' };
  return buffer(writeBackup({ db, media: pictures, ...origin }));
}

/** Every row of every table, as the database itself writes it; what is left out too, where it is to be looked at. */
async function allRows(db: Db): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const { name } of await listTables(db)) {
    if (Object.hasOwn(leftOut, name)) continue;
    const { rows } = await sql<{ row: string }>`
      select one::text as row from ${sql.table(name)} as one order by one::text collate "C"
    `.execute(db);
    found[name] = rows.map(({ row }) => row);
  }
  return found;
}

/** Everything of the schema that a restore takes away for a while, or moves. */
async function rules(db: Db): Promise<unknown> {
  const { rows } = await sql`
    select relname, conname as name, pg_get_constraintdef(pg_constraint.oid) as definition, convalidated::text as state
      from pg_constraint join pg_class on pg_class.oid = conrelid where relnamespace = current_schema()::regnamespace
        and contype <> 'n'
    union all select relname, tgname, tgtype::text, tgenabled::text from pg_trigger join pg_class on pg_class.oid = tgrelid where not tgisinternal
    union all select '', sequencename, last_value::text, '' from pg_sequences
    order by 1, 2
  `.execute(db);
  return rows;
}

describe('a round trip', () => {
  test('server, PGlite, embedded, server: the same rows, rules and pictures, and money goes on', {
    timeout: 60_000,
  }, async () => {
    const rows = await allRows(source.db);
    const empty = Object.keys(rows).filter((table) => rows[table]?.length === 0);
    expect(empty, 'tables that tests/store/backup-world.ts has no row of').toEqual([]);
    let from = source;
    for (const next of [() => openOwn('pglite'), () => openOwn('postgres'), openEmpty]) {
      const target = await next();
      const place = mediaStore(`media-${open.length}`);
      const restored = await restoreBackup(
        Readable.from(await backUp(from, media)),
        { db: target.db, media: place },
        withOddities,
      );
      expect(restored.ledger.faults).toEqual([]);
      expect(await allRows(target.db)).toEqual(rows);
      expect(await rules(target.db)).toEqual(await rules(source.db));
      for (const text of ['a picture', 'a file']) expect(await place.has(sha256(text))).toBe(true);
      expect(await place.has(sha256('a deleted picture'))).toBe(false);
      expect(restored.end).toMatchObject({ blobs: 2, blob_bytes: 15, blobs_missing: 0 });
      from = target;
    }
    // The rules hold again: money moves by them, and numbers go on.
    await expect(sql`update transfers set amount_micros = 1`.execute(from.db)).rejects.toThrow('append-only');
    await makeAccount(from.db, 'acc_after');
    await insertKey(from.db, keySample({ id: 'key_after', account_id: 'acc_after' }));
    expect((await verifyLedger(from.db)).wallets).toBe((rows.wallets?.length ?? 0) + 2);
    const inserted = await sql<{ id: number }>`insert into "Odd ""Things""" ("group") values ('') returning id`.execute(
      from.db,
    );
    expect(inserted.rows).toEqual([{ id: 4 }]);
  });

  test('one of an older schema is brought up to date', async () => {
    const old = await openEmpty();
    await migrate(old, migrations.slice(0, 2));
    await sql`insert into accounts values ('acc_old', 'Old', 'unmetered', ${at})`.execute(old.db);
    const target = await openEmpty();
    const restored = await restoreBackup(Readable.from(await backUp(old)), { db: target.db, media });
    expect(restored.migrated).toEqual(migrations.slice(2).map(({ name }) => name));
    expect(restored.ledger).toMatchObject({ wallets: 2, faults: [] });
  });

  test('every table is in it or left out for a reason, and every hash is known for what it is', async () => {
    const tables = await listTables(source.db);
    const names = tables.map(({ name }) => name);
    expect(Object.keys(leftOut).filter((name) => !names.includes(name))).toEqual([]);
    expect(tables.filter(({ name, is_unlogged }) => is_unlogged && !Object.hasOwn(leftOut, name))).toEqual([]);
    const hashes = tables.flatMap(({ name, columns }) =>
      columns.filter((column) => /sha256/.test(column.name)).map((column) => `${name}.${column.name}`),
    );
    expect(hashes.filter((column) => !Object.hasOwn(hashColumns, column))).toEqual([]);
  });
});

describe('what is refused leaves nothing behind', () => {
  let whole: Buffer;
  let target: Database;
  beforeAll(async () => {
    whole = await backUp(source, media);
    target = await openEmpty();
  });
  const tryOut = (backup: Buffer) =>
    restoreBackup(
      Readable.from([backup], { objectMode: false }),
      { db: target.db, media: mediaStore('refused') },
      withOddities,
    );
  const remade = (change: (archive: Buffer) => Buffer) =>
    zstdCompressSync(change(Buffer.from(zstdDecompressSync(whole))));

  test.each<[string, () => Buffer, string]>([
    ['nothing', () => Buffer.alloc(0), 'cut or damaged'],
    ['a picture', () => Buffer.from('GIF89a and so on'), 'no backup of Gesso'],
    ['another archive', () => zstdCompressSync(Buffer.alloc(4096, 'x')), 'no backup of Gesso'],
    // Node ends the compression with an empty frame of up to 13 bytes, which nobody misses.
    ['one without its last bytes', () => whole.subarray(0, -18), 'cut or damaged'],
    ['one cut in half', () => whole.subarray(0, whole.length / 2), 'cut or damaged'],
    ['a changed byte', () => changed(whole, Math.floor(whole.length / 2)), 'cut or damaged'],
    [
      'an archive without its end',
      () => remade((archive) => archive.subarray(0, archive.lastIndexOf('end.json'))),
      'cut or damaged',
    ],
    [
      'a changed row',
      () => remade((archive) => replaced(archive, '"acc_paying","Paying"', '"acc_paying","Praying"')),
      'cut or damaged',
    ],
    [
      'another name in the same place',
      () => remade((archive) => replaced(archive, '"Paying"', '"Saying"')),
      'cut or damaged',
    ],
    [
      'one of a newer form',
      () => remade((archive) => replaced(archive, '"format_version": 1', '"format_version": 2')),
      'newer Gesso',
    ],
    [
      'one with tables of tomorrow',
      () => remade((archive) => replaced(archive, '"name": "oddities"', '"name": "oddnesses"')),
      'does not know',
    ],
  ])('%s', async (_name, make, message) => {
    const backup = make();
    const error = await tryOut(backup).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: 'StoreError', message: expect.stringContaining(message) });
    expect(await listTables(target.db)).toEqual([]);
  });

  test('a database that has rows', async () => {
    await migrate(target);
    await makeAccount(target.db, 'acc_here');
    const before = await allRows(target.db);
    await expect(tryOut(whole)).rejects.toThrow('into an empty database, and this one has rows in "accounts"');
    expect(await allRows(target.db)).toEqual(before);
  });
});

test('what is written while it is read is not in it', async () => {
  const database = await openEmpty();
  // One connection reads to the end before anybody else has a turn.
  if (database.kind === 'pglite') return;
  await migrate(database);
  await makeAccount(database.db, 'acc_before');
  let written: Promise<void> | undefined;
  const db = database.db.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      written ??= makeAccount(database.db, 'acc_meanwhile');
      await written;
      return result;
    },
  });
  const target = await openEmpty();
  const restored = await restoreBackup(Readable.from(await backUp({ db })), { db: target.db, media });
  expect(restored.end.rows).toMatchObject({ accounts: 1, wallets: 2 });
  expect(await database.db.selectFrom('accounts').select('id').execute()).toHaveLength(2);
});

test('a reader that goes away ends the snapshot', async () => {
  const database = await openEmpty();
  await migrate(database);
  const stream = writeBackup({ db: database.db, media: null, gesso_version: '1', created_at: at, secret_mark: null });
  for await (const _chunk of stream) break;
  // Waits for itself if the snapshot is still open where there is one connection.
  await makeAccount(database.db, 'acc_next');
  if (database.kind === 'pglite') return;
  const { rows } = await sql`
    select 1 from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'
  `.execute(database.db);
  expect(rows).toEqual([]);
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function changed(bytes: Buffer, index: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(index) ^ 1, index);
  return copy;
}

/** Only texts of the same length leave the archive readable. */
function replaced(archive: Buffer, from: string, to: string): Buffer {
  const index = archive.indexOf(from);
  if (index < 0) throw new Error(`The archive has no ${from}.`);
  archive.write(to, index);
  return archive;
}
