/**
 * What the gateway adds to pictures that come in base64, beside a bare pass-through and, where PORTKEY_GATEWAY names the
 * start-server.js of an installed `@portkey-ai/gateway`, beside that. All three stand before the same provider, which is
 * a process of its own, as is each of them. Ours does more: it authenticates, routes, holds, looks at every picture,
 * labels it, stores it durably and writes everything down.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchPart, Figure } from '../support/bench-part.ts';
import { closedLoop, type Measured } from '../support/closed-loop.ts';
import { type ProviderProcess, startProvider } from '../support/provider-process.ts';
import { makeDataDirectory, type ServerProcess, startServer } from '../support/server-process.ts';

interface Size {
  readonly name: string;
  readonly answer_bytes: number;
  /** Requests in all, by how many at once. */
  readonly cells: readonly (readonly [concurrency: number, count: number])[];
}

const sizes: readonly Size[] = [
  {
    name: 'the smallest',
    answer_bytes: 0,
    cells: [
      [1, 60],
      [32, 320],
      [256, 512],
    ],
  },
  {
    name: '1.5 MB',
    answer_bytes: 1_500_000,
    cells: [
      [1, 20],
      [32, 128],
      [256, 256],
    ],
  },
  {
    name: '12 MB',
    answer_bytes: 12_000_000,
    cells: [
      [1, 6],
      [32, 32],
    ],
  },
];
const SECONDS_MAX = 20;
const IN_FLIGHT = 256;
const LARGE_BYTES = 12_000_000;
/** After the first picture, until start-up garbage has been collected. */
const IDLE_AFTER_MS = 5_000;
const LIVE_KEY = 'sk-live-for-the-benchmark';

const ask = { model: 'gpt-image-2', prompt: 'a cat on a mat', n: 1, size: '1024x1024' };

/** One way to the provider. */
interface Way {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for the way that has nothing in between. */
  readonly server: ServerProcess | null;
}

export const gateway: BenchPart = {
  name: 'gateway',
  async run() {
    const figures: Figure[] = [];
    for (const size of sizes) figures.push(...(await measureSize(size)));
    for (const format of ['b64_json', 'url'] as const) figures.push(...(await measureMemory(format)));
    return figures;
  },
};

async function measureSize({ name, answer_bytes, cells }: Size): Promise<Figure[]> {
  const provider = await startProvider('openai', answer_bytes);
  const directory = await makeDataDirectory();
  const ways = await openWays(provider, directory.path);
  const figures: Figure[] = [];
  for (const [concurrency, count] of cells) {
    const cell = `${name}, ${concurrency} at once`;
    const found = new Map<string, Measured & { readonly cpu_ms: number }>();
    for (const way of ways) {
      // One that is not counted warms up connections and code.
      await loadOn(way, 1, 2);
      const before = way.server?.cpuMs() ?? 0;
      const measured = await loadOn(way, concurrency, count);
      const cpu_ms = ((way.server?.cpuMs() ?? 0) - before) / measured.count;
      found.set(way.name, { ...measured, cpu_ms });
      tellFailures(`${cell}, ${way.name}`, measured);
    }
    figures.push(...cellFigures(cell, found));
  }
  for (const { server } of ways) await server?.stop();
  await provider.stop();
  await directory.remove();
  return figures;
}

/** Beside the table, since a rate among failures says little. */
function tellFailures(what: string, { failures, count }: Measured): void {
  if (failures.length === 0) return;
  process.stderr.write(`${what}: ${failures.length} of ${failures.length + count} failed: ${failures[0]}\n`);
}

function loadOn({ url, headers }: Way, concurrency: number, count: number): Promise<Measured> {
  const body = JSON.stringify(ask);
  return closedLoop({ url, headers, body, concurrency, count, seconds_max: SECONDS_MAX });
}

function cellFigures(cell: string, found: ReadonlyMap<string, Measured & { readonly cpu_ms: number }>): Figure[] {
  const direct = found.get('direct');
  const ours = found.get('ours');
  if (direct === undefined || ours === undefined) return [];
  const added = [...found].flatMap(([way, { p50_ms, p99_ms, rate, cpu_ms }]): Figure[] =>
    way === 'direct'
      ? [{ name: `${cell}, without a gateway`, value: rate, unit: 'requests/s' }]
      : [
          { name: `${cell}, ${way}: added p50`, value: p50_ms - direct.p50_ms, unit: 'ms' },
          { name: `${cell}, ${way}: added p99`, value: p99_ms - direct.p99_ms, unit: 'ms' },
          { name: `${cell}, ${way}`, value: rate, unit: 'requests/s' },
          { name: `${cell}, ${way}: processor time each`, value: cpu_ms, unit: 'ms' },
        ],
  );
  const ratios = [...found].flatMap(([way, { rate }]): Figure[] =>
    way === 'direct' || way === 'ours'
      ? []
      : [{ name: `${cell}, our rate`, value: ours.rate / rate, unit: 'ratio', beside: way }],
  );
  return [...added, ...ratios];
}

async function openWays(provider: ProviderProcess, data_dir: string): Promise<Way[]> {
  const bearer = { authorization: `Bearer ${provider.key}` };
  const path = '/v1/images/generations';
  const floor = await startServer(
    data_dir,
    [process.execPath, 'bench/support/pass-through.ts'],
    { UPSTREAM_URL: provider.base_url },
    '/',
  );
  const ours = await startOurs(provider, data_dir);
  return [
    { name: 'direct', url: `${provider.base_url}/images/generations`, headers: bearer, server: null },
    { name: 'bare pass-through', url: `${floor.url}${path}`, headers: bearer, server: floor },
    { name: 'ours', url: `${ours.url}${path}`, headers: { authorization: `Bearer ${LIVE_KEY}` }, server: ours },
    ...(await portkey(provider, data_dir)),
  ];
}

function startOurs(provider: ProviderProcess, data_dir: string): Promise<ServerProcess> {
  const limits = ['requests_per_minute', 'images_per_minute', 'concurrent_max'];
  return startServer(data_dir, ['npm', 'start', '--silent'], {
    GESSO_LIVE_KEY: LIVE_KEY,
    OPENAI_API_KEY: provider.key,
    OPENAI_BASE_URL: provider.base_url,
    // What a new account at the provider may ask for in a minute is less than what is measured.
    GESSO_PROVIDER_LIMITS: limits.map((limit) => `openai/gpt-image-2.${limit}=1000000`).join(', '),
  });
}

async function portkey(provider: ProviderProcess, data_dir: string): Promise<Way[]> {
  const script = process.env.PORTKEY_GATEWAY;
  if (script === undefined) return [];
  const command = ['sh', '-c', 'exec "$0" "$1" --headless --port="$PORT"', process.execPath, script] as const;
  const server = await startServer(data_dir, command, { NODE_ENV: 'production' }, '/');
  const headers = {
    authorization: `Bearer ${provider.key}`,
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': provider.base_url,
  };
  return [{ name: '@portkey-ai/gateway', url: `${server.url}/v1/images/generations`, headers, server }];
}

/** The server as users start it, with so many large answers in flight at once. */
async function measureMemory(response_format: 'b64_json' | 'url'): Promise<Figure[]> {
  const provider = await startProvider('openai', LARGE_BYTES);
  const directory = await makeDataDirectory();
  const server = await startOurs(provider, directory.path);
  const load = {
    url: `${server.url}/v1/images/generations`,
    headers: { authorization: `Bearer ${LIVE_KEY}` },
    body: JSON.stringify({ ...ask, response_format }),
    seconds_max: Number.POSITIVE_INFINITY,
  };
  await closedLoop({ ...load, concurrency: 1, count: 1 });
  await sleep(IDLE_AFTER_MS);
  const idle_mb = server.memoryMb();
  server.watchMemory();
  const measured = await closedLoop({ ...load, concurrency: IN_FLIGHT, count: IN_FLIGHT });
  const above_mb = server.peakMb() - idle_mb;
  await server.stop();
  await provider.stop();
  await directory.remove();
  const what = `${IN_FLIGHT} answers of 12 MB at once, as ${response_format}`;
  tellFailures(what, measured);
  return [
    {
      name: `${what}: peak above idle (PSS, database included)`,
      value: above_mb,
      unit: 'MB',
      goal: { below: 400 },
      beside: `idle ${Math.round(idle_mb)} MB`,
    },
    { name: what, value: measured.rate, unit: 'requests/s' },
  ];
}
