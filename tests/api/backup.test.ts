/** `gesso backup` of a server that is at work, `gesso restore` into an empty place, and a server on what came out. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import { testWorld } from '../../src/cli/test-world.ts';
import type { Environment } from '../../src/cli/world.ts';
import { cliParts } from '../../src/cli-parts.ts';
import { loadConfig } from '../../src/config.ts';
import { openTestDatabase, testDatabaseKind } from '../store/database-under-test.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';
import { zeroCostEngine } from '../support/zero-cost-engine.ts';

const secret = 'the secret of the first server, which signs';

let server: TestApp;
let directory: string;
const undo: (() => Promise<void>)[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gesso-backup-'));
  server = await startTestApp({ GESSO_SECRET: secret }, { engine: zeroCostEngine() });
});
afterAll(async () => {
  await server.close();
  for (const step of undo.toReversed()) await step();
  await rm(directory, { recursive: true, force: true });
});

async function run(env: Environment, ...line: string[]) {
  const world = testWorld({ arguments: line, env, parts: cliParts });
  return { code: await runCli(world), out: world.out(), err: world.err() };
}

const asOperator = (): Environment => ({ GESSO_URL: server.url, GESSO_API_KEY: testKeys.admin });

async function generate(index: number): Promise<string> {
  const answer = await fetch(`${server.url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKeys.live}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gesso/sketch', prompt: `a lighthouse, the ${index}th`, size: '64x64' }),
  });
  const { data } = (await answer.json()) as { data: { url: string }[] }; // As the API answers.
  return data[0]?.url ?? '';
}

/** Where nothing is yet, of the kind under test. */
async function emptyPlace(GESSO_SECRET = 'a secret of another server, unlike it'): Promise<Environment> {
  const GESSO_DATA_DIR = await mkdtemp(join(directory, 'place-'));
  const kind = testDatabaseKind();
  if (kind !== 'external')
    return { GESSO_SECRET, GESSO_DATA_DIR, GESSO_EMBEDDED_DB: kind === 'pglite' ? 'pglite' : 'postgres' };
  const database = await openTestDatabase({ migrated: false });
  undo.push(() => database.close());
  return { GESSO_SECRET, GESSO_DATA_DIR, DATABASE_URL: database.url_for_children };
}

test('a backup while 20 generations a second are made is one moment, and a server starts from it', {
  timeout: 60_000,
}, async () => {
  const first = await generate(0);
  const file = join(directory, 'busy.tar.zst');
  const made: Promise<string>[] = [];
  const backup = run(asOperator(), 'backup', file, '--media', '--json');
  for (let index = 1; index <= 20; index++) {
    made.push(generate(index));
    await delay(50);
  }
  const { code, out, err } = await backup;
  expect([code, err]).toEqual([0, '']);
  await Promise.all(made);
  const report = JSON.parse(out);
  expect(report).toMatchObject({ object: 'backup', file, media: true, blobs_missing: 0 });
  expect(report.rows.generations).toBeGreaterThanOrEqual(1);
  expect(report.rows.generations).toBeLessThanOrEqual(21);
  expect((await stat(file)).mode & 0o777).toBe(0o600);

  const place = await emptyPlace();
  const restored = await run(place, 'restore', file);
  expect(restored.err).toBe('');
  expect(restored.out).toContain('The books agree');
  expect(restored.out).toContain('GESSO_SECRET is another one');
  expect((await run(await emptyPlace(secret), 'restore', file)).out).not.toContain('GESSO_SECRET');
  const app = await createApp(loadConfig({ ...place, PORT: '0', LOG_LEVEL: 'silent' }));
  try {
    const url = await app.listen();
    expect(app.firstKeys).toBeNull();
    const headers = { authorization: `Bearer ${testKeys.admin}` };
    const ledger = await (await fetch(`${url}/v1/admin/ledger/verify`, { headers })).json();
    expect(ledger).toMatchObject({ ok: true, generations: report.rows.generations });
    const [before, after] = await Promise.all([first, `${url}${new URL(first).pathname}`].map(bytesOf));
    expect(after).toEqual(before);
  } finally {
    await app.close();
  }
  // There is something now.
  const again = await run(place, 'restore', file);
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('into an empty database')]);
});

async function bytesOf(url: string): Promise<Buffer> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

test('only the operator takes backups, and only of this machine is one restored', async () => {
  const file = join(directory, 'refused.tar.zst');
  const stranger = await run({ ...asOperator(), GESSO_API_KEY: testKeys.live }, 'backup', file);
  expect([stranger.code, stranger.err]).toEqual([1, expect.stringContaining('may')]);
  await expect(stat(file)).rejects.toThrow('ENOENT');
  expect((await run(asOperator(), 'restore', file)).err).toContain('GESSO_URL');
  expect((await run(asOperator(), 'backup', '-', '--json')).code).toBe(2);
  expect((await run(asOperator(), 'backup', join(directory, 'nowhere', 'file'))).err).toContain(
    'there is no directory',
  );
  const place = await emptyPlace();
  expect((await run(place, 'restore', file)).err).toContain(`There is no file ${file}`);
  await writeFile(file, 'no backup');
  expect((await run(place, 'restore', file)).err).toContain('This is no backup of Gesso');
});

test('a file that stood there before stays until the new one is whole', async () => {
  const file = join(directory, 'old.tar.zst');
  await writeFile(file, 'the one of yesterday');
  const broken = { ...cliParts, checkBackup: () => Promise.reject(new Error('The disk forgot.')) };
  const world = testWorld({ arguments: ['backup', file], env: asOperator(), parts: broken });
  expect(await runCli(world)).toBe(1);
  expect(await readFile(file, 'utf8')).toBe('the one of yesterday');
  await expect(stat(`${file}.part`)).rejects.toThrow('ENOENT');
  const { out } = await run(asOperator(), 'backup', file);
  expect(out).toContain('read back and whole');
  expect(out).toContain('Pictures and files are not in it');
});

test('a backup that is stopped leaves nothing behind', async () => {
  const file = join(directory, 'stopped.tar.zst');
  const world = testWorld({
    arguments: ['backup', file],
    env: asOperator(),
    parts: {
      ...cliParts,
      checkBackup: (source, onProgress) => {
        world.send('SIGINT');
        return cliParts.checkBackup(source, onProgress);
      },
    },
  });
  expect([await runCli(world), world.err()]).toEqual([1, expect.stringContaining('Stopped: nothing was kept.')]);
  for (const path of [file, `${file}.part`]) await expect(stat(path)).rejects.toThrow('ENOENT');
});

test('without a server, the command line does it itself, through pipes too', { timeout: 60_000 }, async () => {
  const place = await emptyPlace();
  const gesso = join(import.meta.dirname, '..', '..', 'bin', 'gesso.js');
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...place };
  const { stdout } = await promisify(execFile)(process.execPath, [gesso, 'backup', '-'], {
    env,
    encoding: 'buffer',
    maxBuffer: 2 ** 24,
  });
  const next = await emptyPlace();
  const restoring = promisify(execFile)(process.execPath, [gesso, 'restore', '-', '--json'], {
    env: { ...env, ...next },
  });
  restoring.child.stdin?.end(stdout);
  const report = JSON.parse((await restoring).stdout);
  expect(report).toMatchObject({ object: 'restore', rows: { accounts: 1, keys: 3 }, ledger: { faults: 0 } });
});
