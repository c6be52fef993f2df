/**
 * Kills the whole server while it draws and stores pictures, again and again: it must start again by itself each time,
 * every picture that a client was given must still be there and whole, and nothing half-written may ever be served.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findCluster } from '../../src/store/embedded/cluster-place.ts';
import { findPostmaster, stopPostmaster } from '../../src/store/embedded/postmaster.ts';
import { openDatabase } from '../../src/store/open-database.ts';
import { randomFrom } from './random-from.ts';

export interface KillServerOptions {
  readonly rounds: number;
  readonly kind: 'embedded' | 'pglite';
  readonly seed: number;
}

export interface KillServerResult {
  /** Pictures whose answer reached the client. */
  readonly acknowledged: number;
  /** Of those, what is missing, damaged or other bytes than before: must be empty. */
  readonly faults: readonly string[];
  /** Starts after a kill until the server was ready, in milliseconds. */
  readonly restarts_ms: readonly number[];
  /** Generations that a dead process left as running after the last start: must be 0. */
  readonly left_running: number;
}

interface Picture {
  readonly generation: string;
  readonly path: string;
  /** Null when the server died between its answer and our look at the picture. */
  sha256: string | null;
}

const KEY = 'sk-test-for-the-kill-loop';
const root = join(import.meta.dirname, '..', '..');
const CLIENTS = 4;
const WRITING_MS_MAX = 400;
const FIRST_ANSWER_MS_MAX = 10_000;
/** Embedded: how often the database process dies with its owner, and has to recover. */
const DATABASE_KILLED = 0.3;
const READY_WITHIN_MS = 30_000;

export async function killServerLoop({ rounds, kind, seed }: KillServerOptions): Promise<KillServerResult> {
  const data_dir = await mkdtemp(join(tmpdir(), 'gesso-kill-'));
  const random = randomFrom(seed);
  const pictures: Picture[] = [];
  const faults: string[] = [];
  const restarts_ms: number[] = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const started = performance.now();
      const server = await startServer(data_dir, kind);
      if (round > 0) restarts_ms.push(performance.now() - started);
      for (const picture of pictures) faults.push(...(await checkPicture(server.url, picture)));
      if (round === rounds) {
        server.child.kill('SIGTERM');
        await once(server.child, 'exit');
        break;
      }
      const clients = Array.from({ length: CLIENTS }, () => drawUntilKilled(server.url, random, pictures));
      // Cold engines differ between machines, so the clock starts with the first answer.
      const before = pictures.length;
      for (let waited = 0; pictures.length === before && waited < FIRST_ANSWER_MS_MAX; waited += 10) await delay(10);
      await delay(random() * WRITING_MS_MAX);
      if (random() < DATABASE_KILLED) await killDatabase(data_dir);
      server.child.kill('SIGKILL');
      await once(server.child, 'exit');
      await Promise.all(clients);
    }
    return {
      acknowledged: pictures.length,
      faults,
      restarts_ms,
      left_running: await countRunning(data_dir, kind, pictures, faults),
    };
  } finally {
    const cluster = await findCluster(data_dir);
    if (cluster !== null) await stopPostmaster(cluster);
    await rm(data_dir, { recursive: true, force: true });
  }
}

async function startServer(
  data_dir: string,
  kind: KillServerOptions['kind'],
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const port = await freePort();
  const child = spawn(process.execPath, [join(root, 'bin', 'gesso.js'), 'serve'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      PORT: String(port),
      GESSO_DATA_DIR: data_dir,
      GESSO_TEST_KEY: KEY,
      GESSO_EMBEDDED_DB: kind === 'embedded' ? 'postgres' : 'pglite',
      LOG_LEVEL: 'error',
    },
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const url = `http://127.0.0.1:${port}`;
  const until = performance.now() + READY_WITHIN_MS;
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`the server did not start again (code ${child.exitCode}): ${errors}`);
    const ready = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return { child, url };
    await delay(20);
  }
  child.kill('SIGKILL');
  throw new Error(`the server was not ready within ${READY_WITHIN_MS} ms: ${errors}`);
}

/** One client: draws small pictures one after another until the connection dies. */
async function drawUntilKilled(url: string, random: () => number, pictures: Picture[]): Promise<void> {
  for (;;) {
    try {
      const answer = await fetch(`${url}/v1/images/generations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'gesso/sketch',
          prompt: 'a lighthouse in a storm',
          size: '256x256',
          seed: Math.floor(random() * 2 ** 32),
        }),
      });
      if (!answer.ok) return;
      const body = (await answer.json()) as { data: { url: string }[]; metadata: { request_id: string } };
      const picture: Picture = {
        generation: body.metadata.request_id,
        path: new URL(body.data[0]?.url ?? '').pathname,
        sha256: null,
      };
      // The answer is the promise: from here on the picture must be there.
      pictures.push(picture);
      picture.sha256 = hash(Buffer.from(await (await fetch(`${url}${picture.path}`)).arrayBuffer()));
    } catch {
      // The server was killed under us: what was not answered was not promised.
      return;
    }
  }
}

/** The bytes are those of before, and those that the server itself names by their hash in the entity tag. */
async function checkPicture(url: string, picture: Picture): Promise<string[]> {
  const { path } = picture;
  const answer = await fetch(`${url}${path}`);
  if (answer.status !== 200) return [`${path}: ${answer.status}`];
  const bytes = Buffer.from(await answer.arrayBuffer());
  const sha256 = hash(bytes);
  if (answer.headers.get('etag') !== `"${sha256}"`)
    return [`${path}: ${bytes.length} bytes that are not what they are called`];
  picture.sha256 ??= sha256;
  return picture.sha256 === sha256 ? [] : [`${path}: other bytes than before`];
}

/** Looks into the database itself: every answered generation is completed, and none is left running. */
async function countRunning(
  data_dir: string,
  kind: KillServerOptions['kind'],
  pictures: readonly Picture[],
  faults: string[],
): Promise<number> {
  const database = await openDatabase({
    data_dir,
    embedded: kind === 'embedded' ? 'postgres' : 'pglite',
    pool_max: 2,
    log: { info() {}, warn() {}, error() {} },
  });
  try {
    const rows = await database.db.selectFrom('generations').select(['id', 'status']).execute();
    const status = new Map(rows.map((row) => [row.id, row.status]));
    for (const { generation } of pictures) {
      if (status.get(generation) !== 'completed') faults.push(`${generation}: ${status.get(generation) ?? 'lost'}`);
    }
    return rows.filter((row) => row.status === 'running').length;
  } finally {
    await database.close();
  }
}

async function killDatabase(data_dir: string): Promise<void> {
  const cluster = await findCluster(data_dir);
  const postmaster = cluster === null ? null : await findPostmaster(cluster);
  if (postmaster !== null) process.kill(postmaster.pid, 'SIGKILL');
}

const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
