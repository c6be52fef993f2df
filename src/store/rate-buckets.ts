/** Token buckets of rate limits, one row each, shared by all processes and filled by the database's clock. */
import { sql } from 'kysely';
import type { RateSettings } from '../contracts/keys.ts';
import { intervalUs, type RateLimit } from '../core/limits/rate.ts';
import { json } from './json.ts';
import type { Db } from './tables.ts';

export interface RateWish {
  readonly subject: string;
  readonly limit: RateLimit;
  readonly amount: number;
}

export interface BucketState {
  readonly subject: string;
  /** Alike for all: either every bucket gave, or none did. */
  readonly is_taken: boolean;
  readonly now_us: number;
  readonly full_at_us: number;
}

/** One statement, outside of transactions: rows stay locked for as long as it takes and no longer. */
export async function takeFromBuckets(db: Db, wishes: readonly RateWish[]): Promise<BucketState[]> {
  const subjects = wishes.map(({ subject }) => subject);
  const amounts = wishes.map(({ amount }) => amount);
  const intervals = wishes.map(({ limit }) => intervalUs(limit));
  const capacities = wishes.map(({ limit }) => limit.burst);
  const { rows } = await sql<BucketState>`
    select * from gesso_take_rate(${subjects}::text[], ${amounts}::bigint[], ${intervals}::bigint[], ${capacities}::bigint[])
  `.execute(db);
  return rows;
}

export async function setAccountLimits(db: Db, account_id: string, settings: RateSettings): Promise<void> {
  await db
    .insertInto('account_limits')
    .values({ account_id, settings: json(settings) })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ settings: json(settings) }))
    .execute();
}
