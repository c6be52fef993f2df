import { type Kysely, sql } from 'kysely';

/**
 * Wallets and the ledger. The rules are the database's own, so that no code can break them: a wallet moves only in the
 * statement that writes the row which moves it (triggers), a prepaid one never falls below zero nor holds more than it
 * has (constraints), and a row of the ledger is never changed nor removed (triggers).
 */
export async function money(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const tables = [
  'create unique index accounts_billing on accounts (id, billing)',
  `create table wallets (
    account_id text not null,
    mode text not null check (mode in ('live', 'test')),
    currency text not null default 'USD' check (currency = 'USD'),
    billing text not null,
    balance_micros bigint not null default 0,
    held_micros bigint not null default 0 check (held_micros >= 0),
    primary key (account_id, mode),
    foreign key (account_id, billing) references accounts (id, billing) on update cascade on delete cascade,
    constraint wallets_never_overdrawn check (billing = 'unmetered' or (balance_micros >= 0 and held_micros <= balance_micros))
  -- Room on each page for new versions of rows that change with every request.
  ) with (fillfactor = 50)`,
  `create table top_ups (
    id text primary key,
    account_id text not null references accounts,
    mode text not null check (mode in ('live', 'test')),
    currency text not null default 'USD' check (currency = 'USD'),
    source text not null check (source in ('admin', 'stripe', 'start_credit')),
    -- What the payment is called where it was made: one payment is never counted twice.
    reference text,
    amount_micros bigint not null check (amount_micros > 0),
    fee_micros bigint not null check (fee_micros >= 0),
    created_at timestamptz(3) not null
  )`,
  'create unique index top_ups_reference on top_ups (source, reference) where reference is not null',
  'create index top_ups_account on top_ups (account_id, created_at)',
  `create table transfers (
    id bigint generated always as identity primary key,
    mode text not null check (mode in ('live', 'test')),
    entry text not null check (entry in ('charge', 'refund', 'top_up', 'fee', 'provider_cost', 'possible_cost')),
    debit_account text not null,
    credit_account text not null,
    amount_micros bigint not null check (amount_micros > 0),
    currency text not null default 'USD' check (currency = 'USD'),
    cause text not null check (cause in ('request', 'attempt', 'top_up')),
    cause_id text not null,
    -- Whose request or payment it was; null = nobody's but the house's.
    account_id text,
    generation_id text,
    -- Of a charge: which of the generation's pictures.
    position integer check (position >= 0),
    created_at timestamptz(3) not null,
    constraint transfers_between_two check (debit_account <> credit_account),
    constraint transfers_charge check ((entry = 'charge') = (position is not null))
  )`,
  // Nothing is charged twice, paid in twice or billed to us twice.
  "create unique index transfers_charged_once on transfers (generation_id, position) where entry = 'charge'",
  "create unique index transfers_caused_once on transfers (cause, cause_id, entry) where entry not in ('charge', 'refund')",
  'create index transfers_generation on transfers (generation_id) where generation_id is not null',
  'create index transfers_debit on transfers (debit_account, mode, id)',
  'create index transfers_credit on transfers (credit_account, mode, id)',
  `alter table generations
    add column authorized_micros bigint not null default 0`,
  'update generations set authorized_micros = greatest(held_micros, cost_micros)',
  `alter table generations
    add constraint generations_within_hold check (held_micros <= authorized_micros and cost_micros <= authorized_micros),
    add constraint generations_settled check (held_micros = 0 or status in ('queued', 'running'))`,
  `alter table attempts
    add column price_micros bigint not null default 0 check (price_micros >= 0),
    add column billed_micros bigint check (billed_micros >= 0),
    add column possible_micros bigint check (possible_micros >= 0)`,
  "create index attempts_running on attempts (generation_id) where outcome = 'running'",
] as const;

/** What was spent before there was a ledger, all of it by accounts that are not metered. */
const history = [
  "insert into wallets (account_id, mode, billing) select id, mode, billing from accounts, (values ('live'), ('test')) as modes (mode)",
  `update wallets set held_micros = held.micros
    from (select account_id, mode, sum(held_micros)::bigint as micros from generations group by 1, 2) as held
    where wallets.account_id = held.account_id and wallets.mode = held.mode`,
  `insert into transfers (mode, entry, debit_account, credit_account, amount_micros, cause, cause_id, account_id, generation_id, position, created_at)
    select mode, 'charge', 'house:unmetered', 'house:sales', cost_micros, 'request', id, account_id, id, 0, coalesce(completed_at, created_at)
    from generations where cost_micros > 0`,
] as const;

const rules = [
  `create function gesso_open_wallets() returns trigger language plpgsql as $$ begin
    insert into wallets (account_id, mode, billing) values (new.id, 'live', new.billing), (new.id, 'test', new.billing);
    return null;
  end $$`,
  'create trigger accounts_open_wallets after insert on accounts for each row execute function gesso_open_wallets()',

  `create function gesso_refuse() returns trigger language plpgsql as $$ begin
    raise exception '% of % is refused: %', tg_op, tg_table_name, tg_argv[0] using errcode = 'integrity_constraint_violation';
  end $$`,
  ...['transfers', 'top_ups'].flatMap((table) => [
    `create trigger ${table}_append_only before update or delete on ${table}
      for each row execute function gesso_refuse('the ledger is append-only')`,
    `create trigger ${table}_not_emptied before truncate on ${table}
      for each statement execute function gesso_refuse('the ledger is append-only')`,
  ]),
  `create trigger wallets_move_with_rows before update of balance_micros, held_micros on wallets for each row
    when (pg_trigger_depth() = 0) execute function gesso_refuse('a wallet moves only with a row of the ledger or a hold')`,
  `create trigger wallets_begin_empty before insert on wallets for each row
    when (new.balance_micros <> 0 or new.held_micros <> 0) execute function gesso_refuse('a wallet begins empty')`,

  // Statements that admit many insert many rows of one account: the wallet is written once.
  `create function gesso_hold_many() returns trigger language plpgsql as $$ begin
    update wallets set held_micros = wallets.held_micros + held.micros
      from (select account_id, mode, sum(held_micros)::bigint as micros from fresh group by 1, 2 having sum(held_micros) > 0) as held
      where wallets.account_id = held.account_id and wallets.mode = held.mode;
    return null;
  end $$`,
  `create trigger generations_hold after insert on generations referencing new table as fresh
    for each statement execute function gesso_hold_many()`,
  `create function gesso_move_hold() returns trigger language plpgsql as $$ begin
    update wallets set held_micros = held_micros - old.held_micros + (case tg_op when 'DELETE' then 0 else new.held_micros end)
      where account_id = old.account_id and mode = old.mode;
    return null;
  end $$`,
  `create trigger generations_move_hold after update of held_micros on generations for each row
    when (old.held_micros <> new.held_micros) execute function gesso_move_hold()`,
  `create trigger generations_drop_hold after delete on generations for each row
    when (old.held_micros <> 0) execute function gesso_move_hold()`,

  `create function gesso_post() returns trigger language plpgsql as $$ declare known integer; declare moved integer; begin
    with sides as (
      select substr(credit_account, 8) as account_id, mode, amount_micros from fresh where credit_account like 'wallet:%'
      union all
      select substr(debit_account, 8), mode, -amount_micros from fresh where debit_account like 'wallet:%'
    ), sums as (
      select account_id, mode, sum(amount_micros)::bigint as micros from sides group by 1, 2
    ), posted as (
      update wallets set balance_micros = wallets.balance_micros + sums.micros
      from sums where wallets.account_id = sums.account_id and wallets.mode = sums.mode
      returning 1
    )
    select (select count(*) from sums), (select count(*) from posted) into known, moved;
    if known <> moved then
      raise exception 'a transfer names a wallet that does not exist' using errcode = 'foreign_key_violation';
    end if;
    return null;
  end $$`,
  `create trigger transfers_post after insert on transfers referencing new table as fresh
    for each statement execute function gesso_post()`,
] as const;

const statements = [...tables, ...history, ...rules];
