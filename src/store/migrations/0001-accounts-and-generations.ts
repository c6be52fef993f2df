import { type Kysely, sql } from 'kysely';

/** Accounts and keys; generations with their attempts; media and the blobs that they point to. */
export async function accountsAndGenerations(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table accounts (
    id text primary key,
    name text not null,
    billing text not null check (billing in ('prepaid', 'unmetered')),
    created_at timestamptz(3) not null
  )`,
  `create table keys (
    id text primary key,
    account_id text not null references accounts,
    mode text not null check (mode in ('live', 'test', 'admin')),
    name text not null,
    hash bytea not null unique,
    prefix text not null,
    last_four text not null,
    scopes text[] not null,
    settings jsonb not null default '{}',
    created_at timestamptz(3) not null,
    expires_at timestamptz(3),
    revoked_at timestamptz(3),
    last_used_at timestamptz(3)
  )`,
  'create index keys_account on keys (account_id, created_at, id)',
  `create table generations (
    id text primary key,
    account_id text not null references accounts,
    key_id text references keys on delete set null,
    mode text not null check (mode in ('live', 'test')),
    kind text not null check (kind in ('text_to_image', 'edit')),
    status text not null check (status in ('queued', 'running', 'completed', 'failed', 'canceled')),
    model text not null,
    executed_model text,
    provider text,
    -- Room for a prompt of 32,000 characters, none for a picture.
    request jsonb not null check (octet_length(request::text) <= 524288),
    applied jsonb not null default '[]',
    warnings jsonb not null default '[]',
    price jsonb not null default '[]',
    held_micros bigint not null default 0 check (held_micros >= 0),
    cost_micros bigint not null default 0 check (cost_micros >= 0),
    currency text not null default 'USD' check (currency = 'USD'),
    error jsonb,
    labels jsonb not null default '{}',
    "user" text,
    n integer not null check (n >= 1),
    runner_id text,
    lease_until timestamptz(3),
    created_at timestamptz(3) not null,
    started_at timestamptz(3),
    completed_at timestamptz(3),
    expires_at timestamptz(3),
    constraint generations_running check (status <> 'running' or (started_at is not null and runner_id is not null)),
    constraint generations_final check ((status in ('completed', 'failed', 'canceled')) = (completed_at is not null)),
    constraint generations_failed check (status <> 'failed' or error is not null)
  )`,
  'create index generations_account on generations (account_id, created_at desc, id desc)',
  "create index generations_unfinished on generations (lease_until) where status in ('queued', 'running')",
  'create index generations_expiring on generations (expires_at) where expires_at is not null',
  'create index generations_key on generations (key_id) where key_id is not null',
  `create table attempts (
    generation_id text not null references generations on delete cascade,
    seq integer not null check (seq >= 1),
    provider text not null,
    offer_id text not null,
    outcome text not null check (outcome in ('running', 'success', 'partial', 'refused', 'failed')),
    error_class text,
    latency_ms double precision check (latency_ms >= 0),
    provider_job_id text,
    started_at timestamptz(3) not null,
    ended_at timestamptz(3),
    primary key (generation_id, seq),
    constraint attempts_ended check ((outcome = 'running') = (ended_at is null))
  )`,
  `create table blobs (
    sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    bytes bigint not null check (bytes > 0),
    content_type text not null,
    format text not null check (format in ('png', 'jpeg', 'gif', 'webp', 'avif')),
    width integer not null check (width > 0),
    height integer not null check (height > 0),
    created_at timestamptz(3) not null
  )`,
  `create table media (
    id text primary key,
    account_id text not null references accounts,
    mode text not null check (mode in ('live', 'test')),
    generation_id text references generations on delete set null,
    blob_sha256 text references blobs on delete set null,
    role text not null check (role in ('output', 'reference', 'mask')),
    position integer not null check (position >= 0),
    content_type text not null,
    width integer not null check (width > 0),
    height integer not null check (height > 0),
    bytes bigint not null check (bytes > 0),
    created_at timestamptz(3) not null,
    expires_at timestamptz(3),
    deleted_at timestamptz(3),
    -- No blob goes while a picture that somebody may still see points to it.
    constraint media_has_bytes check (deleted_at is not null or blob_sha256 is not null)
  )`,
  'create unique index media_place on media (generation_id, role, position) where deleted_at is null',
  'create index media_blob on media (blob_sha256)',
  'create index media_expiring on media (expires_at) where expires_at is not null and deleted_at is null',
] as const;
