/** PostgreSQL in our own process, for where no server can run: for trying out, since it never calls fsync. */
import { access, rename, rm } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { type DatabaseConnection, Kysely, PGliteDialect, type PGliteDialectConfig, PGliteDriver } from 'kysely';
import type { Tables } from './tables.ts';

const INT8 = 20;
const options = { postgresqlconf: ['shared_buffers=16MB'], parsers: { [INT8]: Number } };

/** Opens the database kept in `directory`, which is made if need be. One process at a time: the caller holds its lock. */
export async function openPglite(directory: string): Promise<Kysely<Tables>> {
  if (!(await isThere(directory))) await makePglite(directory);
  const pglite = await PGlite.create(directory, options);
  return new Kysely<Tables>({ dialect: new SerialPgliteDialect({ pglite }) });
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

/**
 * Kysely's own dialect hands its one connection to everyone at once, so that statements from outside would run inside
 * whichever transaction is open. Here each waits for its turn, as at a pool of one.
 */
class SerialPgliteDialect extends PGliteDialect {
  readonly #config: PGliteDialectConfig;

  constructor(config: PGliteDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): SerialPgliteDriver {
    return new SerialPgliteDriver(this.#config);
  }
}

class SerialPgliteDriver extends PGliteDriver {
  #tail: Promise<void> = Promise.resolve();
  #leave: () => void = () => {};

  override async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#tail;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tail = promise;
    await before;
    this.#leave = resolve;
    return super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    this.#leave();
  }
}
