import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Migration, migrate, migrations } from '../../src/store/migrate.ts';
import type { Database } from '../../src/store/open-database.ts';
import { openTestDatabase } from './database-under-test.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase({ migrated: false });
});
afterAll(() => database.close());

const names = migrations.map(({ name }) => name);

test('several processes may migrate at once: one does, the others find it done', async () => {
  const results = await Promise.all([1, 2, 3, 4].map(() => migrate(database)));
  expect(results.flat()).toEqual(names);
});

test('a second start changes nothing', async () => {
  const before = await database.db.selectFrom('schema_migrations').selectAll().execute();
  expect(await migrate(database)).toEqual([]);
  expect(await database.db.selectFrom('schema_migrations').selectAll().execute()).toEqual(before);
});

test('ids count up from 1, so that none can be slipped in between', () => {
  expect(migrations.map(({ id }) => id)).toEqual(migrations.map((_, index) => index + 1));
});

test('a migration that fails leaves nothing behind', async () => {
  const broken: Migration = {
    id: migrations.length + 1,
    name: 'broken',
    async run(db) {
      await sql`create table half_done (id text)`.execute(db);
      await sql`select no_such_column`.execute(db);
    },
  };
  await expect(migrate(database, [...migrations, broken])).rejects.toThrow('no_such_column');
  const { rows } = await sql<{ name: string | null }>`select to_regclass('half_done')::text as name`.execute(
    database.db,
  );
  expect(rows).toEqual([{ name: null }]);
  expect(await migrate(database)).toEqual([]);
});

test('a database from a newer version is refused, and so is one with another history', async () => {
  const future: Migration = { id: migrations.length + 1, name: 'from-the-future', run: async () => {} };
  const other: Migration = { id: 1, name: 'another-beginning', run: async () => {} };
  await expect(migrate(database, [other, ...migrations.slice(1)])).rejects.toThrow('another program or version');
  expect(await migrate(database, [...migrations, future])).toEqual(['from-the-future']);
  await expect(migrate(database)).rejects.toThrow('newer Gesso (its schema has "from-the-future")');
});
