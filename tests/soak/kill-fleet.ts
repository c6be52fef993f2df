/**
 * Several servers on one PostgreSQL and one S3, under load from customers and with slow providers, while they are killed,
 * stopped and held at random: every job that was accepted must end, none may be made twice where it may be billed, every
 * webhook must come, every picture be whole and the books agree. `node tests/soak/kill-fleet.ts --seconds 300 --seed 7`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import sharp from 'sharp';
import { checkEvidence } from './fleet/check-evidence.ts';
import { type Evidence, gatherEvidence } from './fleet/evidence.ts';
import { sendJob } from './fleet/fleet-clients.ts';
import { type FleetJob, randomJob } from './fleet/fleet-job.ts';
import { type FleetWorld, openFleetWorld } from './fleet/fleet-world.ts';
import { type InterruptOptions, type Interrupts, interruptFleet } from './fleet/interrupt.ts';
import { plants } from './fleet/plant-faults.ts';
import { randomFrom } from './random-from.ts';

export interface KillFleetOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly lease_ms: number;
  readonly jobs_per_second: number;
  readonly interrupted_every_ms: InterruptOptions['every_ms'];
  /** Orderly stops alone: then nothing may be interrupted either. Absent = all that can befall a server. */
  readonly only_stops?: boolean;
  /** Whether to wait until attempts that died with their process are given up, which is minutes after everything else. */
  readonly awaits_attempts: boolean;
}

export interface KillFleetReport extends Omit<Interrupts, 'faults'> {
  /** What must not be: empty. */
  readonly faults: readonly string[];
  /** Planted faults that the check did not find: empty. */
  readonly missed: readonly string[];
  readonly sent: number;
  /** Requests for which an id was told. */
  readonly accepted: number;
  readonly ended: Readonly<Record<string, number>>;
  /** Generations that more than one process worked on. */
  readonly taken_over: number;
  readonly interrupted: number;
  readonly pictures: number;
  readonly submits: number;
  readonly webhooks: { readonly jobs: number; readonly arrivals: number };
  readonly slowest_restart_ms: number;
  /** From begin to end, of what more than one process worked on. */
  readonly slowest_takeover_ms: number;
  /** From the last interruption until everything had ended and been told. */
  readonly quiet_after_ms: number;
}

const PROCESSES = 3;
const UNDER_WAY_MAX = 150;
const WEBHOOK_TIMEOUT_MS = 1_500;
const TOP_UP_EVERY_MS = 4_000;
const TOP_UP_USD = '1.50';
/** Attempts that died with their process are given up a minute after it. */
const WORK_DEADLINE_MS = 90_000;
const QUIET_MS_MAX = 300_000;

export async function killFleet(options: KillFleetOptions): Promise<KillFleetReport> {
  const { seconds, seed, lease_ms, only_stops = false } = options;
  const world = await openFleetWorld({
    seed,
    lease_ms,
    processes: PROCESSES,
    work_deadline_ms: WORK_DEADLINE_MS,
    webhook_timeout_ms: WEBHOOK_TIMEOUT_MS,
  });
  try {
    const until = performance.now() + seconds * 1_000;
    const isOver = (): boolean => performance.now() > until;
    const every_ms = options.interrupted_every_ms;
    const [jobs, interrupts] = await Promise.all([
      sendLoad(world, options, isOver),
      interruptFleet(world.servers, { random: randomFrom(seed + 1_000), every_ms, lease_ms, only_stops, isOver }),
    ]);
    const quieting = performance.now();
    const unquiet = await untilQuiet(world, options.awaits_attempts);
    const quiet_after_ms = performance.now() - quieting;
    const evidence = await gatherEvidence(world, jobs);
    const checks = { attempts_have_ended: options.awaits_attempts };
    const { faults, ...counts } = interrupts;
    return {
      ...counts,
      faults: [...faults, ...unquiet, ...checkEvidence(evidence, checks)],
      missed: Object.entries(plants).flatMap(([name, plant]) => {
        const spoiled = plant(evidence);
        const isFound =
          spoiled === null || checkEvidence(spoiled, checks).length > checkEvidence(evidence, checks).length;
        return isFound ? [] : [name];
      }),
      ...figuresOf(evidence),
      slowest_restart_ms: Math.max(...world.servers.flatMap(({ starts_ms }) => starts_ms.slice(1)), 0),
      quiet_after_ms,
    };
  } finally {
    await world.close();
  }
}

/** Jobs at random moments, so many a second on average, until it is over; resolves when no client waits any more. */
async function sendLoad(
  world: FleetWorld,
  { seed, jobs_per_second }: KillFleetOptions,
  isOver: () => boolean,
): Promise<FleetJob[]> {
  const random = randomFrom(seed + 2_000);
  const { servers, keys, hooks } = world;
  const reference = world.hasSharedMedia ? await makeReference() : null;
  const jobs: FleetJob[] = [];
  const waiting = new Set<Promise<void>>();
  let topped_up_at = Number.NEGATIVE_INFINITY;
  while (!isOver()) {
    if (performance.now() - topped_up_at > TOP_UP_EVERY_MS) {
      topped_up_at = performance.now();
      waiting.add(world.topUp(TOP_UP_USD).then(() => undefined));
    }
    const job = randomJob(jobs.length, { random, hook_url: hooks.url, reference });
    jobs.push(job);
    const sending = sendJob(job, { servers, keys, random }).finally(() => waiting.delete(sending));
    waiting.add(sending);
    do await delay(-Math.log(1 - random()) * (1_000 / jobs_per_second));
    while (waiting.size > UNDER_WAY_MAX && !isOver());
  }
  await Promise.all(waiting);
  return jobs;
}

async function makeReference(): Promise<string> {
  const file = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#3c3' } })
    .png()
    .toBuffer();
  return `data:image/png;base64,${file.toString('base64')}`;
}

/** Everything has ended and been told; what is left when the time is up is a fault. */
async function untilQuiet({ database: { db } }: FleetWorld, awaits_attempts: boolean): Promise<string[]> {
  for (const until = performance.now() + QUIET_MS_MAX; ; await delay(500)) {
    const { rows } = await sql<{ open: number; untold: number; trying: number }>`
      select (select count(*) from generations where status in ('queued', 'running'))::integer as open,
        (select count(*) from webhook_deliveries where status = 'pending')::integer as untold,
        (select count(*) from attempts where outcome = 'running')::integer as trying
    `.execute(db);
    const { open = 0, untold = 0, trying = 0 } = rows[0] ?? {};
    if (open + untold + (awaits_attempts ? trying : 0) === 0) return [];
    if (performance.now() > until)
      return [`${open} generations, ${untold} webhooks and ${trying} attempts are still under way`];
  }
}

function figuresOf({ jobs, generations, pictures, submits, hooks }: Evidence) {
  const taken = generations.filter(({ runs }) => runs > 1);
  const ended: Record<string, number> = {};
  for (const { status, error } of generations) {
    const name = status === 'failed' ? `failed ${error?.code}` : status;
    ended[name] = (ended[name] ?? 0) + 1;
  }
  return {
    sent: jobs.length,
    accepted: jobs.filter(({ ids }) => ids.size > 0).length,
    ended,
    taken_over: taken.length,
    interrupted: generations.filter(({ error }) => error?.code === 'interrupted').length,
    pictures: pictures.length,
    submits: submits.length,
    webhooks: { jobs: new Set(hooks.map(({ path }) => path)).size, arrivals: hooks.length },
    slowest_takeover_ms: Math.max(
      0,
      ...taken.map(({ started_at, completed_at }) => (completed_at?.getTime() ?? 0) - (started_at?.getTime() ?? 0)),
    ),
  };
}

/** The short form, for `npm test`: all that it knows, in less time than a lease lasts in production. */
export const shortForm = {
  seconds: 8,
  seed: 7,
  // Longer than a server takes to start again, which looks for what dead ones left.
  lease_ms: 4_000,
  jobs_per_second: 4,
  interrupted_every_ms: { least: 1_000, most: 2_500 },
  awaits_attempts: false,
} as const satisfies KillFleetOptions;

/** The long form: leases as they are in production. */
export const longForm = {
  lease_ms: 30_000,
  jobs_per_second: 3,
  interrupted_every_ms: { least: 3_000, most: 10_000 },
  awaits_attempts: true,
} as const satisfies Partial<KillFleetOptions>;

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '300' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const options = { ...longForm, seconds: Number(values.seconds), seed: Number(values.seed) };
  console.log(`seed ${options.seed}`);
  const report = await killFleet(options);
  console.log(report);
  process.exit(report.faults.length + report.missed.length > 0 ? 1 : 0);
}
