import { type Kysely, sql } from 'kysely';

/** What offers did lately, by minute, and their circuit breakers: shared by all processes. */
export async function offerHealth(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table offer_stats (
    mode text not null check (mode in ('live', 'test')),
    offer_id text not null,
    kind text not null check (kind in ('text_to_image', 'edit')),
    size_class text not null check (size_class in ('1K', '2K', '4K')),
    bucket_start timestamptz(3) not null,
    succeeded integer not null check (succeeded >= 0),
    failed integer not null check (failed >= 0),
    limited integer not null check (limited >= 0),
    excused integer not null check (excused >= 0),
    latency integer[] not null,
    primary key (mode, offer_id, kind, size_class, bucket_start)
  )`,
  'create index offer_stats_bucket on offer_stats (bucket_start)',
  `create table offer_breakers (
    mode text not null check (mode in ('live', 'test')),
    offer_id text not null,
    state text not null check (state in ('closed', 'open', 'half_open')),
    reason text,
    -- How often it opened since it last closed.
    trips integer not null default 0 check (trips >= 0),
    opened_at timestamptz(3),
    -- Open: when one request may try. Half open: until when the one that tries is believed to live.
    probe_until timestamptz(3),
    updated_at timestamptz(3) not null,
    primary key (mode, offer_id),
    constraint offer_breakers_open check (state = 'closed' or (opened_at is not null and probe_until is not null))
  )`,
] as const;
