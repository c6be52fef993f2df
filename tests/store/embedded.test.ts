import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SYSTEM_DIR } from '../../src/store/embedded/binaries.ts';
import { findCluster } from '../../src/store/embedded/cluster-place.ts';
import { findPostmaster, readPostmaster, stopPostmaster, waitUntil } from '../../src/store/embedded/postmaster.ts';
import { migrations } from '../../src/store/migrate.ts';
import { type Database, openDatabase } from '../../src/store/open-database.ts';
import { isRunning } from '../../src/store/process-identity.ts';
import { silent, testDatabaseKind } from './database-under-test.ts';
import { startScript } from './start-script.ts';

const is_root = process.getuid?.() === 0;

/** Directories to remove, with the server of any cluster in them. */
let made: string[] = [];
let data_dir: string;

beforeEach(async () => {
  data_dir = await makeDirectory(tmpdir());
});
afterEach(async () => {
  for (const directory of made) await removeWithServer(directory);
  made = [];
});

async function makeDirectory(parent: string): Promise<string> {
  const directory = await mkdtemp(join(parent, 'gesso-test-'));
  made.push(directory);
  return directory;
}

async function removeWithServer(directory: string): Promise<void> {
  const cluster = await findCluster(directory).catch(() => null);
  if (cluster !== null) {
    await stopPostmaster(cluster);
    if (cluster.startsWith(SYSTEM_DIR)) await rm(join(cluster, '..'), { recursive: true, force: true });
  }
  await rm(directory, { recursive: true, force: true });
}

/** A cluster that was made and ended in order, to copy where a test is not about making one: that takes seconds. */
let template: string;
beforeAll(async () => {
  if (testDatabaseKind() !== 'embedded') return;
  template = await mkdtemp(join(tmpdir(), 'gesso-test-'));
  await (await open(template)).close();
});
afterAll(() => (template === undefined ? undefined : rm(template, { recursive: true, force: true })));

/** Gives a data directory a cluster, with its owner. */
function useTemplate(directory = data_dir): void {
  execFileSync('cp', ['-a', join(template, 'postgres'), directory]);
}

function open(directory = data_dir): Promise<Database> {
  return openDatabase({ data_dir: directory, embedded: 'postgres', pool_max: 4, log: silent });
}

async function setting(database: Database, name: string): Promise<string | undefined> {
  const { rows } = await sql<{ value: string }>`select current_setting(${name}) as value`.execute(database.db);
  return rows[0]?.value;
}

async function pidOf(directory = data_dir): Promise<number | undefined> {
  const cluster = await findCluster(directory);
  return cluster === null ? undefined : (await findPostmaster(cluster))?.pid;
}

describe.runIf(testDatabaseKind() === 'embedded')('an open server', () => {
  let directory: string;
  let database: Database;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gesso-test-'));
    useTemplate(directory);
    database = await open(directory);
  });
  afterAll(async () => {
    await database.close();
    await removeWithServer(directory);
  });

  test('is durable, in UTF8 whatever the locale is, and listens on a socket only', async () => {
    expect(await setting(database, 'server_encoding')).toBe('UTF8');
    expect(await setting(database, 'listen_addresses')).toBe('');
    expect(await setting(database, 'fsync')).toBe('on');
    const { rows } = await sql`select upper('é') as upper, 'a' < 'B' as mixed`.execute(database.db);
    expect(rows).toEqual([{ upper: 'É', mixed: false }]);
    expect(Math.abs((await database.now()) - Date.now())).toBeLessThan(60_000);
    expect(database.describe()).toMatch(/^embedded PostgreSQL 18\.\d+ in .* \(process \d+\)$/);
  });

  test.runIf(process.platform === 'linux')(
    'has a session of its own, which Ctrl-C in our terminal does not reach',
    async () => {
      const pid = await pidOf(directory);
      const text = await readFile(`/proc/${pid}/stat`, 'utf8');
      const [_state, _parent, group, session] = text
        .slice(text.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      expect([group, session]).toEqual([pid, pid]);
    },
  );

  test('has one opener: a second is told who has it', async () => {
    await expect(open(directory)).rejects.toThrow(`is open in process ${process.pid}`);
    await sql`select 1`.execute(database.db);
  });

  test.runIf(is_root)('runs as a user without rights when we are root, and lets nobody else in', async () => {
    const { uid, gid } = await stat((await findCluster(directory)) ?? '');
    expect(uid).not.toBe(0);
    expect((await stat(`/proc/${await pidOf(directory)}`)).uid).toBe(uid);
    const found = await stat(directory);
    expect([found.uid, found.gid, (found.mode & 0o777).toString(8)]).toEqual([0, gid, '710']);
  });
});

describe.runIf(testDatabaseKind() === 'embedded')('the embedded server', () => {
  test('keeps what was written, and is found by children at its URL', async () => {
    useTemplate();
    const first = await open();
    await sql`create table t (x int)`.execute(first.db);
    const child = await openDatabase({
      database_url: first.url_for_children,
      data_dir,
      embedded: 'auto',
      pool_max: 1,
      log: silent,
    });
    await sql`insert into t values (7)`.execute(child.db);
    await child.close();
    const pid = await pidOf();
    await first.close();
    expect(pid !== undefined && (await isRunning(pid))).toBe(false);
    expect(existsSync(join(data_dir, 'database.lock'))).toBe(false);
    const second = await open();
    expect((await sql`select x from t`.execute(second.db)).rows).toEqual([{ x: 7 }]);
    await second.close();
  });

  test('is started again when it is killed, and the pool finds it', async () => {
    useTemplate();
    const database = await open();
    await sql`create table t (x int)`.execute(database.db);
    const before = await pidOf();
    const killed = Promise.withResolvers<void>();
    const transaction = database.db.transaction().execute(async (inside) => {
      await sql`insert into t values (0)`.execute(inside);
      process.kill(before ?? 0, 'SIGKILL');
      await killed.promise;
      await sql`insert into t values (0)`.execute(inside);
    });
    const answers = () =>
      sql`insert into t values (1)`.execute(database.db).then(
        () => true,
        () => false,
      );
    const back = async () => (await pidOf()) !== undefined && (await pidOf()) !== before && (await answers());
    expect(await waitUntil(back, 15_000)).toBe(true);
    killed.resolve();
    await expect(transaction, 'one that was open fails, and nothing else does').rejects.toThrow();
    expect((await sql`select x from t`.execute(database.db)).rows).toEqual([{ x: 1 }]);
    await database.close();
  });

  test('left behind by a killed process, it is adopted with what was committed, and old sessions are ended', async () => {
    useTemplate();
    const holder = await startScript('hold-database.ts', [data_dir]);
    const left = await pidOf();
    await holder.kill();
    expect(left !== undefined && (await isRunning(left))).toBe(true);
    const database = await open();
    expect(await pidOf()).toBe(left);
    const { rows } = await sql`select name from schema_migrations where id = 1`.execute(database.db);
    expect(rows).toHaveLength(1);
    await database.close();
    expect(left !== undefined && (await isRunning(left))).toBe(false);
  });

  test('left behind and not answering, it is replaced, and there is never a second', async () => {
    useTemplate();
    const holder = await startScript('hold-database.ts', [data_dir]);
    const left = await pidOf();
    await holder.kill();
    const cluster = (await findCluster(data_dir)) ?? '';
    await rm(join(cluster, '.s.PGSQL.5432'));
    const database = await open();
    expect(await pidOf()).not.toBe(left);
    expect(left !== undefined && (await isRunning(left))).toBe(false);
    await database.close();
  });

  test('killed together with its owner, it recovers', async () => {
    useTemplate();
    const holder = await startScript('hold-database.ts', [data_dir]);
    const server = await pidOf();
    process.kill(server ?? 0, 'SIGKILL');
    await holder.kill();
    const database = await open();
    expect((await sql`select from schema_migrations`.execute(database.db)).rows).toHaveLength(migrations.length);
    await database.close();
  });

  test('a stale pid file that names a living stranger does not keep it from starting', async () => {
    useTemplate();
    const cluster = (await findCluster(data_dir)) ?? '';
    await writeFile(join(cluster, 'postmaster.pid'), `${process.pid}\n${cluster}\n1\n5432\n${cluster}\n\n0 0\nready\n`);
    const database = await open();
    expect((await readPostmaster(cluster))?.pid).not.toBe(process.pid);
    await database.close();
  });

  test('a data directory with a long path works: the socket lies in a short one', async () => {
    await chmod(data_dir, 0o755);
    const deep = join(data_dir, 'd'.repeat(60), 'e'.repeat(60), 'données et espaces');
    await mkdir(deep, { recursive: true });
    useTemplate(deep);
    const database = await open(deep);
    const { socket_dir } = (await readPostmaster((await findCluster(deep)) ?? '')) ?? { socket_dir: '' };
    expect(socket_dir.length).toBeLessThan(60);
    expect(((await stat(socket_dir)).mode & 0o777).toString(8)).toBe('700');
    await sql`select 1`.execute(database.db);
    await database.close();
    expect(existsSync(socket_dir)).toBe(false);
  });

  test('a cluster that was half made is made again; one of another version is refused', async () => {
    await mkdir(join(data_dir, 'postgres.new-1'));
    await writeFile(join(data_dir, 'postgres.new-1', 'PG_VERSION'), '18');
    await (await open()).close();
    expect(existsSync(join(data_dir, 'postgres.new-1'))).toBe(false);
    const version = join(data_dir, 'postgres', 'PG_VERSION');
    await writeFile(version, '17\n');
    await expect(open()).rejects.toThrow('was made by PostgreSQL 17, and this Gesso brings 18');
    await expect(
      openDatabase({ data_dir, embedded: 'auto', pool_max: 1, log: silent }),
      'with data there, nothing else is opened in its place',
    ).rejects.toThrow('PostgreSQL 17');
  });

  test('what the server says when it cannot start is told', async () => {
    useTemplate();
    await writeFile(join(data_dir, 'postgres', 'pg_hba.conf'), 'nonsense');
    await expect(open()).rejects.toThrow(/does not start: .*pg_hba\.conf/s);
  });
});

describe.runIf(testDatabaseKind() === 'embedded' && is_root)('as root', () => {
  describe('under a directory that only root may enter', () => {
    beforeEach(async () => {
      const closed = await makeDirectory(homedir());
      await chmod(closed, 0o700);
      data_dir = join(closed, 'data');
      await mkdir(data_dir);
      made.unshift(data_dir);
    });

    test('the cluster is kept where its user can reach it, and found again', async () => {
      const first = await open();
      await sql`create table t (x int)`.execute(first.db);
      const cluster = await findCluster(data_dir);
      expect(cluster?.startsWith(`${SYSTEM_DIR}/`)).toBe(true);
      expect(((await stat(data_dir)).mode & 0o777).toString(8), 'opened to nobody in vain').toBe('755');
      await first.close();
      const second = await open();
      await sql`select x from t`.execute(second.db);
      await second.close();
    });

    test('it follows a data directory that was moved, and not one that was copied', async () => {
      await (await open()).close();
      const cluster = await findCluster(data_dir);
      const copy = `${data_dir}-copy`;
      await cp(data_dir, copy, { recursive: true });
      await expect(open(copy)).rejects.toThrow('looks like a copy');
      await rm(copy, { recursive: true });
      await rename(data_dir, copy);
      made.unshift(copy);
      await (await open(copy)).close();
      expect(await findCluster(copy)).toBe(cluster);
    });

    test('one that is lost is told, never silently replaced by an empty one', async () => {
      await (await open()).close();
      await rm(join((await findCluster(data_dir)) ?? '', '..'), { recursive: true });
      await expect(openDatabase({ data_dir, embedded: 'auto', pool_max: 1, log: silent })).rejects.toThrow(
        'restore it',
      );
    });

    test('a data directory made anew begins empty, and the old database is moved aside', async () => {
      const holder = await startScript('hold-database.ts', [data_dir]);
      await holder.kill();
      const outside = join((await findCluster(data_dir)) ?? '', '..');
      await rm(data_dir, { recursive: true });
      const warnings: string[] = [];
      const log = { ...silent, warn: (_fields: object, message: string) => void warnings.push(message) };
      const database = await openDatabase({ data_dir, embedded: 'postgres', pool_max: 1, log });
      const { rows } = await sql`select to_regclass('schema_migrations')::text as found`.execute(database.db);
      expect(rows).toEqual([{ found: null }]);
      await database.close();
      expect(warnings[0]).toContain(`was moved to ${outside}.`);
      const aside = /moved to (\S+)\.$/.exec(warnings[0] ?? '')?.[1] ?? '';
      expect(existsSync(join(aside, 'postgres', 'PG_VERSION'))).toBe(true);
      await rm(aside, { recursive: true });
    });
  });
});
