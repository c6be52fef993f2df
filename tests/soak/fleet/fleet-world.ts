/** What a fleet stands on: one PostgreSQL, one S3 where there is a server for it, three providers and a customer's server, and its processes. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Database } from '../../../src/store/open-database.ts';
import { startArkServer } from '../../providers/servers/ark-server.ts';
import { startFalServer } from '../../providers/servers/fal-server.ts';
import type { ProviderServer } from '../../providers/servers/kit.ts';
import { startReplicateServer } from '../../providers/servers/replicate-server.ts';
import { openBucket, type TestBucket } from '../../s3/test-bucket.ts';
import { openTestDatabase } from '../../store/database-under-test.ts';
import { randomFrom } from '../random-from.ts';
import { type HookReceiver, startHookReceiver } from './hook-receiver.ts';
import { fleetActs } from './provider-acts.ts';
import { createServerProcess, type ServerProcess } from './server-process.ts';

export interface FleetWorld {
  readonly database: Database;
  readonly providers: readonly ProviderServer[];
  readonly hooks: HookReceiver;
  readonly servers: readonly ServerProcess[];
  readonly keys: Readonly<Record<'prepaid' | 'unmetered', string>>;
  /** False where each process keeps its pictures to itself, for want of an S3. */
  readonly hasSharedMedia: boolean;
  /** Pays into the prepaid wallet, by any server that is up; true where that was heard. */
  topUp(amount_usd: string): Promise<boolean>;
  /** `gesso ledger verify`, as an operator runs it: what it found, and with which code it ended. */
  verifyBooks(): Promise<{ readonly code: number; readonly faults: readonly string[] }>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly seed: number;
  readonly processes: number;
  readonly lease_ms: number;
  readonly work_deadline_ms: number;
  readonly webhook_timeout_ms: number;
}

const ADMIN_KEY = 'sk-admin-for-the-fleet-test';
const ACTS = 20_000;
/** All of them, those that were just killed, and ours must fit into the 40 of our own server. */
const POOL_MAX = 7;
const root = join(import.meta.dirname, '..', '..', '..');

export async function openFleetWorld(options: WorldOptions): Promise<FleetWorld> {
  const cleanup: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const undo of cleanup.splice(0).reverse()) await undo();
  };
  try {
    const directory = await mkdtemp(join(tmpdir(), 'gesso-fleet-'));
    cleanup.push(() => rm(directory, { recursive: true, force: true }));
    const database = await openTestDatabase({ migrated: false, pool_max: POOL_MAX, is_shared: true });
    cleanup.push(() => database.close());
    const bucket = hasS3() ? await openBucket() : null;
    if (bucket !== null) cleanup.push(() => bucket.close());
    const providers = await Promise.all([
      startArkServer(),
      startFalServer({ polls_until_done: 1 }),
      startReplicateServer({ polls_until_done: 1 }),
    ]);
    cleanup.push(() => Promise.all(providers.map((one) => one.close())));
    for (const [index, one] of providers.entries()) one.act(...fleetActs(one, randomFrom(options.seed + index), ACTS));
    const hooks = await startHookReceiver(randomFrom(options.seed + 10));
    cleanup.push(() => hooks.close());
    const settings = settingsOf(options, { database, bucket, providers, hooks });
    const servers = await Promise.all(
      Array.from({ length: options.processes }, (_, index) =>
        createServerProcess(`server-${index + 1}`, directory, settings),
      ),
    );
    cleanup.push(() => Promise.all(servers.map((one) => one.end('SIGKILL'))));
    // All at once on an empty database: they agree who migrates it.
    await Promise.all(servers.map((one) => one.start()));
    const { keys, prepaid_id } = await makeCustomers(servers, hooks);
    return {
      database,
      providers,
      hooks,
      servers,
      keys,
      hasSharedMedia: bucket !== null,
      async topUp(amount_usd) {
        const body = { amount: amount_usd };
        const path = `/v1/admin/accounts/${prepaid_id}/top-ups`;
        return administer(servers, 'POST', path, body).then(
          () => true,
          () => false,
        );
      },
      verifyBooks: () => verifyBooks(servers),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const hasS3 = (): boolean =>
  process.env.GESSO_TEST_S3_SERVER !== undefined || process.env.GESSO_TEST_S3_ENDPOINT !== undefined;

function settingsOf(
  { lease_ms, work_deadline_ms, webhook_timeout_ms }: WorldOptions,
  {
    database,
    bucket,
    providers,
    hooks,
  }: Pick<FleetWorld, 'database' | 'providers' | 'hooks'> & { readonly bucket: TestBucket | null },
): Record<string, string> {
  const [ark, fal, replicate] = providers;
  const { url_for_children } = database;
  if (url_for_children === undefined) throw new Error('A fleet needs a database that several processes can open.');
  return {
    ROLES: 'web,worker',
    LOG_LEVEL: 'warn',
    DATABASE_URL: url_for_children,
    DATABASE_POOL_MAX: String(POOL_MAX),
    GESSO_SECRET: 'for-the-fleet-test-only-'.repeat(2),
    GESSO_ADMIN_KEY: ADMIN_KEY,
    GESSO_LEASE_MS: String(lease_ms),
    GESSO_WORK_DEADLINE_MS: String(work_deadline_ms),
    GESSO_WEBHOOK_TIMEOUT_MS: String(webhook_timeout_ms),
    GESSO_FETCH_ALLOW_HOSTS: hooks.host,
    // A new account at fal has room for two jobs: too few to be killed in.
    GESSO_PROVIDER_LIMITS: 'fal.concurrent_max=64',
    GESSO_SKETCH_WORKERS: '1',
    ARK_API_KEY: ark?.key ?? '',
    ARK_BASE_URL: ark?.base_url ?? '',
    FAL_KEY: fal?.key ?? '',
    FAL_BASE_URL: fal?.base_url ?? '',
    REPLICATE_API_TOKEN: replicate?.key ?? '',
    REPLICATE_BASE_URL: replicate?.base_url ?? '',
    ...(bucket === null
      ? {}
      : {
          S3_BUCKET: bucket.access.bucket,
          S3_ENDPOINT: bucket.access.endpoint ?? '',
          S3_ACCESS_KEY_ID: bucket.access.credentials?.access_key_id ?? '',
          S3_SECRET_ACCESS_KEY: bucket.access.credentials?.secret_access_key ?? '',
        }),
  };
}

interface Answered {
  readonly id: string;
  readonly key: string;
  readonly signing_secret: string;
}

async function administer(
  servers: readonly ServerProcess[],
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  key = ADMIN_KEY,
): Promise<Answered> {
  const server = servers.find(({ isReady }) => isReady);
  const answer = await fetch(`${server?.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answered; // Our own API, by its document.
}

async function makeCustomers(servers: readonly ServerProcess[], hooks: HookReceiver) {
  const make = async (billing: 'prepaid' | 'unmetered'): Promise<Answered> => {
    const { id } = await administer(servers, 'POST', '/v1/admin/accounts', { name: billing, billing });
    const scopes = ['generate', 'read', 'manage'];
    const wish = { name: billing, mode: 'live', account_id: id, scopes };
    const { key } = await administer(servers, 'POST', '/v1/keys', wish);
    const { signing_secret } = await administer(servers, 'GET', '/v1/webhooks/secret', undefined, key);
    hooks.setSecret(billing, signing_secret);
    return { id, key, signing_secret };
  };
  const [prepaid, unmetered] = [await make('prepaid'), await make('unmetered')];
  return { keys: { prepaid: prepaid.key, unmetered: unmetered.key }, prepaid_id: prepaid.id };
}

async function verifyBooks(servers: readonly ServerProcess[]) {
  const env = { ...process.env, GESSO_URL: servers.find(({ isReady }) => isReady)?.url, GESSO_API_KEY: ADMIN_KEY };
  const command = [join(root, 'bin', 'gesso.js'), 'ledger', 'verify', '--json'];
  const ended = await promisify(execFile)(process.execPath, command, { env }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { readonly code: number; readonly stdout: string }) => error,
  );
  const report = JSON.parse(ended.stdout) as { readonly faults: readonly object[] }; // Our own answer.
  return { code: ended.code, faults: report.faults.map((fault) => `books: ${JSON.stringify(fault)}`) };
}
