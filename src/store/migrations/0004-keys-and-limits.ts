import { type Kysely, sql } from 'kysely';

/**
 * Keys under keys, their rotation, budgets and rate limits. What a budget counts moves in the statement that holds,
 * captures or releases (triggers on generations), whoever writes it; an insert that would pass a budget fails whole.
 */
export async function keysAndLimits(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const tables = [
  `alter table keys
    add column parent_id text references keys,
    -- The keys that it was made under, outermost first, and itself.
    add column lineage text[] not null default '{}',
    -- While a key is being rotated: the new one, and until when the old one is good.
    add column next_hash bytea unique,
    add column next_last_four text,
    add column hash_until timestamptz(3),
    add constraint keys_rotating check ((next_hash is null) = (next_last_four is null) and (next_hash is null or hash_until is not null))`,
  'update keys set lineage = array[id]',
  `create table account_limits (
    account_id text primary key references accounts on delete cascade,
    settings jsonb not null
  )`,
  'alter table generations add column if not exists tag text check (char_length(tag) between 1 and 64)',
  `create table budgets (
    -- key:<id>, or tag:<account>:<mode>:<tag>
    spender text primary key,
    account_id text not null references accounts on delete cascade,
    mode text not null check (mode in ('live', 'test')),
    key_id text unique references keys on delete cascade,
    tag text,
    monthly_budget_micros bigint check (monthly_budget_micros >= 0),
    total_budget_micros bigint check (total_budget_micros >= 0),
    -- Charged and held: in the month that is named here (UTC), and ever.
    month text not null default '',
    month_micros bigint not null default 0 check (month_micros >= 0),
    total_micros bigint not null default 0 check (total_micros >= 0),
    constraint budgets_of_key_or_tag check ((key_id is null) = (tag is not null))
  -- Room on each page for new versions of rows that change with every request.
  ) with (fillfactor = 50)`,
  'create index budgets_account on budgets (account_id)',
  // Not logged: after a crash every bucket is full again, and no request waits for the disk.
  `create unlogged table rate_buckets (
    subject text primary key,
    -- When the bucket will be full again, in microseconds since the epoch (the "theoretical arrival time" of GCRA).
    full_at_us bigint not null
  ) with (fillfactor = 50)`,
] as const;

const MONTH = "'YYYY-MM'";

const rules = [
  `create function gesso_set_lineage() returns trigger language plpgsql as $$ begin
    new.lineage := coalesce((select lineage from keys where id = new.parent_id), '{}') || new.id;
    return new;
  end $$`,
  'create trigger keys_set_lineage before insert on keys for each row execute function gesso_set_lineage()',
  `create function gesso_open_budget() returns trigger language plpgsql as $$ begin
    insert into budgets (spender, account_id, mode, key_id) values ('key:' || new.id, new.account_id, new.mode, new.id);
    return null;
  end $$`,
  `create trigger keys_open_budget after insert on keys for each row when (new.mode <> 'admin')
    execute function gesso_open_budget()`,
  `create function gesso_spenders(account_id text, mode text, key_id text, tag text) returns text[] language sql stable as $$
    select array(select 'key:' || unnest(lineage) from keys where id = $3)
      || case when $4 is null then '{}' else array['tag:' || $1 || ':' || $2 || ':' || $4] end
  $$`,

  // Whether a row alone would fit, as far as can be known without a lock: the trigger below has the last word.
  `create function gesso_may_spend(account_id text, mode text, key_id text, tag text, micros bigint, at timestamptz)
    returns boolean language sql stable as $$
    select micros = 0 or not exists (
      select 1 from budgets where spender = any(gesso_spenders($1, $2, $3, $4)) and (
        total_micros + micros > total_budget_micros
        or case when month = to_char(at at time zone 'UTC', ${MONTH}) then month_micros else 0 end + micros > monthly_budget_micros
      )
    )
  $$`,

  // Statements that admit many insert many rows of one spender: its budget is written once.
  `create function gesso_spend_many() returns trigger language plpgsql as $$ declare short record; begin
    with spent as (
      select 'key:' || ancestor as spender, fresh.account_id, fresh.mode, ancestor as key_id, null as tag,
        to_char(fresh.created_at at time zone 'UTC', ${MONTH}) as month, fresh.held_micros + fresh.cost_micros as micros
      from fresh join keys on keys.id = fresh.key_id cross join unnest(keys.lineage) as ancestor
      union all
      select 'tag:' || account_id || ':' || mode || ':' || tag, account_id, mode, null, tag,
        to_char(created_at at time zone 'UTC', ${MONTH}), held_micros + cost_micros
      from fresh where tag is not null
    ), sums as (
      select spender, account_id, mode, key_id, tag, month, sum(micros)::bigint as micros from spent
      where micros > 0 group by 1, 2, 3, 4, 5, 6 order by 1
    ), moved as (
      insert into budgets as budget (spender, account_id, mode, key_id, tag, month, month_micros, total_micros)
      select spender, account_id, mode, key_id, tag, month, micros, micros from sums
      on conflict (spender) do update set
        month = greatest(budget.month, excluded.month),
        month_micros = case
          when budget.month < excluded.month then excluded.month_micros
          when budget.month = excluded.month then budget.month_micros + excluded.month_micros
          else budget.month_micros end,
        total_micros = budget.total_micros + excluded.total_micros
      returning budget.*
    )
    select moved.*, sums.micros into short from moved join sums using (spender)
      where moved.total_micros > moved.total_budget_micros or moved.month_micros > moved.monthly_budget_micros
      order by spender limit 1;
    if found then
      raise exception 'a budget is exceeded' using errcode = 'GB402', detail = jsonb_build_object(
        'key_id', short.key_id, 'tag', short.tag,
        'period', case when short.total_micros > short.total_budget_micros then 'total' else 'monthly' end,
        'required_micros', short.micros,
        'available_micros', greatest(0, short.micros + case when short.total_micros > short.total_budget_micros
          then short.total_budget_micros - short.total_micros else short.monthly_budget_micros - short.month_micros end)
      )::text;
    end if;
    return null;
  end $$`,
  `create trigger generations_spend after insert on generations referencing new table as fresh
    for each statement execute function gesso_spend_many()`,

  // Wallets come first by the names of the triggers: who has the wallet has the budgets under it.
  `create function gesso_move_spending() returns trigger language plpgsql as $$
  declare moved bigint := (case tg_op when 'DELETE' then old.cost_micros else new.held_micros + new.cost_micros end)
    - old.held_micros - old.cost_micros;
  begin
    update budgets set total_micros = total_micros + moved,
      month_micros = month_micros + case when month = to_char(old.created_at at time zone 'UTC', ${MONTH}) then moved else 0 end
      where spender = any(gesso_spenders(old.account_id, old.mode, old.key_id, old.tag));
    return null;
  end $$`,
  `create trigger generations_move_spending after update of held_micros, cost_micros on generations for each row
    when (old.held_micros + old.cost_micros <> new.held_micros + new.cost_micros) execute function gesso_move_spending()`,
  `create trigger generations_release_spending after delete on generations for each row
    when (old.held_micros <> 0) execute function gesso_move_spending()`,

  // GCRA: all of the buckets give, or none does, by the database's clock once their rows are locked.
  `create function gesso_take_rate(subjects text[], amounts bigint[], intervals_us bigint[], capacities bigint[])
    returns table (subject text, is_taken boolean, now_us bigint, full_at_us bigint) language plpgsql as $$
  #variable_conflict use_column
  declare locked integer; declare clock bigint; declare fits boolean;
  begin
    loop
      select count(*) into locked from (
        select 1 from rate_buckets where subject = any(subjects) order by subject for update
      ) as rows;
      exit when locked = cardinality(subjects);
      insert into rate_buckets (subject, full_at_us) select unnest(subjects) as subject, 0 order by 1 on conflict do nothing;
    end loop;
    clock := (extract(epoch from clock_timestamp()) * 1000000)::bigint;
    select bool_and(greatest(bucket.full_at_us, clock) + wanted.amount * wanted.interval_us <= clock + wanted.capacity * wanted.interval_us)
      into fits from rate_buckets as bucket
      join unnest(subjects, amounts, intervals_us, capacities) as wanted (subject, amount, interval_us, capacity) using (subject);
    if fits then
      update rate_buckets as bucket set full_at_us = greatest(bucket.full_at_us, clock) + wanted.amount * wanted.interval_us
        from unnest(subjects, amounts, intervals_us) as wanted (subject, amount, interval_us)
        where bucket.subject = wanted.subject;
    end if;
    return query select bucket.subject, fits, clock, bucket.full_at_us from rate_buckets as bucket where bucket.subject = any(subjects);
  end $$`,
] as const;

/** What keys have spent so far. */
const history = [
  `insert into budgets (spender, account_id, mode, key_id, month, month_micros, total_micros)
    select 'key:' || keys.id, keys.account_id, keys.mode, keys.id, to_char(now() at time zone 'UTC', ${MONTH}),
      coalesce(sum(generations.held_micros + generations.cost_micros) filter (
        where to_char(generations.created_at at time zone 'UTC', ${MONTH}) = to_char(now() at time zone 'UTC', ${MONTH})), 0)::bigint,
      coalesce(sum(generations.held_micros + generations.cost_micros), 0)::bigint
    from keys left join generations on generations.key_id = keys.id
    where keys.mode <> 'admin' group by keys.id`,
] as const;

const statements = [...tables, ...history, ...rules];
