/** The real app on a fresh data directory and a free port, with the database that GESSO_TEST_DB names. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type AppOptions, createApp } from '../../src/app.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import type { App } from '../../src/contracts/app.ts';
import { type Database, openDatabase } from '../../src/store/open-database.ts';
import type { Db } from '../../src/store/tables.ts';
import { openTestDatabase, silent, testDatabaseKind } from '../store/database-under-test.ts';

export const testKeys = {
  admin: 'sk-admin-for-tests-only-0001',
  live: 'sk-live-for-tests-only-0001',
  test: 'sk-test-for-tests-only-0001',
} as const;

export interface TestApp {
  readonly app: App;
  readonly url: string;
  readonly data_dir: string;
  /** Everything logged so far. */
  log(): string;
  /** Its database, once `app` is closed: the one that it brings itself opens for one process at a time. */
  openDatabase(): Promise<Database>;
  /**
   * Stops the app and starts it on what it left, with `changes` to its settings; `between` may look into the database
   * meanwhile. The URL is a new one.
   */
  restart(between?: (db: Db) => Promise<void>, changes?: Partial<Config>): Promise<void>;
  close(): Promise<void>;
}

/** Settings that lead to a database of the kind under test; an external one is made and dropped for each app. */
async function databaseSettings(): Promise<{ settings: Record<string, string>; drop: () => Promise<void> }> {
  switch (testDatabaseKind()) {
    case 'embedded':
      return { settings: { GESSO_EMBEDDED_DB: 'postgres' }, drop: async () => {} };
    case 'pglite':
      return { settings: { GESSO_EMBEDDED_DB: 'pglite' }, drop: async () => {} };
    case 'external': {
      const database = await openTestDatabase({ migrated: false });
      const settings = { DATABASE_URL: database.url_for_children ?? '', GESSO_SECRET: 'for-tests-only-'.repeat(3) };
      return { settings, drop: () => database.close() };
    }
  }
}

async function withDatabase(config: Config, use: (db: Db) => Promise<void>): Promise<void> {
  const database = await openDatabase({
    database_url: config.DATABASE_URL,
    data_dir: config.GESSO_DATA_DIR,
    embedded: config.GESSO_EMBEDDED_DB,
    pool_max: config.DATABASE_POOL_MAX,
    log: silentLog,
  });
  try {
    await use(database.db);
  } finally {
    await database.close();
  }
}

const silentLog = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

export async function startTestApp(
  environment: Readonly<Record<string, string>> = {},
  options: Pick<AppOptions, 'engine'> = {},
): Promise<TestApp> {
  const data_dir = await mkdtemp(join(tmpdir(), 'gesso-app-'));
  const lines: string[] = [];
  const logDestination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const database = await databaseSettings();
  const config = loadConfig({
    ...database.settings,
    PORT: '0',
    GESSO_DATA_DIR: data_dir,
    GESSO_ADMIN_KEY: testKeys.admin,
    GESSO_LIVE_KEY: testKeys.live,
    GESSO_TEST_KEY: testKeys.test,
    ...environment,
  });
  const start = async (changes: Partial<Config> = {}) => {
    const app = await createApp({ ...config, ...changes }, { logDestination, environment, ...options });
    return { app, url: await app.listen() };
  };
  let running = await start();
  return {
    get app() {
      return running.app;
    },
    get url() {
      return running.url;
    },
    data_dir,
    log: () => lines.join(''),
    openDatabase: () =>
      openDatabase({
        database_url: config.DATABASE_URL,
        data_dir,
        embedded: config.GESSO_EMBEDDED_DB,
        pool_max: 2,
        log: silent,
      }),
    async restart(between, changes = {}) {
      await running.app.close();
      if (between !== undefined) await withDatabase(config, between);
      running = await start(changes);
    },
    async close() {
      await running.app.close();
      await database.drop();
      await rm(data_dir, { recursive: true, force: true });
    },
  };
}
