/** `gesso requests`: what was asked for and what became of it, through `/v1/requests`. */
import { ask, printJson } from '../ask.ts';
import { type Column, formatTable } from '../format-table.ts';
import { formatDollars, formatMoment, formatSeconds } from '../format-values.ts';
import { queryOf } from '../query-of.ts';
import { openTerminal } from '../terminal.ts';
import type { CliWorld } from '../world.ts';

interface RequestView {
  readonly id: string;
  readonly mode: 'live' | 'test';
  readonly status: string;
  readonly created_at: number;
  readonly duration_ms: number | null;
  readonly model: string;
  readonly provider_name: string | null;
  readonly tag: string | null;
  readonly n: number;
  readonly pictures: number;
  readonly cost_micros: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly payloads: 'kept' | 'deleted';
}

interface RequestDetail extends RequestView {
  readonly request: { readonly prompt?: string } | null;
  readonly attempts: readonly {
    readonly offer_id: string;
    readonly outcome: string;
    readonly error_class?: string;
    readonly latency_ms: number;
  }[];
  readonly applied: readonly { readonly param: string; readonly behaviour: string; readonly note?: string }[];
  readonly warnings: readonly string[];
  readonly output: { readonly media: readonly { readonly url: string }[] };
}

interface RequestPage {
  readonly data: readonly RequestView[];
  readonly has_more: boolean;
  readonly summary: { readonly requests: number; readonly pictures: number; readonly cost_micros: number };
}

export interface ListOptions {
  readonly status?: string;
  readonly model?: string;
  readonly tag?: string;
  readonly key?: string;
  readonly mode?: string;
  readonly since?: string;
  readonly limit: number;
  readonly json: boolean;
}

export async function listRequests(world: CliWorld, options: ListOptions): Promise<void> {
  const { status, model, tag, key: key_id, mode, since: created_after, limit, json } = options;
  const wanted = { status, model, tag, key_id, mode, created_after, limit: String(limit), summary: 'true' };
  const query = queryOf(wanted);
  // Our own API, as its schema in openapi.json has it; so below.
  const page = (await ask(world, { method: 'GET', path: `/v1/requests?${query}` })) as RequestPage;
  if (json) return printJson(world, page);
  const terminal = openTerminal(world.stdout, world.env);
  const columns: readonly Column[] = [
    { title: 'ID' },
    { title: 'MADE' },
    { title: 'MODE', optional: true },
    { title: 'MODEL' },
    { title: 'PROVIDER', optional: true },
    { title: 'TAG', optional: true },
    { title: 'STATUS', paint: (line) => (line === 'completed' ? line : terminal.paint('red', line)) },
    { title: 'PICTURES', align: 'right' },
    { title: 'TIME', align: 'right', optional: true },
    { title: 'COST', align: 'right' },
  ];
  const rows = page.data.map((one) => [
    one.id,
    formatMoment(one.created_at),
    one.mode,
    one.model,
    one.provider_name ?? '',
    one.tag ?? '',
    one.error?.code ?? one.status,
    `${one.pictures}/${one.n}`,
    one.duration_ms === null ? '' : formatSeconds(one.duration_ms),
    formatDollars(one.cost_micros),
  ]);
  for (const line of formatTable(terminal, columns, rows)) terminal.line(line);
  const { requests, pictures, cost_micros } = page.summary;
  const shown = page.has_more ? `the newest ${page.data.length} of ` : '';
  terminal.line(
    terminal.paint('dim', `${shown}${requests} requests, ${pictures} pictures, ${formatDollars(cost_micros)}`),
  );
}

export async function showRequest(world: CliWorld, id: string, { json }: { readonly json: boolean }): Promise<void> {
  const detail = (await ask(world, { method: 'GET', path: path(id) })) as RequestDetail;
  if (json) return printJson(world, detail);
  const terminal = openTerminal(world.stdout, world.env);
  const facts: readonly (readonly [string, string])[] = [
    ['request', `${detail.id}, ${detail.mode}, made ${formatMoment(detail.created_at)}`],
    ['status', detail.error === null ? detail.status : `${detail.error.code}: ${detail.error.message}`],
    ['model', [detail.model, detail.provider_name].filter(Boolean).join(' by ')],
    ['pictures', `${detail.pictures} of ${detail.n}`],
    ['cost', formatDollars(detail.cost_micros)],
    ['tag', detail.tag ?? ''],
    ['prompt', detail.payloads === 'deleted' ? '(deleted)' : (detail.request?.prompt ?? '')],
    ...detail.attempts.map(
      ({ offer_id, outcome, error_class, latency_ms }) =>
        ['attempt', `${offer_id}: ${error_class ?? outcome}, ${formatSeconds(latency_ms)}`] as const,
    ),
    ...detail.applied.map(
      ({ param, behaviour, note }) => ['applied', [`${param} ${behaviour}`, note].filter(Boolean).join(': ')] as const,
    ),
    ...detail.warnings.map((warning) => ['warning', warning] as const),
    ...detail.output.media.map(({ url }) => ['picture', url] as const),
  ];
  for (const [name, value] of facts)
    if (value !== '') terminal.line(`${terminal.paint('bold', name.padEnd('pictures'.length))}  ${value}`);
}

export async function purgeRequest(world: CliWorld, id: string, { json }: { readonly json: boolean }): Promise<void> {
  const gone = (await ask(world, { method: 'DELETE', path: `${path(id)}/payloads` })) as { readonly pictures: number };
  if (json) return printJson(world, gone);
  const terminal = openTerminal(world.stderr, world.env);
  terminal.line(`Prompt, parameters and ${gone.pictures} pictures of ${id} are deleted. Its row with the cost stays.`);
}

function path(id: string): string {
  return `/v1/requests/${encodeURIComponent(id)}`;
}
