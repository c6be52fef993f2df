import { type Kysely, sql } from 'kysely';

/** Repeats of a request, how long an account keeps its payloads, and what is needed to tell and to drop them. */
export async function requests(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table generations
    add column pictures integer not null default 0 check (pictures >= 0),
    add column payloads_dropped_at timestamptz(3)`,
  `update generations set pictures = delivered.pictures
    from (select generation_id, count(*) as pictures from media where role = 'output' group by 1) as delivered
    where generations.id = delivered.generation_id`,
  'create index generations_tag on generations (account_id, tag, created_at desc, id desc) where tag is not null',
  'drop index generations_expiring',
  'create index generations_expiring on generations (expires_at) where expires_at is not null and payloads_dropped_at is null',
  // The provider's own text, so that a repeated request is answered like the first.
  'alter table media add column revised_prompt text',
  'alter table accounts add column retention_days integer check (retention_days between 0 and 36500)',
  `create table idempotency_keys (
    account_id text not null references accounts,
    mode text not null check (mode in ('live', 'test')),
    key text not null check (char_length(key) between 1 and 255),
    body_sha256 text not null check (body_sha256 ~ '^[0-9a-f]{64}$'),
    generation_id text not null references generations on delete cascade,
    -- The failed generation that this one was run in place of.
    replaces text,
    created_at timestamptz(3) not null,
    expires_at timestamptz(3) not null,
    primary key (account_id, mode, key)
  )`,
  'create index idempotency_keys_generation on idempotency_keys (generation_id)',
  'create index idempotency_keys_expiring on idempotency_keys (expires_at)',
] as const;
