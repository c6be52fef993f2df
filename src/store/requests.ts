/** History and sums of what an account asked for. Newest first; a page goes on after a row, whatever came since. */
import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import type { Mode } from '../contracts/generation.ts';
import type { UsageDimension } from '../contracts/requests.ts';
import type { GenerationStatus } from '../core/generation/states.ts';
import type { Db, GenerationRow, Tables } from './tables.ts';

export interface RequestsFilter {
  readonly account_id: string;
  readonly modes: readonly Mode[];
  readonly status?: GenerationStatus;
  readonly model?: string;
  readonly key_id?: string;
  readonly tag?: string;
  /** From this moment on. */
  readonly created_after?: Date;
  /** Up to, and without, this moment. */
  readonly created_before?: Date;
  /** Leaves out what was deleted as a generation. */
  readonly without_deleted?: boolean;
}

/** The row that a page begins behind: `older` pages go back in time, `newer` ones forward. */
export interface RequestsPage {
  readonly limit: number;
  readonly direction: 'older' | 'newer';
  readonly beyond?: Pick<GenerationRow, 'created_at' | 'id'>;
}

/** A line of the list: without prompt and parameters, which may be long. */
const columns = [
  'id',
  'mode',
  'kind',
  'status',
  'model',
  'executed_model',
  'provider',
  'key_id',
  'tag',
  'user',
  'labels',
  'n',
  'pictures',
  'held_micros',
  'cost_micros',
  'error',
  'created_at',
  'started_at',
  'completed_at',
  'expires_at',
  'payloads_dropped_at',
] as const satisfies readonly (keyof GenerationRow)[];

export type RequestRow = Pick<GenerationRow, (typeof columns)[number]>;

/** Newest first, in either direction; `limit + 1` rows asked for tell whether there are more. */
export async function listRequests(db: Db, filter: RequestsFilter, page: RequestsPage): Promise<RequestRow[]> {
  const order = page.direction === 'older' ? 'desc' : 'asc';
  let query = filtered(db, filter).select(columns).orderBy('created_at', order).orderBy('id', order).limit(page.limit);
  const { beyond } = page;
  if (beyond !== undefined) {
    const row = sql`(${beyond.created_at}::timestamptz, ${beyond.id})`;
    query = query.where(
      page.direction === 'older' ? sql<boolean>`(created_at, id) < ${row}` : sql<boolean>`(created_at, id) > ${row}`,
    );
  }
  const rows = await query.execute();
  return page.direction === 'older' ? rows : rows.reverse();
}

export interface RequestSums {
  readonly requests: number;
  readonly completed: number;
  readonly failed: number;
  readonly pictures: number;
  readonly cost_micros: number;
}

const sums = [
  sql<number>`count(*)::bigint`.as('requests'),
  sql<number>`count(*) filter (where status = 'completed')`.as('completed'),
  sql<number>`count(*) filter (where status in ('failed', 'canceled'))`.as('failed'),
  sql<number>`coalesce(sum(pictures), 0)::bigint`.as('pictures'),
  sql<number>`coalesce(sum(cost_micros), 0)::bigint`.as('cost_micros'),
] as const;

/** Over all that the filter lets through, whatever the page. */
export async function sumRequests(db: Db, filter: RequestsFilter): Promise<RequestSums> {
  return filtered(db, filter).select(sums).executeTakeFirstOrThrow();
}

const dimensions: Readonly<Record<UsageDimension, RawBuilder<string | null>>> = {
  // Days are those of UTC, whatever the database's time zone.
  day: sql<string>`to_char(created_at at time zone 'UTC', 'YYYY-MM-DD')`,
  model: sql<string>`model`,
  provider: sql<string | null>`provider`,
  key: sql<string | null>`key_id`,
  tag: sql<string | null>`tag`,
};

export type UsageRow = RequestSums & { readonly [dimension in UsageDimension]?: string | null };

/** One row for each combination that occurs, in the order of the dimensions. */
export async function sumUsage(
  db: Db,
  filter: RequestsFilter,
  group_by: readonly UsageDimension[],
  limit: number,
): Promise<UsageRow[]> {
  const groups = group_by.map((name) => dimensions[name]);
  const query = filtered(db, filter)
    .select([...group_by.map((name) => dimensions[name].as(name)), ...sums])
    .groupBy(groups)
    .limit(limit);
  // Which of the dimensions are there is only known here.
  return (await groups.reduce((ordered, group) => ordered.orderBy(group), query).execute()) as UsageRow[];
}

function filtered(db: Db, filter: RequestsFilter): SelectQueryBuilder<Tables, 'generations', object> {
  const { created_after, created_before, without_deleted } = filter;
  let query = db
    .selectFrom('generations')
    .where('account_id', '=', filter.account_id)
    .where(sql<boolean>`mode = any(${[...filter.modes]}::text[])`);
  for (const name of ['status', 'model', 'key_id', 'tag'] as const) {
    const wanted = filter[name];
    if (wanted !== undefined) query = query.where(name, '=', wanted);
  }
  if (created_after !== undefined) query = query.where('created_at', '>=', created_after);
  if (created_before !== undefined) query = query.where('created_at', '<', created_before);
  if (without_deleted === true) query = query.where('deleted_at', 'is', null);
  return query;
}
