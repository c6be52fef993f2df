import { expect, test } from 'vitest';
import { openDatabase } from '../../src/store/open-database.ts';
import { openTestDatabase, silent, testDatabaseKind } from './database-under-test.ts';

const options = { data_dir: '', embedded: 'auto', pool_max: 2, log: silent } as const;

test('a server that is not there is told, without the password', async () => {
  const opened = openDatabase({ ...options, database_url: 'postgresql://someone:hush@localhost:1/none' });
  await expect(opened).rejects.toThrow(/^The database at DATABASE_URL cannot be used: .*ECONNREFUSED/);
  await expect(opened).rejects.not.toThrow('hush');
});

test.runIf(testDatabaseKind() !== 'pglite')('its clock and version are told', async () => {
  const database = await openTestDatabase();
  expect(database.kind).toBe('external');
  expect(database.describe()).toMatch(/^PostgreSQL 1\d[\d.]* .*at DATABASE_URL$/);
  expect(Number.isInteger(await database.now())).toBe(true);
  await database.close();
});
