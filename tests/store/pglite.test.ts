import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/store/open-database.ts';
import { silent, testDatabaseKind } from './database-under-test.ts';
import { startScript } from './start-script.ts';

/** On external servers these would only repeat themselves. */
describe.runIf(testDatabaseKind() !== 'external')('PGlite', () => {
  let data_dir: string;
  let database: Database;
  const warnings: string[] = [];
  const log = { ...silent, warn: (_fields: object, message: string) => void warnings.push(message) };
  const open = (embedded: 'auto' | 'pglite') => openDatabase({ data_dir, embedded, pool_max: 10, log });

  beforeAll(async () => {
    data_dir = await mkdtemp(join(tmpdir(), 'gesso-test-'));
    // As a crash while it was being made would leave it.
    await mkdir(join(data_dir, 'pglite.new'));
    await writeFile(join(data_dir, 'pglite.new', 'PG_VERSION'), '17');
    database = await open('pglite');
    await sql`create table t (x int)`.execute(database.db);
  });
  afterAll(async () => {
    await database.close();
    await rm(data_dir, { recursive: true, force: true });
  });

  test('says that it is for trying out', () => {
    expect(database.kind).toBe('pglite');
    expect(warnings.join()).toContain('for trying out');
    expect(database.url_for_children).toBeUndefined();
  });

  test('a statement from outside never runs inside a transaction', async () => {
    const { db } = database;
    const entered = Promise.withResolvers<void>();
    const outside = Promise.withResolvers<void>();
    const transaction = db.transaction().execute(async (inside) => {
      await sql`insert into t values (1)`.execute(inside);
      entered.resolve();
      await outside.promise;
      throw new Error('rolled back');
    });
    await entered.promise;
    const insert = sql`insert into t values (2)`.execute(db);
    outside.resolve();
    await expect(transaction).rejects.toThrow('rolled back');
    await insert;
    expect((await sql`select x from t`.execute(db)).rows).toEqual([{ x: 2 }]);
  });

  test('transactions take turns', async () => {
    const { db } = database;
    await sql`delete from t`.execute(db);
    await sql`insert into t values (0)`.execute(db);
    await Promise.all(
      Array.from({ length: 20 }, () =>
        db.transaction().execute(async (inside) => {
          const { rows } = await sql<{ x: number }>`select x from t`.execute(inside);
          await sql`update t set x = ${(rows[0]?.x ?? 0) + 1}`.execute(inside);
        }),
      ),
    );
    expect((await sql`select x from t`.execute(db)).rows).toEqual([{ x: 20 }]);
  });

  test('has one opener, also among processes, and what was begun with it is gone on with', async () => {
    await expect(open('pglite')).rejects.toThrow(`is open in process ${process.pid}`);
    await database.close();
    const holder = await startScript('hold-database.ts', [data_dir, 'pglite']);
    await expect(open('auto')).rejects.toThrow(`is open in process ${holder.pid}`);
    await holder.kill();
    database = await open('auto');
    expect(database.kind).toBe('pglite');
    expect((await sql`select x from t`.execute(database.db)).rows).toEqual([{ x: 20 }]);
  });
});

test.runIf(testDatabaseKind() === 'embedded')('serves where no PostgreSQL can run, with the reason told', async () => {
  const data_dir = await mkdtemp(join(tmpdir(), 'gesso-test-'));
  const reasons: string[] = [];
  const log = { ...silent, warn: (fields: object) => void reasons.push(JSON.stringify(fields)) };
  // The server cannot be started, since its log cannot be opened.
  await mkdir(join(data_dir, 'postgres.log'));
  const database = await openDatabase({ data_dir, embedded: 'auto', pool_max: 1, log });
  expect(database.kind).toBe('pglite');
  expect(reasons.join()).toContain('postgres.log');
  await database.close();
  await expect(openDatabase({ data_dir, embedded: 'postgres', pool_max: 1, log })).rejects.toThrow('postgres.log');
  await rm(data_dir, { recursive: true, force: true });
});
