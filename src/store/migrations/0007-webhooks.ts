import { type Kysely, sql } from 'kysely';

/**
 * What customers are told. An event is written in the statement that makes it true, with a delivery for everyone who asked
 * for it, so that there is never one without the other; where nobody asked, nothing is written.
 */
export async function webhooks(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const tables = [
  `create table webhook_endpoints (
    id text primary key,
    account_id text not null references accounts on delete cascade,
    mode text not null check (mode in ('live', 'test', 'both')),
    name text not null,
    url text not null,
    -- Null = all.
    event_types text[] check (cardinality(event_types) > 0),
    -- Secrets are derived from it: none is stored. Until then the one before it signs too.
    secret_version integer not null default 1 check (secret_version >= 1),
    previous_until timestamptz(3),
    -- Since when every try has failed; null = the last one worked, or there was none.
    failing_since timestamptz(3),
    disabled_at timestamptz(3),
    disabled_reason text check (disabled_reason in ('request', 'gone', 'failing')),
    created_at timestamptz(3) not null,
    deleted_at timestamptz(3),
    constraint webhook_endpoints_disabled check ((disabled_at is null) = (disabled_reason is null))
  )`,
  'create index webhook_endpoints_account on webhook_endpoints (account_id) where deleted_at is null',
  // What signs for the webhook_url of single jobs; no row = version 1.
  `create table webhook_secrets (
    account_id text not null references accounts on delete cascade,
    mode text not null check (mode in ('live', 'test')),
    secret_version integer not null check (secret_version >= 1),
    previous_until timestamptz(3),
    primary key (account_id, mode)
  )`,
  `create table webhook_events (
    id text primary key,
    account_id text not null references accounts on delete cascade,
    mode text not null check (mode in ('live', 'test')),
    type text not null,
    -- The kind and id of what it is about (its state is read when it is sent), or a few facts.
    data jsonb not null,
    object_id text generated always as (data->>'id') stored,
    dedupe_key text not null,
    created_at timestamptz(3) not null default clock_timestamp(),
    constraint webhook_events_once unique (account_id, dedupe_key)
  )`,
  'create index webhook_events_object on webhook_events (object_id) where object_id is not null',
  'create index webhook_events_age on webhook_events (created_at)',
  `create table webhook_deliveries (
    id text primary key,
    event_id text not null references webhook_events on delete cascade,
    account_id text not null,
    mode text not null check (mode in ('live', 'test')),
    -- Either an endpoint, or the bare URL that a job named.
    endpoint_id text references webhook_endpoints on delete cascade,
    url text,
    -- What shares a fate: an endpoint, or the host that an account's jobs name. None gets in the way of another.
    target text not null,
    status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
    -- Begun so far, and how many of them were before the present round (a replay begins another).
    attempts integer not null default 0 check (attempts >= 0),
    attempts_before integer not null default 0 check (attempts_before between 0 and attempts),
    -- While one is under way: when it is given up for dead. By the database's clock.
    next_attempt_at timestamptz(3) default clock_timestamp(),
    last_status integer,
    last_error text,
    created_at timestamptz(3) not null default clock_timestamp(),
    completed_at timestamptz(3),
    constraint webhook_deliveries_to check ((endpoint_id is null) <> (url is null)),
    constraint webhook_deliveries_pending check ((status = 'pending') = (next_attempt_at is not null)),
    constraint webhook_deliveries_completed check ((status = 'pending') = (completed_at is null)),
    constraint webhook_deliveries_once unique (event_id, target)
  -- Room on each page for new versions of rows that every try changes.
  ) with (fillfactor = 70)`,
  "create index webhook_deliveries_due on webhook_deliveries (target, next_attempt_at) where status = 'pending'",
  'create index webhook_deliveries_account on webhook_deliveries (account_id, created_at desc, id desc)',
  `create index webhook_deliveries_endpoint on webhook_deliveries (endpoint_id, created_at desc, id desc)
    where endpoint_id is not null`,
  `create table webhook_attempts (
    delivery_id text not null references webhook_deliveries on delete cascade,
    -- From 1. One that a crash cut leaves a gap.
    seq integer not null check (seq >= 1),
    at timestamptz(3) not null,
    -- Null = no answer.
    status integer,
    latency_ms integer not null check (latency_ms >= 0),
    error text,
    -- How the answer began.
    answer text,
    primary key (delivery_id, seq)
  )`,
  // The mark below which an account was told that its wallet runs low; null = not told since it was above.
  'alter table wallets add column low_mark_micros bigint',
] as const;

const rules = [
  `create function gesso_write_event(account_id text, mode text, type text, data jsonb, dedupe_key text, url text)
    returns text language plpgsql as $$
  declare
    event_id text := 'evt_' || replace(gen_random_uuid()::text, '-', '');
    endpoints text[] := array(
      select endpoint.id from webhook_endpoints as endpoint
      where endpoint.account_id = $1 and endpoint.mode in ($2, 'both') and endpoint.deleted_at is null
        and endpoint.disabled_at is null and (endpoint.event_types is null or $3 = any(endpoint.event_types))
    );
  begin
    if $6 is null and cardinality(endpoints) = 0 then
      return null;
    end if;
    insert into webhook_events (id, account_id, mode, type, data, dedupe_key) values (event_id, $1, $2, $3, $4, $5)
      on conflict on constraint webhook_events_once do nothing;
    if not found then
      return null;
    end if;
    insert into webhook_deliveries (id, event_id, account_id, mode, endpoint_id, url, target)
      select 'whd_' || replace(gen_random_uuid()::text, '-', ''), event_id, $1, $2, wanted.endpoint_id, wanted.url, wanted.target
      from (
        select unnest(endpoints) as endpoint_id, null as url, unnest(endpoints) as target
        union all
        select null, $6, $1 || ' ' || lower(substring($6 from '^[A-Za-z]+://[^/?#]+')) where $6 is not null
      ) as wanted;
    return event_id;
  end $$`,

  // Whoever ends a generation tells of it in the same statement; lines of a batch are told of as a whole.
  `create function gesso_tell_end() returns trigger language plpgsql as $$ begin
    -- Most accounts have no endpoint: they pay for this look and no more.
    if new.webhook_url is null and not exists (
      select 1 from webhook_endpoints where account_id = new.account_id and deleted_at is null
    ) then
      return null;
    end if;
    perform gesso_write_event(new.account_id, new.mode, 'generation.' || new.status,
      jsonb_build_object('object', 'generation', 'id', new.id), 'generation.ended:' || new.id, new.webhook_url);
    return null;
  end $$`,
  `create trigger generations_tell_end after update of status on generations for each row
    when (old.status <> new.status and new.status in ('completed', 'failed', 'canceled') and new.batch_id is null)
    execute function gesso_tell_end()`,

  // Back above the mark, an account may be told again.
  `create function gesso_forget_low() returns trigger language plpgsql as $$ begin
    new.low_mark_micros := null;
    return new;
  end $$`,
  `create trigger wallets_recover before update of balance_micros on wallets for each row
    when (new.balance_micros >= new.low_mark_micros) execute function gesso_forget_low()`,
] as const;

const statements: readonly string[] = [...tables, ...rules];
