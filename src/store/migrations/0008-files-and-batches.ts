import { type Kysely, sql } from 'kysely';

/** Files that clients bring or that are made for them, and batches of generations read from such files. */
export async function filesAndBatches(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements: readonly string[] = [
  `create table files (
    id text primary key,
    account_id text not null references accounts,
    mode text not null check (mode in ('live', 'test')),
    filename text not null,
    purpose text not null check (purpose in ('batch', 'batch_output', 'vision', 'user_data')),
    bytes bigint not null check (bytes >= 0),
    -- In the media store. Pictures among them have a row in blobs too.
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    created_at timestamptz(3) not null,
    expires_at timestamptz(3),
    deleted_at timestamptz(3)
  )`,
  'create index files_account on files (account_id, created_at desc, id desc) where deleted_at is null',
  'create index files_sha256 on files (sha256) where deleted_at is null',
  'create index files_expiring on files (expires_at) where expires_at is not null and deleted_at is null',

  `create table batches (
    id text primary key,
    account_id text not null references accounts,
    key_id text references keys on delete set null,
    mode text not null check (mode in ('live', 'test')),
    endpoint text not null check (endpoint in ('/v1/images/generations', '/v1/images/edits')),
    completion_window text not null,
    input_file_id text not null,
    status text not null check (status in
      ('validating', 'failed', 'in_progress', 'finalizing', 'completed', 'expired', 'cancelling', 'cancelled')),
    -- Settings and bounds of the key as they were when the batch was made.
    caller jsonb not null,
    tag text,
    idempotency_key text check (char_length(idempotency_key) between 1 and 255),
    body_sha256 text check (body_sha256 ~ '^[0-9a-f]{64}$'),
    metadata jsonb not null default '{}',
    output_expires_after_seconds integer check (output_expires_after_seconds > 0),
    -- The model of all lines; null = of several, or not known yet.
    model text,
    errors jsonb not null default '[]',
    total_count integer not null default 0 check (total_count >= 0),
    completed_count integer not null default 0 check (completed_count >= 0),
    failed_count integer not null default 0 check (failed_count >= 0),
    authorized_micros bigint not null default 0 check (authorized_micros >= 0),
    cost_micros bigint not null default 0 check (cost_micros >= 0),
    output_file_id text,
    error_file_id text,
    -- Who looks after it, and until when that is believed without word of it.
    runner_id text,
    lease_until timestamptz(3),
    created_at timestamptz(3) not null,
    -- When its lines are given up.
    expires_at timestamptz(3) not null,
    in_progress_at timestamptz(3),
    finalizing_at timestamptz(3),
    completed_at timestamptz(3),
    failed_at timestamptz(3),
    expired_at timestamptz(3),
    cancelling_at timestamptz(3),
    cancelled_at timestamptz(3),
    constraint batches_once check ((idempotency_key is null) = (body_sha256 is null))
  )`,
  `create unique index batches_idempotency on batches (account_id, mode, idempotency_key)
    where idempotency_key is not null`,
  'create index batches_account on batches (account_id, created_at desc, id desc)',
  `create index batches_unfinished on batches (created_at, id)
    where status in ('validating', 'in_progress', 'finalizing', 'cancelling')`,

  // The lines of a batch that has not ended, each with the generation that it is or is going to be.
  `create table batch_lines (
    batch_id text not null references batches on delete cascade,
    -- Of the file, from 1.
    line integer not null check (line >= 1),
    custom_id text not null,
    generation_id text not null unique,
    -- Columns of the generation and its pictures, for when all lines are admitted together.
    staged jsonb not null,
    primary key (batch_id, line)
  )`,
  // Kept up to date while a batch runs: what failed is counted without looking at what did not.
  `create index generations_batch_failed on generations (batch_id)
    where batch_id is not null and status in ('failed', 'canceled')`,
];
