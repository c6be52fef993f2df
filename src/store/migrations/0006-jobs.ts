import { type Kysely, sql } from 'kysely';

/**
 * Generations that wait their turn, and everything that another process needs to go on with one: the offers with their
 * frozen prices, the first seed, and of every attempt which pictures it is for and how to ask the provider for its job.
 */
export async function jobs(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements: readonly string[] = [
  `alter table generations
    -- Admitted to be worked on by whoever has time; the others were begun by the process that took the call.
    add column asynchronous boolean not null default false,
    -- Higher goes first.
    add column priority smallint not null default 0,
    -- How often it was begun: what ends every process that begins it is not begun for ever.
    add column runs smallint not null default 0,
    add column not_before timestamptz(3),
    add column offers jsonb not null default '[]',
    add column seed bigint not null default 0 check (seed between 0 and 4294967295),
    add column progress smallint not null default 0 check (progress between 0 and 100),
    add column webhook_url text,
    add column cancel_requested_at timestamptz(3),
    add column deleted_at timestamptz(3),
    add column batch_id text,
    -- Of the batch's file, from 1.
    add column batch_line integer check (batch_line >= 1),
    add constraint generations_in_batch check ((batch_id is null) = (batch_line is null)),
    add constraint generations_queued check (status <> 'queued' or asynchronous)`,
  `create index generations_queue on generations (account_id, priority desc, created_at, id) where status = 'queued'`,
  `create index generations_working on generations (account_id) where status = 'running' and asynchronous`,
  'create unique index generations_batch on generations (batch_id, batch_line) where batch_id is not null',
  `create index generations_batch_unfinished on generations (batch_id)
    where batch_id is not null and status in ('queued', 'running')`,
  `alter table attempts
    -- Which of the generation's pictures it is for, and how many units of the request's n those are.
    add column first_index integer not null default 0 check (first_index >= 0),
    add column pictures integer not null default 1 check (pictures >= 1),
    add column units integer not null default 1 check (units >= 1),
    -- What the provider's job is asked for with; never a secret.
    add column job_handle jsonb,
    -- Pictures of a call that delivered while others of its generation go on; gone with the end.
    add column outputs jsonb`,
];
