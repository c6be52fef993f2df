import { type Kysely, sql } from 'kysely';

/**
 * The turnstile before a provider, for processes that share a database: who is inside, who waits, what went in during the
 * last minute, and how long nobody may. Not logged: after a crash of the database every process says anew what it holds.
 */
export async function providerSlots(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements: readonly string[] = [
  // A gate's row is its lock.
  `create unlogged table provider_gates (
    gate text primary key,
    paused_until timestamptz
  )`,
  `create unlogged table provider_slots (
    gate text not null,
    runner_id text not null,
    inside integer not null check (inside >= 0),
    lease_until timestamptz not null,
    -- Since when its first one has been waiting; null = nobody.
    waits_since timestamptz,
    looked_at timestamptz not null,
    primary key (gate, runner_id)
  )`,
  // In slices of a sixhundredth of the window, each as old as the last that went in: never too many, and never many rows.
  `create unlogged table provider_passes (
    gate text not null,
    slice bigint not null,
    requests bigint not null,
    images bigint not null,
    last_at timestamptz not null,
    primary key (gate, slice)
  )`,

  // Until when a minute's limit lets so much more in: nothing older than that slice may count any more.
  `create function gesso_window_opens(the_gate text, window_ms integer, of_images boolean, amount bigint, amount_max bigint)
    returns timestamptz language sql as $$
    select max(last_at) + window_ms * interval '1 millisecond' from (
      select last_at, sum(case when of_images then images else requests end) over (order by last_at desc) as since
      from provider_passes where gate = the_gate
    ) as passes where since + amount > amount_max
  $$`,

  // Says what this process holds (held), and asks for those that wait (how long each has waited, and for how many
  // pictures, in their order). Lets in the first so many. One that has waited longer elsewhere has the next place.
  `create function gesso_pass_gate(
    the_gate text, runner text, lease_ms integer, held integer, waits_ms integer[], wanted_images integer[],
    concurrent_max integer, requests_max integer, images_max integer, window_ms integer
  ) returns table (admitted integer, opens_in_ms double precision, paused_ms double precision, others_wait boolean)
  language plpgsql as $$
  declare
    clock timestamptz; paused timestamptz; opens timestamptz; is_known boolean := true;
    taken bigint; older integer; used_requests bigint := 0; used_images bigint := 0; new_images bigint := 0;
    wants integer := cardinality(waits_ms);
  begin
    admitted := 0;
    loop
      select paused_until into paused from provider_gates where gate = the_gate for update;
      exit when found;
      insert into provider_gates (gate) values (the_gate) on conflict do nothing;
    end loop;
    clock := clock_timestamp();
    if requests_max is not null or images_max is not null then
      delete from provider_passes where gate = the_gate and last_at <= clock - window_ms * interval '1 millisecond';
      select coalesce(sum(requests), 0), coalesce(sum(images), 0) into used_requests, used_images
        from provider_passes where gate = the_gate;
    end if;
    select coalesce(sum(inside) filter (where lease_until > clock), 0), coalesce(bool_or(waits_since is not null
        and looked_at > clock - interval '1 second'), false) into taken, others_wait
      from provider_slots where gate = the_gate and runner_id <> runner;
    taken := taken + held;

    while admitted < wants and coalesce(paused <= clock, true) loop
      select count(*) into older from provider_slots where gate = the_gate and runner_id <> runner
        and looked_at > clock - interval '1 second'
        and waits_since < clock - waits_ms[admitted + 1] * interval '1 millisecond';
      if taken + older >= concurrent_max then
        is_known := false;
        exit;
      end if;
      if used_requests + older >= requests_max then
        is_known := used_requests >= requests_max;
        exit;
      end if;
      exit when used_images > 0 and used_images + wanted_images[admitted + 1] > images_max;
      admitted := admitted + 1;
      taken := taken + 1;
      used_requests := used_requests + 1;
      used_images := used_images + wanted_images[admitted];
      new_images := new_images + wanted_images[admitted];
    end loop;

    if admitted > 0 and (requests_max is not null or images_max is not null) then
      insert into provider_passes as pass (gate, slice, requests, images, last_at)
        values (the_gate, floor(extract(epoch from clock) * 600000 / window_ms), admitted, new_images, clock)
        on conflict (gate, slice) do update set requests = pass.requests + excluded.requests,
          images = pass.images + excluded.images, last_at = excluded.last_at;
    end if;
    insert into provider_slots as slot (gate, runner_id, inside, lease_until, waits_since, looked_at)
      values (the_gate, runner, held + admitted, clock + lease_ms * interval '1 millisecond',
        clock - waits_ms[admitted + 1] * interval '1 millisecond', clock)
      on conflict (gate, runner_id) do update set inside = excluded.inside, lease_until = excluded.lease_until,
        waits_since = excluded.waits_since, looked_at = excluded.looked_at;

    paused_ms := greatest(0, extract(epoch from paused - clock) * 1000);
    if admitted < wants and is_known then
      opens := greatest(paused,
        case when requests_max is not null then gesso_window_opens(the_gate, window_ms, false, 1, requests_max) end,
        case when images_max is not null then
          gesso_window_opens(the_gate, window_ms, true, wanted_images[admitted + 1], images_max) end);
      opens_in_ms := greatest(0, extract(epoch from opens - clock) * 1000);
    end if;
    return next;
  end $$`,
];
