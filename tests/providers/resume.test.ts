/**
 * Asynchronous work at providers with jobs: what was submitted is asked for until it ends, by whoever is there, and is
 * never submitted again. GESSO_TEST_JOB_MS makes the job as long as one likes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { afterEach, expect, test } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';
import { startArkServer } from './servers/ark-server.ts';
import { startFalServer } from './servers/fal-server.ts';
import type { ProviderServer } from './servers/kit.ts';
import { startReplicateServer } from './servers/replicate-server.ts';

const JOB_MS = Number(process.env.GESSO_TEST_JOB_MS ?? 1_500);
const PATIENCE_MS = JOB_MS + 60_000;

interface Resource {
  readonly id: string;
  readonly status: string;
  readonly output: { readonly media: readonly { readonly url: string }[] };
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly metadata: {
    readonly held_micros: number;
    readonly cost_micros: number;
    readonly attempts: readonly {
      readonly provider: string;
      readonly outcome: string;
      readonly error_class?: string;
    }[];
  };
}

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const providers = {
  fal: { start: () => startFalServer({ polls_until_done: 0 }), variables: ['FAL_KEY', 'FAL_BASE_URL'] },
  replicate: { start: () => startReplicateServer(), variables: ['REPLICATE_API_TOKEN', 'REPLICATE_BASE_URL'] },
  byteplus: { start: () => startArkServer(), variables: ['ARK_API_KEY', 'ARK_BASE_URL'] },
} as const;

async function openWorld(...names: readonly (keyof typeof providers)[]) {
  const servers: ProviderServer[] = [];
  const environment: Record<string, string> = { GESSO_SHUTDOWN_TIMEOUT_MS: '300' };
  for (const name of names) {
    const { start, variables } = providers[name];
    const server = await start();
    open.push(server);
    servers.push(server);
    Object.assign(environment, { [variables[0]]: server.key, [variables[1]]: server.base_url });
  }
  const app = await startTestApp(environment);
  open.push(app);
  return { app, servers };
}

async function ask(app: TestApp, method: string, path: string, body?: object): Promise<Resource> {
  const answer = await fetch(`${app.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${testKeys.live}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as Resource; // The shape is the document's.
}

async function start(app: TestApp, body: object = {}): Promise<Resource> {
  const input = { prompt: 'a lighthouse', size: '1024x1024' };
  return ask(app, 'POST', '/v1/generations', { model: 'seedream-4', input, wait: 0, ...body });
}

async function ended(app: TestApp, id: string): Promise<Resource> {
  for (;;) {
    const job = await ask(app, 'GET', `/v1/generations/${id}?wait=60`);
    if (!['queued', 'running'].includes(job.status)) return job;
  }
}

/** Until the provider has been asked for the job, so that its id is stored. */
async function untilAsked(server: ProviderServer): Promise<void> {
  while (!server.requests.some(({ role }) => role === 'poll')) await delay(10);
}

test.each(['fal', 'replicate'] as const)(
  'a job at %s outlives the server that submitted it',
  async (name) => {
    const { app, servers } = await openWorld(name);
    const [server] = servers;
    if (server === undefined) throw new Error('there is one');
    server.act({ kind: 'slow', shape: 'job', ms: JOB_MS });
    const { id, status } = await start(app);
    expect(status).toMatch(/queued|running/);
    await untilAsked(server);
    await app.restart();
    const job = await ended(app, id);
    expect(job).toMatchObject({ status: 'completed', error: null, metadata: { held_micros: 0, cost_micros: 30_000 } });
    expect(job.metadata.attempts).toMatchObject([{ provider: name, outcome: 'success' }]);
    const picture = await fetch(job.output.media[0]?.url ?? '');
    expect(await sharp(Buffer.from(await picture.arrayBuffer())).metadata()).toMatchObject({ width: 1024 });
    expect(server.submitted()).toBe(1);
  },
  PATIENCE_MS,
);

test('a dead process whose provider has no job: interrupted, nothing charged, nothing submitted again', async () => {
  const { app, servers } = await openWorld('byteplus');
  servers[0]?.act({ kind: 'slow', ms: 60_000 });
  const { id } = await start(app);
  while (servers[0]?.submitted() === 0) await delay(10);
  // As a process leaves it that is killed: the end of this one would still tell how its call ended.
  await app.restart(async (db) => {
    await db
      .updateTable('generations')
      .set({ status: 'running', runner_id: 'run_dead', completed_at: null, error: null, started_at: new Date() })
      .execute();
    await db
      .updateTable('attempts')
      // Another number, since what the end of this one may cost is booked by now.
      .set({ seq: 7, outcome: 'running', ended_at: null, error_class: null, possible_micros: null })
      .execute();
  });
  const job = await ended(app, id);
  expect(job).toMatchObject({
    status: 'failed',
    error: { code: 'interrupted' },
    metadata: { held_micros: 0, cost_micros: 0 },
  });
  expect(servers[0]?.submitted()).toBe(1);
});

test('a job that ended while nobody was there is fetched, however long that was', async () => {
  const { app, servers } = await openWorld('fal');
  const [fal] = servers;
  if (fal === undefined) throw new Error('there is one');
  fal.act({ kind: 'slow', shape: 'job', ms: 60_000 });
  const { id } = await start(app);
  await untilAsked(fal);
  await app.restart(async (db) => {
    fal.finishJobs();
    const started_at = new Date(Date.now() - 24 * 60 * 60_000);
    await db.updateTable('generations').set({ started_at }).where('id', '=', id).execute();
  });
  expect(await ended(app, id)).toMatchObject({ status: 'completed', metadata: { cost_micros: 30_000 } });
  expect(fal.submitted()).toBe(1);
}, 30_000);

test('a synchronous caller is told where its job goes on when the server must stop, and not to ask again', async () => {
  const { app, servers } = await openWorld('fal');
  const [fal] = servers;
  if (fal === undefined) throw new Error('there is one');
  fal.act({ kind: 'slow', shape: 'job', ms: 60_000 });
  const call = fetch(`${app.url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKeys.live}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'seedream-4', prompt: 'a lighthouse', size: '1024x1024' }),
  });
  await untilAsked(fal);
  await app.restart();
  const { status, headers } = await call;
  expect([status, headers.get('x-should-retry')]).toEqual([504, 'false']);
  fal.finishJobs();
  const id = headers.get('x-gesso-generation-id') ?? '';
  expect(await ended(app, id)).toMatchObject({ status: 'completed', metadata: { cost_micros: 30_000 } });
  expect(fal.submitted()).toBe(1);
}, 30_000);

test('canceled while it runs: the provider is told, and what it delivers no more is not charged', async () => {
  const { app, servers } = await openWorld('fal');
  const [fal] = servers;
  fal?.act({ kind: 'slow', shape: 'job', ms: 60_000 });
  const { id } = await start(app);
  if (fal !== undefined) await untilAsked(fal);
  await ask(app, 'POST', `/v1/generations/${id}/cancel`);
  expect(await ended(app, id)).toMatchObject({ status: 'canceled', metadata: { cost_micros: 0, held_micros: 0 } });
  expect(fal?.requests.filter(({ role }) => role === 'cancel')).toHaveLength(1);
});

test('canceled after another process has gone on with it: the provider is told all the same', async () => {
  const { app, servers } = await openWorld('fal');
  const [fal] = servers;
  if (fal === undefined) throw new Error('there is one');
  fal.act({ kind: 'slow', shape: 'job', ms: 60_000 });
  const { id } = await start(app);
  await untilAsked(fal);
  await app.restart();
  const asked = fal.requests.length;
  while (fal.requests.length === asked) await delay(10);
  await ask(app, 'POST', `/v1/generations/${id}/cancel`);
  while (!fal.requests.some(({ role }) => role === 'cancel')) await delay(10);
  // It had begun, and fal makes it to the end.
  fal.finishJobs();
  expect(await ended(app, id)).toMatchObject({ status: 'completed', metadata: { cost_micros: 30_000 } });
}, 30_000);

test('where every provider is at its limit, the work waits for better times', async () => {
  const { app, servers } = await openWorld('byteplus');
  servers[0]?.act({ kind: 'rate_limited', shape: 'retry_after' });
  const job = await ended(app, (await start(app)).id);
  expect(job.status).toBe('completed');
  expect(job.metadata.attempts.map(({ error_class }) => error_class)).toContain('rate_limited');
}, 30_000);
