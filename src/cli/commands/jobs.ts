/** `gesso jobs`: generations that are queued, being made or done, through `/v1/generations`. */
import type { ApiClient } from '../api-client.ts';
import { ask, printJson } from '../ask.ts';
import { connect } from '../connect.ts';
import { type Column, formatTable } from '../format-table.ts';
import { formatDollars, formatMoment } from '../format-values.ts';
import { queryOf } from '../query-of.ts';
import { startSpinner } from '../spinner.ts';
import { openTerminal } from '../terminal.ts';
import type { CliWorld } from '../world.ts';

interface Job {
  readonly id: string;
  readonly status: 'queued' | 'running' | 'completed' | 'failed' | 'canceled';
  readonly created_at: number;
  readonly model: string;
  readonly progress: number;
  readonly output: { readonly media: readonly { readonly url: string }[] };
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly webhook_url: string | null;
  readonly batch_id: string | null;
  readonly usage: { readonly images: number; readonly cost_micros: number };
  readonly metadata: {
    readonly mode: 'live' | 'test';
    readonly provider_name: string | null;
    readonly held_micros: number;
    readonly warnings: readonly string[];
  };
}

interface JobPage {
  readonly data: readonly Job[];
  readonly has_more: boolean;
}

export interface ListJobsOptions {
  readonly status?: string;
  readonly model?: string;
  readonly tag?: string;
  readonly since?: string;
  readonly limit: number;
  readonly json: boolean;
}

interface JsonOption {
  readonly json: boolean;
}

/** As long as the API holds one answer back. */
const POLL_S = 60;

export async function listJobs(world: CliWorld, options: ListJobsOptions): Promise<void> {
  const { status, model, tag, since: created_after, limit, json } = options;
  const query = queryOf({ status, model, tag, created_after, limit: String(limit) });
  // Our own API, as its schema in openapi.json has it; so below.
  const page = (await ask(world, { method: 'GET', path: `/v1/generations?${query}` })) as JobPage;
  if (json) return printJson(world, page);
  const terminal = openTerminal(world.stdout, world.env);
  const columns: readonly Column[] = [
    { title: 'ID' },
    { title: 'MADE' },
    { title: 'MODE', optional: true },
    { title: 'MODEL' },
    { title: 'STATUS', paint: (line) => (line === 'failed' ? terminal.paint('red', line) : line) },
    { title: 'DONE', align: 'right' },
    { title: 'ERROR', optional: true },
    { title: 'PICTURES', align: 'right' },
    { title: 'COST', align: 'right' },
  ];
  const rows = page.data.map((job) => [
    job.id,
    formatMoment(job.created_at),
    job.metadata.mode,
    job.model,
    job.status,
    `${job.progress}%`,
    job.error?.code ?? '',
    String(job.usage.images),
    formatDollars(job.usage.cost_micros),
  ]);
  if (rows.length === 0) return terminal.line(terminal.paint('dim', 'no jobs'));
  for (const line of formatTable(terminal, columns, rows)) terminal.line(line);
  if (page.has_more) terminal.line(terminal.paint('dim', `the newest ${rows.length}; -n shows more`));
}

export async function showJob(world: CliWorld, id: string, { json }: JsonOption): Promise<void> {
  const job = (await ask(world, { method: 'GET', path: path(id) })) as Job;
  if (json) return printJson(world, job);
  printJob(world, job);
}

/** Resolves to the exit code: 1 where it has not been completed. */
export async function waitForJob(world: CliWorld, id: string, { json }: JsonOption): Promise<number> {
  const terminal = openTerminal(world.stderr, world.env);
  const spinner = startSpinner(world.stderr, terminal, world.now, `Waiting for ${id}`);
  let client: ApiClient | null = null;
  try {
    client = await connect(world, { mode: 'live', onWait: (what) => spinner.say(what) });
    for (;;) {
      const job = (await client.json({ method: 'GET', path: `${path(id)}?wait=${POLL_S}` })) as Job;
      if (job.status === 'queued' || job.status === 'running') {
        spinner.say(`${id} is ${job.status}, ${job.progress}%`);
        continue;
      }
      spinner.stop();
      if (json) printJson(world, job);
      else if (job.error === null) for (const { url } of job.output.media) world.stdout.write(`${url}\n`);
      else terminal.line(`${terminal.paint(['bold', 'red'], job.status)} ${job.error.code}: ${job.error.message}`);
      return job.status === 'completed' ? 0 : 1;
    }
  } finally {
    spinner.stop();
    await client?.close();
  }
}

export async function cancelJob(world: CliWorld, id: string, { json }: JsonOption): Promise<void> {
  const job = (await ask(world, { method: 'POST', path: `${path(id)}/cancel` })) as Job;
  if (json) return printJson(world, job);
  const terminal = openTerminal(world.stderr, world.env);
  terminal.line(canceled[job.status]);
}

const canceled: Readonly<Record<Job['status'], string>> = {
  canceled: 'It is canceled and costs nothing.',
  queued: 'It is told to stop. `gesso jobs wait` tells what became of it.',
  running: 'It is told to stop. `gesso jobs wait` tells what became of it.',
  completed: 'It had been completed before: nothing is changed.',
  failed: 'It had failed before: nothing is changed.',
};

function printJob(world: CliWorld, job: Job): void {
  const terminal = openTerminal(world.stdout, world.env);
  const { metadata, usage, error } = job;
  const labels = Object.entries(job.labels).map(([name, value]) => `${name}=${value}`);
  const facts: readonly (readonly [string, string])[] = [
    ['job', `${job.id}, ${metadata.mode}, made ${formatMoment(job.created_at)}`],
    ['status', error === null ? `${job.status}, ${job.progress}%` : `${job.status}, ${error.code}: ${error.message}`],
    ['model', [job.model, metadata.provider_name].filter(Boolean).join(' by ')],
    ['cost', formatDollars(usage.cost_micros)],
    ['held', metadata.held_micros === 0 ? '' : formatDollars(metadata.held_micros)],
    ['labels', labels.join(', ')],
    ['webhook', job.webhook_url ?? ''],
    ['batch', job.batch_id ?? ''],
    ...metadata.warnings.map((warning) => ['warning', warning] as const),
    ...job.output.media.map(({ url }) => ['picture', url] as const),
  ];
  for (const [name, value] of facts)
    if (value !== '') terminal.line(`${terminal.paint('bold', name.padEnd('picture'.length))}  ${value}`);
}

function path(id: string): string {
  return `/v1/generations/${encodeURIComponent(id)}`;
}
