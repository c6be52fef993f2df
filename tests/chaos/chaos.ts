/**
 * The real server before three providers that fail at random in every way that they know, under clients that ask for
 * everything and sometimes leave: each request must end once, no call may be repeated where it may bill, every picture
 * is stored once, and nothing is left behind.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { startArkServer } from '../providers/servers/ark-server.ts';
import { startFalServer } from '../providers/servers/fal-server.ts';
import type { ProviderServer } from '../providers/servers/kit.ts';
import { startReplicateServer } from '../providers/servers/replicate-server.ts';
import { randomFrom } from '../soak/random-from.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';
import { checkHosted } from './check-hosted.ts';
import { checkLeftovers, openSockets } from './check-leftovers.ts';
import { checkRecords } from './check-records.ts';
import { randomActs } from './random-acts.ts';
import { type ChaosRequest, makeReferences, randomRequest } from './random-request.ts';
import { type Ending, openClient } from './send-request.ts';

export interface ChaosOptions {
  readonly requests: number;
  readonly seed: number;
  /** Requests at once. */
  readonly concurrency: number;
}

export interface ChaosReport {
  /** What must not be: empty. */
  readonly faults: readonly string[];
  /** Requests by how they ended; `left` went away before the answer. */
  readonly ended: Readonly<Record<Ending['kind'], number>>;
  readonly codes: Readonly<Record<string, number>>;
  /** Generating calls that the providers saw. */
  readonly calls: number;
  readonly pictures: number;
  /** `provider kind shape` that no call met. */
  readonly never_acted: readonly string[];
  readonly seconds: number;
  /** Resident memory from a quarter of the way to the end, in MB, the servers' own records included. */
  readonly growth_mb: number;
}

/** What is silent costs its call so long. */
const WORK_DEADLINE_MS = 4_000;
/** A provider that asks for a pause is waited for, if it does not ask for too long. */
const SLOT_WAIT_MS = 6_000;
const DRAIN_MS_MAX = 30_000;

export async function runChaos({ requests, seed, concurrency }: ChaosOptions): Promise<ChaosReport> {
  const random = randomFrom(seed);
  const servers = await Promise.all([
    startArkServer(),
    startFalServer({ polls_until_done: 1 }),
    startReplicateServer({ second_ms: 5 }),
  ]);
  const app = await startApp(servers);
  const client = openClient(app.url);
  try {
    const references = await makeReferences();
    for (const server of servers) server.act(...randomActs(server, random, requests * 3));
    const wishes = Array.from({ length: requests }, (_, serial) => randomRequest(serial, random, references));
    const sockets = openSockets();
    const started = performance.now();
    const { endings, growth_mb } = await sendAll(wishes, concurrency, client.send);
    const faults = await drain(app);
    faults.push(...endings.flatMap(({ faults: own }) => own));
    faults.push(...(await checkHosted(endings)));
    await client.close();
    faults.push(...(await checkLeftovers(app.data_dir, sockets)));
    // The database of our own opens for one at a time.
    await app.app.close();
    faults.push(...(await checkRecords(app, servers, endings)));
    const ended = { success: 0, refusal: 0, error: 0, left: 0 };
    for (const { kind } of endings) ended[kind] += 1;
    return {
      faults,
      ended,
      codes: Object.fromEntries(
        [...Map.groupBy(endings, ({ code }) => code ?? 'none')].map(([code, { length }]) => [code, length]),
      ),
      calls: servers.reduce((sum, server) => sum + server.submitted(), 0),
      pictures: endings.reduce((sum, { pictures }) => sum + pictures.length, 0),
      never_acted: servers.flatMap(neverActed),
      seconds: (performance.now() - started) / 1000,
      growth_mb,
    };
  } finally {
    await client.close();
    await app.close();
    await Promise.all(servers.map((server) => server.close()));
  }
}

function startApp([ark, fal, replicate]: readonly ProviderServer[]): Promise<TestApp> {
  return startTestApp({
    ARK_API_KEY: ark?.key ?? '',
    ARK_BASE_URL: ark?.base_url ?? '',
    FAL_KEY: fal?.key ?? '',
    FAL_BASE_URL: fal?.base_url ?? '',
    REPLICATE_API_TOKEN: replicate?.key ?? '',
    REPLICATE_BASE_URL: replicate?.base_url ?? '',
    GESSO_WORK_DEADLINE_MS: String(WORK_DEADLINE_MS),
    GESSO_SLOT_WAIT_MS: String(SLOT_WAIT_MS),
  });
}

async function sendAll(
  wishes: readonly ChaosRequest[],
  concurrency: number,
  send: (wish: ChaosRequest) => Promise<Ending>,
): Promise<{ readonly endings: readonly Ending[]; readonly growth_mb: number }> {
  const endings: Ending[] = [];
  const rest = [...wishes].reverse();
  let rss_early = 0;
  const worker = async (): Promise<void> => {
    for (let wish = rest.pop(); wish !== undefined; wish = rest.pop()) {
      endings.push(await send(wish));
      if (endings.length === Math.ceil(wishes.length / 4)) rss_early = process.memoryUsage.rss();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { endings, growth_mb: (process.memoryUsage.rss() - rss_early) / 1e6 };
}

/** Until the work of clients that went away is done too. */
async function drain(app: TestApp): Promise<string[]> {
  for (const end = performance.now() + DRAIN_MS_MAX; performance.now() < end; await delay(50)) {
    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    if (/^gesso_work_in_hand 0$/m.test(metrics)) return [];
  }
  return [`work is still in hand ${DRAIN_MS_MAX} ms after the last answer`];
}

function neverActed(server: ProviderServer): string[] {
  const met = new Set(server.requests.map(({ act }) => `${act?.kind} ${act?.shape}`));
  return server.behaviours
    .map(({ kind, shape }) => `${kind} ${shape}`)
    .filter((name) => !met.has(name))
    .map((name) => `${server.provider} ${name}`);
}
