/** Jobs of the providers that queue: they advance by being asked, so that no test waits for a clock. */
import type { Act } from './behaviours.ts';
import { htmlPage, type ShapeTable } from './kit.ts';
import type { Reply } from './wire.ts';

export interface Job<Data> {
  readonly id: string;
  readonly act: Act;
  readonly data: Data;
  /** By the server's own clock. */
  readonly made_at: number;
  started_at: number | null;
  ended_at: number | null;
  cancelled: boolean;
  polls: number;
}

export type JobState = 'queued' | 'running' | 'done';

export interface Jobs<Data> {
  add(id: string, act: Act, data: Data): Job<Data>;
  get(id: string | undefined): Job<Data> | null;
  /** Where the job stands without its being asked. */
  state(job: Job<Data>): JobState;
  /** One more question: the failure to answer it with, or null where the job can be told. */
  poll(job: Job<Data>): Reply | null;
  /** Ends the job at once, as a server that is waited for does. */
  finish(job: Job<Data>): void;
  all(): readonly Job<Data>[];
  /** Jobs that are neither done nor cancelled. */
  open(): number;
}

export interface JobOptions {
  now(): number;
  /** Questions until a job is done: one is answered `queued`, the rest `running`. */
  readonly polls_until_done: number;
}

/** What can go wrong with a question about a job, besides what it tells: once, and then the job goes on. */
export const pollBehaviours: ShapeTable = {
  slow: ['job', 'answer'],
  silent: ['answer', 'job', 'poll'],
  reset: ['answer', 'poll'],
  cut: ['answer', 'poll'],
  html_error: ['502', 'poll'],
  rate_limited: ['poll'],
  unavailable: ['poll'],
};

export function openJobs<Data>({ now, polls_until_done }: JobOptions): Jobs<Data> {
  const jobs = new Map<string, Job<Data>>();
  const state = (job: Job<Data>): JobState => {
    if (job.ended_at !== null) return 'done';
    const endless = job.act.kind === 'silent' && job.act.shape === 'job';
    const slow = job.act.kind === 'slow' && now() - job.made_at < (job.act.ms ?? 50);
    if (job.polls > polls_until_done && !endless && !slow) return 'done';
    return job.polls <= 1 ? 'queued' : 'running';
  };
  return {
    state,
    add: (id, act, data) => {
      const job = { id, act, data, made_at: now(), started_at: null, ended_at: null, cancelled: false, polls: 0 };
      jobs.set(id, job);
      return job;
    },
    get: (id) => jobs.get(id ?? '') ?? null,
    poll: (job) => {
      job.polls += 1;
      if (job.act.kind === 'silent' && job.act.shape === 'poll') return { status: 200, fate: 'silent' };
      if (job.act.shape === 'poll' && job.polls === 1) return failedPoll(job.act);
      if (job.ended_at !== null) return null;
      const found = state(job);
      if (found !== 'queued') job.started_at ??= now();
      if (found === 'done') job.ended_at ??= now();
      return null;
    },
    finish: (job) => {
      job.started_at ??= now();
      job.ended_at ??= now();
    },
    all: () => [...jobs.values()],
    open: () => [...jobs.values()].filter((job) => job.ended_at === null && !job.cancelled).length,
  };
}

function failedPoll({ kind }: Act): Reply {
  if (kind === 'html_error') return htmlPage(502, 'Bad Gateway');
  if (kind === 'cut') return { status: 200, json: { status: 'a status that never arrives whole' }, fate: 'cut' };
  if (kind === 'reset') return { status: 200, fate: 'reset' };
  return { status: kind === 'rate_limited' ? 429 : 503, json: { detail: 'try again' } };
}
