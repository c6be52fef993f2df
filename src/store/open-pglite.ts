/** PostgreSQL in our own process, for where no server can run: for trying out, since it never calls fsync. */
import { access, rename, rm } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import type { Tables } from './tables.ts';

const INT8 = 20;
const options = { postgresqlconf: ['shared_buffers=16MB'], parsers: { [INT8]: Number } };

/**
 * Opens the database kept in `directory`, which is made if need be. One process at a time: the caller holds its lock.
 * Kysely lets statements and transactions take turns on the one connection, so whoever uses another one inside a
 * transaction waits for itself.
 */
export async function openPglite(directory: string): Promise<Kysely<Tables>> {
  if (!(await isThere(directory))) await makePglite(directory);
  const pglite = await PGlite.create(directory, options);
  return new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
}

/** Made under another name, so that a half-made database is never taken for a whole one. */
async function makePglite(directory: string): Promise<void> {
  const draft = `${directory}.new`;
  await rm(draft, { recursive: true, force: true });
  const pglite = await PGlite.create(draft, options);
  await pglite.close();
  await rename(draft, directory);
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
