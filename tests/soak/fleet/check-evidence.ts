/** What must be so after all that was done to a fleet. Pure: each sentence that it returns is a fault. */
import { mayTryNext } from '../../../src/core/routing/outcomes.ts';
import type { AttemptRow, GenerationRow } from '../../../src/store/tables.ts';
import { isLastCall } from '../../chaos/fates.ts';
import type { Evidence, Picture, Submit } from './evidence.ts';
import { type FleetJob, tagIn } from './fleet-job.ts';
import type { HookArrival } from './hook-receiver.ts';

export interface CheckOptions {
  /** Whether the time has passed after which attempts of synchronous calls that died with their process are ended. */
  readonly attempts_have_ended: boolean;
}

interface Story {
  readonly job: FleetJob;
  readonly row: GenerationRow;
  readonly attempts: readonly AttemptRow[];
  readonly pictures: readonly Picture[];
  readonly charged: readonly number[];
  readonly submits: readonly Submit[];
  readonly hooks: readonly HookArrival[];
}

const MICROS_PER_PICTURE = 30_000;
const final: ReadonlySet<string> = new Set(['completed', 'failed', 'canceled']);

export function checkEvidence(evidence: Evidence, options: CheckOptions): string[] {
  const faults: string[] = [...evidence.books];
  const rowsByTag = Map.groupBy(evidence.generations, ({ request }) => tagIn(String(request.prompt)) ?? 'unknown');
  const attempts = Map.groupBy(evidence.attempts, ({ generation_id }) => generation_id);
  const pictures = Map.groupBy(evidence.pictures, ({ generation_id }) => generation_id);
  const charges = Map.groupBy(evidence.charges, ({ generation_id }) => generation_id);
  const submits = Map.groupBy(evidence.submits, ({ tag }) => tag);
  const hooks = Map.groupBy(evidence.hooks, ({ path }) => path);
  const jobs = new Map(evidence.jobs.map((job) => [job.tag, job]));
  for (const tag of new Set([...rowsByTag.keys(), ...submits.keys()]))
    if (!jobs.has(tag)) faults.push(`${tag} is nobody's`);
  for (const job of evidence.jobs) {
    const { tag } = job;
    const [row, ...others] = rowsByTag.get(tag) ?? [];
    if (others.length > 0) faults.push(`${tag} is ${others.length + 1} generations`);
    if (job.ids.size > 1) faults.push(`${tag} was told ${job.ids.size} ids`);
    if (row === undefined) {
      if (job.ids.size > 0) faults.push(`${tag} was accepted and is lost`);
      if (submits.has(tag)) faults.push(`${tag} was sent to a provider and is not written down`);
      continue;
    }
    const story: Story = {
      job,
      row,
      attempts: attempts.get(row.id) ?? [],
      pictures: pictures.get(row.id) ?? [],
      charged: charges.get(row.id)?.map(({ amount_micros }) => amount_micros) ?? [],
      submits: submits.get(tag) ?? [],
      hooks: hooks.get(`${job.customer}/${tag}`) ?? [],
    };
    const found = [checkEnd, checkMoney, checkPictures, checkCalls, checkChains, checkHooks].flatMap((check) =>
      check(story, options),
    );
    faults.push(...found.map((text) => `${tag} ${text}: ${told(story)}`));
  }
  for (const { account_id, held_micros, balance_micros } of evidence.wallets) {
    if (held_micros !== 0) faults.push(`${account_id}: ${held_micros} are held by nothing`);
    if (balance_micros < 0) faults.push(`${account_id}: ${balance_micros} is below zero`);
  }
  for (const { id, status, last_error } of evidence.undelivered)
    faults.push(`webhook ${id} is ${status}: ${last_error ?? 'not tried'}`);
  return faults;
}

function checkEnd({ job, row, attempts }: Story, { attempts_have_ended }: CheckOptions): string[] {
  const faults: string[] = [];
  if (!final.has(row.status)) faults.push(`is ${row.status}`);
  if ([...job.ids].some((id) => id !== row.id)) faults.push('another id was told');
  if (row.status === 'failed' && row.error === null) faults.push('failed without a word');
  if (row.status === 'canceled' && !job.cancel_was_sent) faults.push('was canceled by nobody');
  if (row.error?.code === 'internal_error') faults.push('failed by our own fault');
  const written = `${row.status} ${row.cost_micros}`;
  for (const end of job.ends) if (end !== written) faults.push(`its client was told ${end}`);
  const isLeft = !attempts_have_ended && !row.asynchronous && row.error?.code === 'interrupted';
  if (!isLeft && attempts.some(({ outcome }) => outcome === 'running')) faults.push('an attempt still runs');
  return faults;
}

function checkMoney({ row, pictures, charged }: Story): string[] {
  const faults: string[] = [];
  if (row.held_micros !== 0) faults.push(`holds ${row.held_micros}`);
  if (row.cost_micros !== pictures.length * MICROS_PER_PICTURE) faults.push(`costs ${row.cost_micros}`);
  const sum = charged.reduce((total, micros) => total + micros, 0);
  if (sum !== row.cost_micros || charged.length !== pictures.length) faults.push(`is charged ${charged.join(' + ')}`);
  return faults;
}

function checkPictures({ job, row, pictures }: Story): string[] {
  const faults = pictures.flatMap(({ id, fault }) => (fault === null ? [] : [`picture ${id}: ${fault}`]));
  if ((row.status === 'completed') !== pictures.length > 0) faults.push(`has ${pictures.length} pictures`);
  if (pictures.length > job.n || pictures.length !== row.pictures) faults.push(`stored ${pictures.length} pictures`);
  if (new Set(pictures.map(({ position }) => position)).size !== pictures.length) faults.push('a picture twice');
  return faults;
}

/** Faults that mean that nothing was sent. */
const unsent = new Set(['no_slot', 'unreachable']);
/** After these nobody on this side knows whether it was. */
const unsure = new Set(['outcome_unknown', 'interrupted', 'deadline']);

/** Each call that a provider saw is an attempt of its own: one that another process goes on with is not made again. */
function checkCalls({ job, attempts, submits }: Story): string[] {
  const faults: string[] = [];
  for (const provider of new Set([...submits, ...attempts].map((one) => one.provider))) {
    const made = submits.filter((submit) => submit.provider === provider);
    const written = attempts.filter((one) => one.provider === provider && !unsent.has(one.error_class ?? ''));
    const sure = written.filter(
      ({ outcome, error_class, provider_job_id }) =>
        provider_job_id !== null || (outcome !== 'running' && !unsure.has(error_class ?? '')),
    );
    if (made.length > written.length || made.length < sure.length)
      faults.push(`${provider} saw ${made.length} of ${written.length} attempts`);
  }
  for (const { provider, request } of submits)
    if (request.act === null) faults.push(`${provider} refused the form of a request (${request.status})`);
  for (const { provider, outcome, provider_job_id } of attempts) {
    const hasJob = provider !== 'byteplus' && (outcome === 'success' || outcome === 'partial');
    if (hasJob && provider_job_id === null) faults.push(`no job id of ${provider}`);
  }
  // It is the provider's until it ends, whoever asks for it.
  if (attempts.some(({ provider_job_id, error_class }) => provider_job_id !== null && error_class === 'interrupted'))
    faults.push('a job that was known was given up');
  const known = attempts.flatMap(
    ({ provider, provider_job_id }) => provider_job_id && `${provider} ${provider_job_id}`,
  );
  const ids = known.filter((id) => id !== null);
  if (new Set(ids).size !== ids.length) faults.push('a job of two attempts');
  // Shares are apart: what may be billed and not asked for again adds up to what was asked for, at most. Who wants the
  // next offer after a silence may be billed twice; who wants none may wait until the one has room.
  const { on_refusal, on_unknown } = job.rule;
  if (on_unknown !== 'next') {
    const rule = on_refusal === undefined ? {} : { on_refusal };
    const billed = submits.filter((one) => isLastCall(one.provider, one.request, one.pictures, rule));
    const sum = billed.reduce((total, one) => total + one.pictures, 0);
    if (sum > job.n) faults.push(`${sum} pictures may be billed`);
  }
  return faults;
}

/** Of one picture the attempts are a chain, and each link is a row of the outcome table. */
function checkChains({ job, attempts }: Story): string[] {
  const faults = new Set<string>();
  for (let index = 0; index < job.n; index++) {
    const chain = attempts.filter(
      ({ first_index, pictures }) => index >= first_index && index < first_index + pictures,
    );
    for (const { outcome, error_class, provider_job_id } of chain.slice(0, -1)) {
      const hasFailed = (outcome === 'failed' || outcome === 'refused') && error_class !== null;
      // The database's words are the table's own. What was only full is asked again later, wherever it was.
      const cause = error_class as Parameters<typeof mayTryNext>[0];
      const mayFollow = hasFailed
        ? mayTryNext(cause, job.rule) || saturated.has(cause)
        : // What a call without a job brought is lost with its process, as if nothing was known of it.
          job.rule.on_unknown === 'next' && provider_job_id === null;
      if (!mayFollow) faults.add(`went on after ${outcome} ${error_class}`);
    }
  }
  return [...faults];
}

const saturated: ReadonlySet<string> = new Set(['no_slot', 'rate_limited', 'overloaded']);

function checkHooks({ job, row, hooks }: Story): string[] {
  const faults: string[] = [];
  if (hooks.some(({ is_signed }) => !is_signed)) faults.push('a webhook was not signed by us');
  if (job.wants_webhook && !hooks.some(({ is_taken }) => is_taken)) faults.push('its webhook never came');
  if (!job.wants_webhook && hooks.length > 0) faults.push('a webhook that nobody wanted');
  if (new Set(hooks.map(({ event_id }) => event_id)).size > 1) faults.push('two events of one end');
  for (const { type, status, generation_id } of hooks.filter(({ is_signed }) => is_signed))
    if (type !== `generation.${row.status}` || status !== row.status || generation_id !== row.id)
      faults.push(`its webhook says ${type} ${status} of ${generation_id}`);
  return faults;
}

const TOLD_ATTEMPTS_MAX = 12;

/** What a person wants to know of a job that went wrong. */
function told({ job, row, attempts, submits, hooks }: Story): string {
  const tried = attempts.slice(-TOLD_ATTEMPTS_MAX).map((one) => {
    const { seq, provider, first_index, pictures, outcome, error_class, provider_job_id } = one;
    const known = provider_job_id === null ? '' : `job ${provider_job_id.slice(-6)}`;
    return `${seq}:${provider} ${first_index}+${pictures} ${outcome} ${error_class ?? ''} ${known}`.trim();
  });
  const acted = submits.map(
    ({ provider, request, pictures }) => `${provider} x${pictures} ${request.act?.kind} ${request.act?.shape}`,
  );
  const heard = hooks.map(({ type, is_taken }) => `${type} ${is_taken}`);
  const wish = JSON.stringify({ ...job.rule, n: job.n, is_asynchronous: job.is_asynchronous });
  const lists = [tried, acted, heard].map((list) => `[${list.join(', ')}]`).join(' ');
  return `${row.id} ${row.status} ${row.error?.code ?? ''} runs ${row.runs} ${wish} ${lists}`;
}
