/** Customers of the fleet: they send to any server that is up, and go to another one where it dies under them. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FleetJob } from './fleet-job.ts';
import type { ServerProcess } from './server-process.ts';

export interface ClientOptions {
  readonly servers: readonly ServerProcess[];
  readonly keys: Readonly<Record<FleetJob['customer'], string>>;
  readonly random: () => number;
}

/** Longer than any answer takes from a server that lives. */
const PATIENCE_MS = 75_000;
const ASYNCHRONOUS_PATIENCE_MS = 25_000;
const TRIES_MAX = 25;
const BETWEEN_TRIES_MS = 400;
const POLL_S = 4;
const POLLED_FOR_MS_MAX = 60_000;
const final = new Set(['completed', 'failed', 'canceled']);

interface Answer {
  readonly status: number;
  readonly body: {
    readonly id?: string;
    readonly status?: string;
    readonly usage?: { readonly cost_micros: number };
    readonly metadata?: { readonly request_id: string; readonly cost_micros: number };
    readonly error?: { readonly code: string } | null;
  };
}

/** Resolves when the client has lost its interest; the job may go on. Never rejects. */
export async function sendJob(job: FleetJob, options: ClientOptions): Promise<void> {
  const id = await submit(job, options);
  if (id === null || !job.is_asynchronous) return;
  await Promise.all([cancel(job, id, options), poll(job, id, options)]);
}

/** With a key it is sent until somebody answers; without one, a broken connection is the end of what is known. */
async function submit(job: FleetJob, options: ClientOptions): Promise<string | null> {
  const { idempotency_key: key } = job;
  const path = job.is_asynchronous ? '/v1/generations' : '/v1/images/generations';
  const headers = key === null ? {} : { 'idempotency-key': key };
  const patience_ms = job.is_asynchronous ? ASYNCHRONOUS_PATIENCE_MS : PATIENCE_MS;
  for (let tries = 0; tries < (key === null ? 1 : TRIES_MAX); tries += 1) {
    if (tries > 0) await delay(BETWEEN_TRIES_MS);
    const answer = await ask(job, options, { method: 'POST', path, body: job.body, headers, patience_ms });
    if (answer === null) continue;
    const { status, body } = answer;
    const id = body.id ?? body.metadata?.request_id;
    if (status < 300 && id !== undefined) {
      note(job, answer);
      // Sometimes an answer gets lost on the way, and the client asks again.
      if (key !== null && tries === 0 && options.random() < 0.1) continue;
      return id;
    }
    job.refusals.push(`${status} ${body.error?.code}`);
    // What is full or going down now is up a moment later, here or elsewhere.
    if (status < 500 && status !== 409) return null;
  }
  return [...job.ids][0] ?? null;
}

async function cancel(job: FleetJob, id: string, options: ClientOptions): Promise<void> {
  if (job.cancels_after_ms === null) return;
  await delay(job.cancels_after_ms);
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    job.cancel_was_sent = true;
    const answer = await ask(job, options, {
      method: 'POST',
      path: `/v1/generations/${id}/cancel`,
      patience_ms: 20_000,
    });
    if (answer !== null) {
      note(job, answer);
      return;
    }
    await delay(BETWEEN_TRIES_MS);
  }
}

async function poll(job: FleetJob, id: string, options: ClientOptions): Promise<void> {
  if (!job.polls) return;
  for (const until = performance.now() + POLLED_FOR_MS_MAX; performance.now() < until; ) {
    const path = `/v1/generations/${id}?wait=${POLL_S}`;
    const answer = await ask(job, options, { method: 'GET', path, patience_ms: POLL_S * 1_000 + 10_000 });
    if (answer === null) await delay(BETWEEN_TRIES_MS);
    else if (note(job, answer)) return;
  }
}

/** Keeps what was told; true where it is an end. */
function note(job: FleetJob, { status, body }: Answer): boolean {
  const id = body.id ?? body.metadata?.request_id;
  if (status >= 300 || id === undefined) {
    job.refusals.push(`${status} ${body.error?.code} of what was accepted`);
    return false;
  }
  job.ids.add(id);
  const state = job.is_asynchronous ? (body.status ?? '') : 'completed';
  if (!final.has(state)) return false;
  job.ends.add(`${state} ${body.usage?.cost_micros ?? body.metadata?.cost_micros}`);
  return true;
}

interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly patience_ms: number;
}

/** Null where no whole answer came, or nobody is there to be asked. */
async function ask(
  { customer }: FleetJob,
  { servers, keys, random }: ClientOptions,
  { method, path, body, headers = {}, patience_ms }: Question,
): Promise<Answer | null> {
  const ready = servers.filter(({ isReady }) => isReady);
  const server = ready[Math.floor(random() * ready.length)];
  if (server === undefined) return null;
  try {
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${keys[customer]}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patience_ms),
    });
    // The shape is the document's.
    return { status: answer.status, body: (await answer.json()) as Answer['body'] };
  } catch {
    return null;
  }
}
