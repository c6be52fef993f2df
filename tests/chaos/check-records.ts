/** What the database and the providers wrote down, beside each other and beside what the clients were told. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mayTryNext } from '../../src/core/routing/outcomes.ts';
import type { AttemptRow, BlobRow, GenerationRow, MediaRow } from '../../src/store/tables.ts';
import type { ProviderServer, RecordedRequest } from '../providers/servers/kit.ts';
import type { TestApp } from '../support/test-app.ts';
import { isLastCall } from './fates.ts';
import { tagIn } from './random-request.ts';
import { type Ending, hashOf } from './send-request.ts';

interface Call {
  readonly provider: string;
  readonly request: RecordedRequest;
  readonly pictures: number;
}

interface Rows {
  readonly generations: readonly GenerationRow[];
  readonly attempts: readonly AttemptRow[];
  readonly media: readonly MediaRow[];
  readonly blobs: readonly BlobRow[];
}

interface Story {
  readonly ending: Ending;
  readonly row: GenerationRow;
  readonly attempts: readonly AttemptRow[];
  readonly media: readonly MediaRow[];
  /** In the order in which they came. */
  readonly calls: readonly Call[];
}

const MICROS_PER_PICTURE = 30_000;

export async function checkRecords(
  app: TestApp,
  servers: readonly ProviderServer[],
  endings: readonly Ending[],
): Promise<string[]> {
  const rows = await readRows(app);
  const calls = callsByTag(servers);
  const faults: string[] = [...keysElsewhere(servers)];
  const outputs = rows.media.filter(({ role }) => role === 'output');
  if (new Set(outputs.map(({ id }) => id)).size !== outputs.length) faults.push('a media id twice');
  for (const ending of endings) {
    const { tag } = ending.request;
    const own = rows.generations.filter(({ request }) => tagIn(String(request.prompt)) === tag);
    const [row] = own;
    if (own.length > 1) faults.push(`${tag} ${own.length} generations`);
    if (row === undefined) {
      if (ending.kind !== 'left') faults.push(`${tag} ended as ${ending.kind} ${ending.code} without a generation`);
      continue;
    }
    const story: Story = {
      ending,
      row,
      attempts: rows.attempts.filter(({ generation_id }) => generation_id === row.id).sort((a, b) => a.seq - b.seq),
      media: outputs.filter(({ generation_id }) => generation_id === row.id),
      calls: calls.get(tag) ?? [],
    };
    const found = [...checkEnd(story), ...checkCalls(story), ...checkChain(story), ...checkPictures(story)];
    faults.push(...found.map((text) => `${tag} ${text}: ${told(story)}`));
  }
  return [...faults, ...(await damaged(app, rows.blobs))];
}

async function readRows(app: TestApp): Promise<Rows> {
  const database = await app.openDatabase();
  try {
    const { db } = database;
    return {
      generations: await db.selectFrom('generations').selectAll().execute(),
      attempts: await db.selectFrom('attempts').selectAll().execute(),
      media: await db.selectFrom('media').selectAll().execute(),
      blobs: await db.selectFrom('blobs').selectAll().execute(),
    };
  } finally {
    await database.close();
  }
}

function callsByTag(servers: readonly ProviderServer[]): ReadonlyMap<string, Call[]> {
  const calls = servers
    .flatMap(({ provider, requests }) =>
      requests
        .filter(({ role }) => role === 'submit')
        .map((request) => ({ provider, request, pictures: picturesOf(request) })),
    )
    .sort((a, b) => a.request.at - b.request.at);
  return Map.groupBy(calls, ({ request }) => tagIn(JSON.stringify(promptOf(request))) ?? 'unknown');
}

interface Asked {
  readonly prompt?: unknown;
  readonly num_images?: number;
  readonly max_images?: number;
  readonly sequential_image_generation?: string;
  readonly sequential_image_generation_options?: { readonly max_images?: number };
}

function askedOf({ body }: RecordedRequest): Asked {
  const { input, ...rest } = (body ?? {}) as Asked & { readonly input?: Asked }; // As the three providers write it.
  return input ?? rest;
}

const promptOf = (request: RecordedRequest): unknown => askedOf(request).prompt ?? '';

function picturesOf(request: RecordedRequest): number {
  const asked = askedOf(request);
  if (asked.sequential_image_generation === 'auto')
    return asked.sequential_image_generation_options?.max_images ?? asked.max_images ?? 1;
  return (asked.num_images ?? 1) * (asked.max_images ?? 1);
}

function checkEnd({ ending, row, attempts, media }: Story): string[] {
  const faults: string[] = [];
  if (row.status !== 'completed' && row.status !== 'failed') faults.push(`is ${row.status}`);
  if (row.held_micros !== 0) faults.push(`holds ${row.held_micros}`);
  if (attempts.some(({ outcome }) => outcome === 'running')) faults.push('an attempt still runs');
  if ((row.status === 'completed') !== media.length > 0) faults.push(`is ${row.status} with ${media.length} pictures`);
  if (row.cost_micros !== media.length * MICROS_PER_PICTURE) faults.push(`costs ${row.cost_micros}`);
  if (ending.generation_id !== null && ending.generation_id !== row.id) faults.push('another id was told');
  if (ending.kind === 'success' && row.status !== 'completed') faults.push('a success that failed');
  // A caller who was told to come back finds the pictures later.
  const isLater = ending.code === 'deadline_exceeded' || ending.kind === 'left';
  if (!isLater && ending.kind !== 'success' && row.error?.code !== ending.code)
    faults.push(`failed as ${row.error?.code}`);
  return faults;
}

/** Faults that mean that nothing was sent. */
const unsent = new Set(['no_slot', 'unreachable']);

function checkCalls({ ending, attempts, calls }: Story): string[] {
  const { request } = ending;
  const faults: string[] = [];
  for (const provider of new Set([...calls, ...attempts].map((one) => one.provider))) {
    const made = calls.filter((call) => call.provider === provider);
    const written = attempts.filter((one) => one.provider === provider && !unsent.has(one.error_class ?? ''));
    // A call that our own time limit cut short may not have reached the provider; nobody can know on this side.
    const sure = written.filter(({ error_class }) => error_class !== 'outcome_unknown');
    if (made.length > written.length || made.length < sure.length)
      faults.push(`${provider} saw ${made.length} of ${written.length} attempts`);
    const pictures = made.reduce((sum, call) => sum + call.pictures, 0);
    if (pictures > request.pictures) faults.push(`${provider} was asked for ${pictures} pictures`);
  }
  for (const { provider, request: call } of calls)
    if (call.act === null) faults.push(`${provider} refused the form of a request (${call.status})`);
  const jobs = attempts.flatMap(({ provider_job_id }) => provider_job_id ?? []);
  if (new Set(jobs).size !== jobs.length) faults.push('a job of two attempts');
  for (const { provider, outcome, provider_job_id } of attempts) {
    const hasJob = provider !== 'byteplus' && (outcome === 'success' || outcome === 'partial');
    if (hasJob && provider_job_id === null) faults.push(`no job id of ${provider}`);
  }
  // Shares are apart: what may not be asked for again adds up to what was asked for, at most.
  const last = calls.filter((call) => isLastCall(call.provider, call.request, call.pictures, request.rule));
  const settled = last.reduce((sum, call) => sum + call.pictures, 0);
  if (settled > request.pictures) faults.push(`${settled} pictures may be billed`);
  if (request.pictures === 1 && last.some((call) => call !== calls.at(-1))) faults.push('a call after the last');
  return faults;
}

/** Of one picture the attempts are a chain, and each link is a row of the table. */
function checkChain({ ending, attempts }: Story): string[] {
  const { pictures, rule } = ending.request;
  if (pictures > 1) return [];
  return attempts.slice(0, -1).flatMap(({ outcome, error_class }) => {
    const mayFollow = (outcome === 'failed' || outcome === 'refused') && error_class !== null;
    // The database's words are the table's own.
    return mayFollow && mayTryNext(error_class as Parameters<typeof mayTryNext>[0], rule)
      ? []
      : [`went on after ${outcome} ${error_class}`];
  });
}

function checkPictures({ ending, media }: Story): string[] {
  const faults: string[] = [];
  if (ending.kind === 'success' && media.length !== ending.pictures.length) {
    faults.push(`${media.length} stored of ${ending.pictures.length} delivered`);
  }
  if (media.length > ending.request.pictures) faults.push(`${media.length} stored`);
  const stored = new Map(media.map(({ id, blob_sha256 }) => [id, blob_sha256]));
  for (const { url, sha256 } of ending.kind === 'success' ? ending.pictures : []) {
    const id = url === null ? null : (/\/media\/([^./?]+)/.exec(url)?.[1] ?? '');
    if (id !== null && !stored.has(id)) faults.push(`${url} is not stored`);
    if (sha256 !== null && ![...stored.values()].includes(sha256)) faults.push('delivered bytes are not stored');
  }
  return faults;
}

async function damaged({ data_dir }: TestApp, blobs: readonly BlobRow[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { sha256, bytes } of blobs) {
    const path = join(data_dir, 'media', 'blobs', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
    const file = await readFile(path).catch(() => null);
    if (file === null) faults.push(`blob ${sha256} is missing`);
    else if (file.length !== bytes || hashOf(file) !== sha256) faults.push(`blob ${sha256} is damaged`);
  }
  return faults;
}

/** A key goes to its own provider, and to none of its links. */
function keysElsewhere(servers: readonly ProviderServer[]): string[] {
  return servers.flatMap((server) =>
    server.requests.flatMap(({ path, headers, query, role }) => {
      const sent = JSON.stringify({ path, headers, query });
      const keys = servers.filter((other) => other !== server || role === 'link').map(({ key }) => key);
      return keys.some((key) => sent.includes(key)) ? [`a key was sent to ${server.provider} ${path}`] : [];
    }),
  );
}

/** What a person wants to know of a request that went wrong. */
function told({ ending, row, attempts, calls }: Story): string {
  const tried = attempts.map(({ provider, outcome, error_class }) =>
    `${provider} ${outcome} ${error_class ?? ''}`.trim(),
  );
  const acted = calls.map(({ provider, request, pictures }) => {
    const { act } = request;
    return `${provider} x${pictures} ${act?.kind} ${act?.shape}`;
  });
  const wish = JSON.stringify({ ...ending.request.rule, pictures: ending.request.pictures });
  return `${ending.kind} ${ending.code ?? ''} (${row.status}) ${wish} [${tried.join(', ')}] [${acted.join(', ')}]`;
}
