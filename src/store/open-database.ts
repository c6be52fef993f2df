/** Opens the database in the first way that the settings and the machine allow. */
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { makeDataDirectory } from './data-directory.ts';
import { findCluster } from './embedded/cluster-place.ts';
import { CONNECTIONS_MAX, DATABASE, PORT, USER } from './embedded/server-options.ts';
import { type EmbeddedServer, startEmbedded } from './embedded/start-embedded.ts';
import { openPglite } from './open-pglite.ts';
import { openPool } from './open-pool.ts';
import { type PidLock, takePidLock } from './pid-lock.ts';
import { EmbeddedUnavailable, messageOf, StoreError } from './store-error.ts';
import type { StoreLog } from './store-log.ts';
import type { Tables } from './tables.ts';

export interface OpenDatabaseOptions {
  readonly database_url?: string | undefined;
  readonly data_dir: string;
  readonly embedded: 'auto' | 'postgres' | 'pglite';
  readonly pool_max: number;
  readonly log: StoreLog;
}

export interface Database {
  readonly kind: 'external' | 'embedded' | 'pglite';
  readonly db: Kysely<Tables>;
  /** Where other programs of this machine may connect; PGlite has no such place. */
  readonly url_for_children?: string;
  /** The database's clock, in milliseconds since the epoch: leases and windows are measured by it. */
  now(): Promise<number>;
  /** One line for the start-up message and `gesso doctor`, without secrets. */
  describe(): string;
  /** Ends connections, and the server where it is ours. */
  close(): Promise<void>;
}

/** PostgreSQL 15, as server_version_num counts. */
const SERVER_VERSION_MIN = 150_000;
/** Connections of the embedded server that stay free for a console. */
const CONNECTIONS_SPARE = 5;

/** Throws StoreError, with a sentence for the operator, when there is no database to be had. */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  if (options.database_url !== undefined) return openExternal(options.database_url, options);
  const data_dir = resolve(options.data_dir);
  await makeDataDirectory(data_dir);
  const lock = await lockDatabase(data_dir);
  try {
    return await openOwn({ ...options, data_dir }, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openExternal(url: string, { pool_max, log }: OpenDatabaseOptions): Promise<Database> {
  const db = openPool({ connectionString: url, max: pool_max }, log);
  try {
    const { rows } = await sql<{ number: number; text: string }>`
      select current_setting('server_version_num')::int as number, current_setting('server_version') as text
    `.execute(db);
    const version = rows[0] ?? { number: 0, text: 'unknown' };
    if (version.number < SERVER_VERSION_MIN) {
      throw new StoreError(`DATABASE_URL leads to PostgreSQL ${version.text}; Gesso needs 15 or newer.`);
    }
    return {
      kind: 'external',
      db,
      url_for_children: url,
      now: () => readClock(db),
      describe: () => `PostgreSQL ${version.text} at DATABASE_URL`,
      close: () => db.destroy(),
    };
  } catch (error) {
    await db.destroy();
    if (error instanceof StoreError) throw error;
    throw new StoreError(`The database at DATABASE_URL cannot be used: ${messageOf(error)}.`, { cause: error });
  }
}

async function openOwn(options: OpenDatabaseOptions, lock: PidLock): Promise<Database> {
  const { data_dir, embedded, log } = options;
  const pglite_dir = join(data_dir, 'pglite');
  const has_cluster = (await findCluster(data_dir)) !== null;
  // What was begun is gone on with: opening another kind would look as if everything were lost.
  const has_only_pglite = !has_cluster && (await exists(pglite_dir));
  if (embedded === 'pglite' || (embedded === 'auto' && has_only_pglite)) {
    return openInProcess(pglite_dir, 'data was begun with it, or GESSO_EMBEDDED_DB asks for it', log, lock);
  }
  try {
    return serveFrom(await startEmbedded({ data_dir, log }), options, lock);
  } catch (error) {
    if (embedded === 'postgres' || has_cluster || !(error instanceof EmbeddedUnavailable)) throw error;
    return openInProcess(pglite_dir, error.message, log, lock);
  }
}

function serveFrom(server: EmbeddedServer, { pool_max, log }: OpenDatabaseOptions, lock: PidLock): Database {
  const max = Math.min(pool_max, CONNECTIONS_MAX - CONNECTIONS_SPARE);
  if (max < pool_max) log.warn({ max }, `DATABASE_POOL_MAX is ${pool_max}; the embedded database takes ${max}.`);
  const db = openPool({ host: server.socket_dir, port: PORT, user: USER, database: DATABASE, max }, log);
  return {
    kind: 'embedded',
    db,
    url_for_children: `postgresql://${USER}@localhost:${PORT}/${DATABASE}?host=${encodeURIComponent(server.socket_dir)}`,
    now: () => readClock(db),
    describe: () => `embedded PostgreSQL ${server.version} in ${server.cluster_dir} (process ${server.pid()})`,
    async close() {
      await db.destroy();
      await server.stop();
      await lock.release();
    },
  };
}

async function openInProcess(directory: string, reason: string, log: StoreLog, lock: PidLock): Promise<Database> {
  log.warn(
    { reason },
    'Using PGlite, a database for trying out: what was just written can be lost when the power goes. ' +
      'Set DATABASE_URL, or GESSO_EMBEDDED_DB=postgres where PostgreSQL can run, for anything that matters.',
  );
  const db = await openPglite(directory);
  return {
    kind: 'pglite',
    db,
    now: () => readClock(db),
    describe: () => `PGlite in ${directory} (for trying out)`,
    async close() {
      await db.destroy();
      await lock.release();
    },
  };
}

/** A second opener would corrupt PGlite, and stop the server under the first: neither depends on callers' care. */
async function lockDatabase(data_dir: string): Promise<PidLock> {
  const taken = await takePidLock(join(data_dir, 'database.lock'), new Date());
  if ('lock' in taken) return taken.lock;
  throw new StoreError(
    `The database in ${data_dir} is open in process ${taken.holder.pid}. Stop it first, or set GESSO_DATA_DIR to another directory.`,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function readClock(db: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ now: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::bigint as now
  `.execute(db);
  return rows[0]?.now ?? Number.NaN;
}
