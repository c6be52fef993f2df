/**
 * What offers did lately and how their breakers stand, shared by all processes. Every time is the database's, so that
 * processes whose clocks differ agree.
 */
import { sql } from 'kysely';
import type { Mode } from '../contracts/generation.ts';
import type { Db, OfferBreakerRow, OfferStatsRow } from './tables.ts';

/** What is added to the minute that it is now. */
export type OfferStatsChange = Omit<OfferStatsRow, 'bucket_start'>;

export interface OfferKey {
  readonly mode: Mode;
  readonly offer_id: string;
}

/** A breaker as it is now; `probe_in_ms` until its probe (or the life of the one under way) is due, 0 = it is. */
export type Breaker = Pick<OfferBreakerRow, 'mode' | 'offer_id' | 'state' | 'reason' | 'trips' | 'opened_at'> & {
  readonly probe_in_ms: number;
};

/** Adds to what other processes have counted in the same minute. Call it for many rows in one order, always the same. */
export async function addOfferStats(db: Db, change: OfferStatsChange): Promise<void> {
  await db
    .insertInto('offer_stats')
    .values({ ...change, latency: [...change.latency], bucket_start: sql<Date>`date_trunc('minute', now())` })
    .onConflict((conflict) =>
      conflict.columns(['mode', 'offer_id', 'kind', 'size_class', 'bucket_start']).doUpdateSet({
        succeeded: sql`offer_stats.succeeded + excluded.succeeded`,
        failed: sql`offer_stats.failed + excluded.failed`,
        limited: sql`offer_stats.limited + excluded.limited`,
        excused: sql`offer_stats.excused + excluded.excused`,
        latency: sql`array(
          select coalesce(a, 0) + coalesce(b, 0)
          from unnest(offer_stats.latency, excluded.latency) with ordinality as both_of (a, b, place) order by place
        )`,
      }),
    )
    .execute();
}

/** The last `minutes`, the one that it is now included. */
export async function listOfferStats(db: Db, minutes: number): Promise<OfferStatsRow[]> {
  return db
    .selectFrom('offer_stats')
    .selectAll()
    .where('bucket_start', '>', sql<Date>`now() - ${minutes} * interval '1 minute'`)
    .execute();
}

export async function deleteOfferStats(db: Db, older_than_minutes: number): Promise<void> {
  await db
    .deleteFrom('offer_stats')
    .where('bucket_start', '<', sql<Date>`now() - ${older_than_minutes} * interval '1 minute'`)
    .execute();
}

export async function listBreakers(db: Db): Promise<Breaker[]> {
  return db
    .selectFrom('offer_breakers')
    .select(['mode', 'offer_id', 'state', 'reason', 'trips', 'opened_at'])
    .select(
      sql<number>`coalesce(greatest(0, extract(epoch from probe_until - now()) * 1000), 0)::float8`.as('probe_in_ms'),
    )
    .execute();
}

/** Opens, or keeps open for longer; the time when it first opened stays. */
export async function openBreaker(
  db: Db,
  { mode, offer_id }: OfferKey,
  { reason, open_ms }: { readonly reason: string; readonly open_ms: number },
): Promise<void> {
  await db
    .insertInto('offer_breakers')
    .values({
      mode,
      offer_id,
      state: 'open',
      reason,
      trips: 1,
      opened_at: sql<Date>`now()`,
      probe_until: inMilliseconds(open_ms),
      updated_at: sql<Date>`now()`,
    })
    .onConflict((conflict) =>
      conflict.columns(['mode', 'offer_id']).doUpdateSet({
        state: 'open',
        reason,
        // Requests that were under way together fail together: they are one trip.
        trips: sql`case when offer_breakers.state = 'open' then offer_breakers.trips else offer_breakers.trips + 1 end`,
        opened_at: sql`case when offer_breakers.state = 'closed' then now() else offer_breakers.opened_at end`,
        probe_until: sql`excluded.probe_until`,
        updated_at: sql`now()`,
      }),
    )
    .execute();
}

/**
 * One guarded statement, so that exactly one request of all processes tries an open offer. `early` = also before its
 * time, because nothing else is left. True for the one that may try.
 */
export async function claimProbe(
  db: Db,
  { mode, offer_id }: OfferKey,
  { early, lease_ms }: { readonly early: boolean; readonly lease_ms: number },
): Promise<boolean> {
  const result = await db
    .updateTable('offer_breakers')
    .set({ state: 'half_open', probe_until: inMilliseconds(lease_ms), updated_at: sql<Date>`now()` })
    .where('mode', '=', mode)
    .where('offer_id', '=', offer_id)
    .where(sql<boolean>`(state = 'open' and (${early}::boolean or probe_until <= now()))
      or (state = 'half_open' and probe_until <= now())`)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Closes a half-open breaker, and forgets the failures that opened it, which would open it again at the next one. */
export async function closeBreaker(db: Db, { mode, offer_id }: OfferKey): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const result = await transaction
      .updateTable('offer_breakers')
      .set({
        state: 'closed',
        reason: null,
        trips: 0,
        opened_at: null,
        probe_until: null,
        updated_at: sql<Date>`now()`,
      })
      .where('mode', '=', mode)
      .where('offer_id', '=', offer_id)
      .where('state', '=', 'half_open')
      .executeTakeFirst();
    if (result.numUpdatedRows !== 1n) return false;
    await transaction
      .updateTable('offer_stats')
      .set({ failed: 0 })
      .where('mode', '=', mode)
      .where('offer_id', '=', offer_id)
      .execute();
    return true;
  });
}

function inMilliseconds(milliseconds: number) {
  return sql<Date>`now() + ${milliseconds} * interval '1 millisecond'`;
}
