/**
 * Kills the whole server while it draws and stores pictures, again and again: it must start again by itself each time,
 * every picture that a client was given must still be there and whole, and nothing half-written may ever be served.
 * Its clients pay: after each start the books must agree, and in the end each delivered picture was charged once,
 * others were not, and nothing is held.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { findCluster } from '../../src/store/embedded/cluster-place.ts';
import { findPostmaster, stopPostmaster } from '../../src/store/embedded/postmaster.ts';
import { type Database, openDatabase } from '../../src/store/open-database.ts';
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
  /** Micro-dollars that clients were told they paid. */
  readonly paid_micros: number;
  /** Whether `gesso ledger verify` found the fault that was planted in the end. */
  readonly planted_found: boolean;
}

interface Picture {
  readonly generation: string;
  readonly path: string;
  /** Null when the server died between its answer and our look at the picture. */
  sha256: string | null;
}

/** An answer with pictures: what it was told to cost, and how many there were. */
interface Sale {
  readonly generation: string;
  readonly cost_micros: number;
  readonly pictures: number;
}

const ADMIN_KEY = 'sk-admin-for-the-kill-loop';
const PICTURE_MICROS = 30_000;
const CREDIT_USD = '1000';
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
  const sales: Sale[] = [];
  const faults: string[] = [];
  let key: string | null = null;
  const restarts_ms: number[] = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const started = performance.now();
      const server = await startServer(data_dir, kind);
      if (round > 0) restarts_ms.push(performance.now() - started);
      key ??= await makeCustomer(server.url);
      for (const picture of pictures) faults.push(...(await checkPicture(server.url, picture)));
      faults.push(...(await verifyBooks(server.url)).faults);
      if (round === rounds) {
        server.child.kill('SIGTERM');
        await once(server.child, 'exit');
        break;
      }
      const customer = key;
      const clients = Array.from({ length: CLIENTS }, () =>
        drawUntilKilled({ url: server.url, key: customer, random, pictures, sales }),
      );
      // Cold engines differ between machines, so the clock starts with the first answer.
      const before = pictures.length;
      for (let waited = 0; pictures.length === before && waited < FIRST_ANSWER_MS_MAX; waited += 10) await delay(10);
      await delay(random() * WRITING_MS_MAX);
      if (random() < DATABASE_KILLED) await killDatabase(data_dir);
      server.child.kill('SIGKILL');
      await once(server.child, 'exit');
      await Promise.all(clients);
    }
    const left_running = await lookInside(data_dir, kind, (database) => checkSales(database, sales, faults));
    await lookInside(data_dir, kind, plantFault);
    const server = await startServer(data_dir, kind);
    const planted = await verifyBooks(server.url);
    server.child.kill('SIGTERM');
    await once(server.child, 'exit');
    return {
      acknowledged: pictures.length,
      faults,
      restarts_ms,
      left_running,
      paid_micros: sales.reduce((sum, { cost_micros }) => sum + cost_micros, 0),
      planted_found: planted.code === 1 && planted.faults.length === 1,
    };
  } finally {
    const cluster = await findCluster(data_dir);
    if (cluster !== null) await stopPostmaster(cluster);
    await rm(data_dir, { recursive: true, force: true });
  }
}

export async function startServer(
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
      GESSO_ADMIN_KEY: ADMIN_KEY,
      GESSO_TEST_CREDIT_USD: CREDIT_USD,
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

/** A prepaid account's test key: it pays with play money by the same rules. */
export async function makeCustomer(url: string): Promise<string> {
  const post = async (path: string, body: object): Promise<{ readonly id: string; readonly key: string }> => {
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { readonly id: string; readonly key: string }; // Our own API, by its document.
  };
  const { id } = await post('/v1/admin/accounts', { name: 'who pays' });
  return (await post('/v1/keys', { name: 'pays', mode: 'test', account_id: id })).key;
}

/** `gesso ledger verify`, as an operator runs it. */
export async function verifyBooks(url: string): Promise<{ readonly code: number; readonly faults: readonly string[] }> {
  const env = { ...process.env, GESSO_URL: url, GESSO_API_KEY: ADMIN_KEY };
  const command = [join(root, 'bin', 'gesso.js'), 'ledger', 'verify', '--json'];
  const ended = await promisify(execFile)(process.execPath, command, { env }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { readonly code: number; readonly stdout: string }) => error,
  );
  const report = JSON.parse(ended.stdout) as { readonly faults: readonly object[] }; // Our own answer.
  return { code: ended.code, faults: report.faults.map((fault) => `books: ${JSON.stringify(fault)}`) };
}

interface Client {
  readonly url: string;
  readonly key: string;
  readonly random: () => number;
  readonly pictures: Picture[];
  readonly sales: Sale[];
}

/** What providers do, in turn by chance: deliver, deliver a part, refuse, hand over to the next, take their time. */
const fates: readonly object[] = [
  {},
  {},
  { n: 2 },
  { n: 2, simulate: 'partial' },
  { simulate: 'content_policy' },
  { simulate: ['overloaded', 'ok'] },
  { simulate: 'timeout' },
  { simulate_delay_ms: 150 },
];

/** One client: draws small pictures one after another until the connection dies. */
async function drawUntilKilled({ url, key, random, pictures, sales }: Client): Promise<void> {
  for (;;) {
    try {
      const answer = await fetch(`${url}/v1/images/generations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'flux-2-pro',
          prompt: 'a lighthouse in a storm',
          size: '256x256',
          seed: Math.floor(random() * 2 ** 32),
          response_format: 'url',
          ...fates[Math.floor(random() * fates.length)],
        }),
      });
      const body = (await answer.json()) as {
        readonly data: readonly { readonly url: string }[];
        readonly metadata: { readonly request_id: string; readonly cost_micros: number };
      };
      // Refused and failed ones are wanted too: they must cost nothing.
      if (!answer.ok) continue;
      const generation = body.metadata.request_id;
      sales.push({ generation, cost_micros: body.metadata.cost_micros, pictures: body.data.length });
      // The answer is the promise: from here on the pictures must be there.
      const given = body.data.map(
        ({ url: link }): Picture => ({ generation, path: new URL(link).pathname, sha256: null }),
      );
      pictures.push(...given);
      for (const picture of given)
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

async function lookInside<T>(
  data_dir: string,
  kind: KillServerOptions['kind'],
  look: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({
    data_dir,
    embedded: kind === 'embedded' ? 'postgres' : 'pglite',
    pool_max: 2,
    log: { info() {}, warn() {}, error() {} },
  });
  try {
    return await look(database);
  } finally {
    await database.close();
  }
}

/**
 * Looks into the database itself: every answered generation is completed and was charged by picture, once; whatever
 * else there is was not charged unless its pictures are there to be fetched; nothing is held. Returns what still runs.
 */
async function checkSales({ db }: Database, sales: readonly Sale[], faults: string[]): Promise<number> {
  const rows = await db.selectFrom('generations').select(['id', 'status', 'cost_micros']).execute();
  const found = new Map(rows.map((row) => [row.id, row]));
  const charges = Map.groupBy(
    await db.selectFrom('transfers').selectAll().where('entry', '=', 'charge').execute(),
    ({ generation_id }) => generation_id,
  );
  for (const { generation, cost_micros, pictures } of sales) {
    const { status, cost_micros: cost } = found.get(generation) ?? { status: 'lost', cost_micros: -1 };
    const amounts = charges.get(generation)?.map(({ amount_micros }) => amount_micros) ?? [];
    const right = Array.from({ length: pictures }, () => PICTURE_MICROS);
    if (status !== 'completed') faults.push(`${generation}: ${status}`);
    if (cost !== cost_micros || amounts.join() !== right.join())
      faults.push(`${generation}: told ${cost_micros}, written ${cost}, charged ${amounts.join(' and ')}`);
  }
  const held = await db.selectFrom('wallets').selectAll().where('held_micros', '<>', 0).execute();
  for (const wallet of held) faults.push(`${wallet.account_id}: ${wallet.held_micros} are held by nothing`);
  return rows.filter((row) => row.status === 'running').length;
}

/** A hand in the till, with the database's guards out of the way. */
async function plantFault({ db }: Database): Promise<void> {
  await sql`alter table wallets disable trigger user`.execute(db);
  await sql`update wallets set balance_micros = balance_micros - 1 where balance_micros > 0 and mode = 'test'`.execute(
    db,
  );
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
