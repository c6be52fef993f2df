/**
 * A fresh, migrated database for one test file, of the kind that GESSO_TEST_DB names: `embedded` (default), `pglite`,
 * or `external` (a database of its own in the server at TEST_DATABASE_URL).
 */
import { randomBytes } from 'node:crypto';
import { access, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { findCluster } from '../../src/store/embedded/cluster-place.ts';
import { findPostmaster, stopPostmaster } from '../../src/store/embedded/postmaster.ts';
import { DATABASE, USER } from '../../src/store/embedded/server-options.ts';
import { startEmbedded } from '../../src/store/embedded/start-embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { type Database, openDatabase } from '../../src/store/open-database.ts';
import { openPglite } from '../../src/store/open-pglite.ts';
import { takePidLock } from '../../src/store/pid-lock.ts';
import type { StoreLog } from '../../src/store/store-log.ts';

export type TestDatabaseKind = 'embedded' | 'pglite' | 'external';

export const silent: StoreLog = { info() {}, warn() {}, error() {} };

/** Connections of one test file; those of all files that run at once must fit into the server's 40. */
const POOL_MAX = 6;

export function testDatabaseKind(): TestDatabaseKind {
  const kind = process.env.GESSO_TEST_DB ?? 'embedded';
  if (kind === 'embedded' || kind === 'pglite' || kind === 'external') return kind;
  throw new Error(`GESSO_TEST_DB is "${kind}"; it may be embedded, pglite or external.`);
}

export interface TestDatabaseOptions {
  readonly migrated?: boolean;
  /** More than the usual few: then the embedded server is one of its own. */
  readonly pool_max?: number;
  /** For several processes: PGlite opens in one, and the embedded server is taken in its place. */
  readonly is_shared?: boolean;
}

/** `close()` also removes the database. */
export async function openTestDatabase(options: TestDatabaseOptions = {}): Promise<Database> {
  const wanted = testDatabaseKind();
  const kind = wanted === 'pglite' && options.is_shared === true ? 'embedded' : wanted;
  const database = kind === 'pglite' ? await openInProcess() : await openOnServer(kind, options.pool_max ?? POOL_MAX);
  if (options.migrated !== false) await migrate(database);
  return database;
}

async function openOnServer(kind: 'embedded' | 'external', pool_max: number): Promise<Database> {
  const server = kind === 'external' ? externalServer() : await embeddedServer(pool_max > POOL_MAX);
  const name = `gesso_test_${randomBytes(6).toString('hex')}`;
  await runOn(server.url, `create database ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const database = await openDatabase({
    database_url: url.href,
    data_dir: '',
    embedded: 'auto',
    pool_max,
    log: silent,
  });
  return {
    ...database,
    async close() {
      await database.close();
      await runOn(server.url, `drop database ${name} with (force)`);
      await server.close();
    },
  };
}

interface Server {
  readonly url: string;
  close(): Promise<void>;
}

function externalServer(): Server {
  const url = process.env.TEST_DATABASE_URL;
  if (url === undefined) throw new Error('GESSO_TEST_DB=external needs TEST_DATABASE_URL.');
  return { url, close: async () => {} };
}

/** The run's shared server, started by whichever file comes first; one of our own outside a run, or when asked for. */
async function embeddedServer(own: boolean): Promise<Server> {
  const shared = own ? undefined : process.env.GESSO_TEST_DIR;
  const directory = shared ?? (await mkdtemp(join(tmpdir(), 'gesso-test-')));
  const socket_dir = await oneAtATime(join(directory, 'server.lock'), async () => {
    const cluster = await findCluster(directory);
    const running = cluster === null ? null : await findPostmaster(cluster);
    if (running !== null) return running.socket_dir;
    const server = await startEmbedded({ data_dir: directory, log: silent, durable: false });
    server.leave();
    return server.socket_dir;
  });
  return {
    url: `postgresql://${USER}@localhost/${DATABASE}?host=${encodeURIComponent(socket_dir)}`,
    async close() {
      if (shared !== undefined) return;
      const cluster = await findCluster(directory);
      if (cluster !== null) await stopPostmaster(cluster);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A copy of a database that was made once for the run, since making one takes seconds and opening one does not. */
async function openInProcess(): Promise<Database> {
  const directory = await mkdtemp(join(tmpdir(), 'gesso-test-'));
  const shared = process.env.GESSO_TEST_DIR;
  if (shared !== undefined) {
    const template = join(shared, 'pglite');
    const made = join(shared, 'pglite.made');
    await oneAtATime(join(shared, 'pglite.lock'), async () => {
      // Opened once and never again: another file's test may be copying it.
      if (await isThere(made)) return;
      await (await openPglite(template)).destroy();
      await writeFile(made, '');
    });
    await cp(template, join(directory, 'pglite'), { recursive: true });
  }
  const database = await openDatabase({ data_dir: directory, embedded: 'pglite', pool_max: 1, log: silent });
  return {
    ...database,
    async close() {
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function oneAtATime<T>(path: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const taken = await takePidLock(path, new Date());
    if ('holder' in taken) {
      await delay(10);
      continue;
    }
    try {
      return await work();
    } finally {
      await taken.lock.release();
    }
  }
}

async function runOn(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
