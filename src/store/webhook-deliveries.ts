/**
 * Deliveries: one event on its way to one target. A claim moves `next_attempt_at` on, by the database's clock: a process
 * that dies leaves a delivery that is due again then. `attempts` fences: only who began the last try may end it.
 */
import { sql } from 'kysely';
import type { Mode } from '../contracts/generation.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { DeliveryQuery, WebhookAnswer } from '../contracts/webhooks.ts';
import { storable } from './json.ts';
import type { Db } from './tables.ts';
import type { WebhookAttemptRow, WebhookDeliveryRow } from './webhook-tables.ts';

export interface Claim {
  /** How many at most. */
  readonly limit: number;
  /** How many of one target at most, whatever else is due. */
  readonly per_target: number;
  /** Targets that have room for fewer, by what is under way here. */
  readonly room: Readonly<Record<string, number>>;
  readonly lease_ms: number;
}

/** What is needed to send one. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly target: string;
  /** This try's number; what fences it. */
  readonly attempts: number;
  readonly attempts_before: number;
  readonly event_id: string;
  readonly account_id: string;
  readonly mode: Mode;
  readonly type: string;
  readonly data: JsonObject;
  readonly event_created_at: Date;
  readonly url: string;
  /** Null = to the URL of a job. */
  readonly endpoint_id: string | null;
  readonly secret_version: number;
  readonly previous_until: Date | null;
  readonly failing_since: Date | null;
  /** The endpoint was disabled or deleted since. */
  readonly is_unwanted: boolean;
}

/**
 * Takes due deliveries, first one of every target, then a second of every target and so on: a target with a long queue,
 * or a slow one, gets in nobody's way.
 */
export async function claimDeliveries(
  db: Db,
  { limit, per_target, room, lease_ms }: Claim,
): Promise<ClaimedDelivery[]> {
  const { rows } = await sql<ClaimedDelivery>`
    with recursive targets (target) as (
      (select target from webhook_deliveries where status = 'pending' order by target limit 1)
      union all
      -- From one target to the next by the index, whatever the length of their queues.
      select (
        select next.target from webhook_deliveries as next
        where next.status = 'pending' and next.target > targets.target order by next.target limit 1
      ) from targets where targets.target is not null
    ), due as (
      select one.id, one.next_attempt_at, targets.target,
        row_number() over (partition by targets.target order by one.next_attempt_at, one.id) as place
      from targets cross join lateral (
        select id, next_attempt_at from webhook_deliveries as delivery
        where delivery.status = 'pending' and delivery.target = targets.target
          -- Times are kept to the millisecond: one that was written just now may lie ahead by its rounding.
          and delivery.next_attempt_at <= now() + interval '1 millisecond'
        order by next_attempt_at limit ${per_target}
      ) as one where targets.target is not null
    ), chosen as (
      select id, event_id, endpoint_id from webhook_deliveries
      where status = 'pending' and next_attempt_at <= now() + interval '1 millisecond' and id in (
        select id from due where place <= coalesce((${JSON.stringify(room)}::jsonb->>target)::integer, ${per_target})
        order by place, next_attempt_at limit ${limit}
      )
      for update skip locked
    )
    update webhook_deliveries as delivery
      set attempts = attempts + 1, next_attempt_at = now() + ${lease_ms} * interval '1 millisecond'
    from chosen join webhook_events as event on event.id = chosen.event_id
      left join webhook_endpoints as endpoint on endpoint.id = chosen.endpoint_id
      left join webhook_secrets as secret on secret.account_id = event.account_id and secret.mode = event.mode
    where delivery.id = chosen.id
    returning delivery.id, delivery.target, delivery.attempts, delivery.attempts_before, event.id as event_id,
      event.account_id, event.mode, event.type, event.data, event.created_at as event_created_at,
      coalesce(endpoint.url, delivery.url) as url, endpoint.id as endpoint_id,
      coalesce(case when endpoint.id is null then secret.secret_version else endpoint.secret_version end, 1) as secret_version,
      case when endpoint.id is null then secret.previous_until else endpoint.previous_until end as previous_until,
      endpoint.failing_since, coalesce(endpoint.disabled_at, endpoint.deleted_at) is not null as is_unwanted
  `.execute(db);
  return rows;
}

/** What becomes of a delivery after a try. */
export type Outcome =
  | { readonly status: 'delivered' | 'failed' }
  | { readonly status: 'pending'; readonly delay_ms: number };

/** Returns false when another try was begun meanwhile: then that one decides. The try itself is written down all the same. */
export async function recordAttempt(
  db: Db,
  { id, attempts }: Pick<ClaimedDelivery, 'id' | 'attempts'>,
  sent: WebhookAnswer,
  outcome: Outcome,
): Promise<boolean> {
  const { at, status, latency_ms, error, answer } = sent;
  await db
    .insertInto('webhook_attempts')
    .values({
      delivery_id: id,
      seq: attempts,
      at,
      status,
      latency_ms,
      error,
      answer: answer === null ? null : storable(answer),
    })
    .execute();
  const isPending = outcome.status === 'pending';
  const result = await db
    .updateTable('webhook_deliveries')
    .set({
      status: outcome.status,
      next_attempt_at: isPending ? sql<Date>`now() + ${outcome.delay_ms} * interval '1 millisecond'` : null,
      completed_at: isPending ? null : sql<Date>`now()`,
      last_status: status,
      last_error: error,
    })
    .where('id', '=', id)
    .where('attempts', '=', attempts)
    .where('status', '=', 'pending')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** A try that was not finished for a reason of our own: due again at once, and it counts for nothing. */
export async function releaseDelivery(
  db: Db,
  { id, attempts }: Pick<ClaimedDelivery, 'id' | 'attempts'>,
): Promise<void> {
  await db
    .updateTable('webhook_deliveries')
    .set({ next_attempt_at: sql<Date>`now()`, attempts_before: sql<number>`attempts_before + 1` })
    .where('id', '=', id)
    .where('attempts', '=', attempts)
    .where('status', '=', 'pending')
    .execute();
}

/** Without a try: nobody wants it any more. */
export async function giveUpDelivery(db: Db, id: string, last_error: string): Promise<void> {
  await db
    .updateTable('webhook_deliveries')
    .set({ status: 'failed', next_attempt_at: null, completed_at: sql<Date>`now()`, last_error })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .execute();
}

/** Due now, with the whole row of tries before it again. */
export async function replayDelivery(db: Db, id: string): Promise<void> {
  await db
    .updateTable('webhook_deliveries')
    .set({
      status: 'pending',
      next_attempt_at: sql<Date>`now()`,
      completed_at: null,
      attempts_before: sql<number>`attempts`,
    })
    .where('id', '=', id)
    .execute();
}

/** A delivery with its event and where it goes. */
export interface DeliveryRow extends Omit<WebhookDeliveryRow, 'url' | 'target' | 'attempts_before'> {
  readonly url: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly event_created_at: Date;
}

export interface DeliveryFilter extends Omit<DeliveryQuery, 'limit' | 'starting_after'> {
  readonly account_id: string;
  readonly modes: readonly Mode[];
  readonly id?: string;
}

/** Newest first; `limit + 1` rows asked for tell whether there are more. */
export async function listDeliveries(
  db: Db,
  filter: DeliveryFilter,
  page: { readonly limit: number; readonly after?: Pick<WebhookDeliveryRow, 'created_at' | 'id'> },
): Promise<DeliveryRow[]> {
  let query = db
    .selectFrom('webhook_deliveries as delivery')
    .innerJoin('webhook_events as event', 'event.id', 'delivery.event_id')
    .leftJoin('webhook_endpoints as endpoint', 'endpoint.id', 'delivery.endpoint_id')
    .select([
      'delivery.id',
      'delivery.event_id',
      'delivery.account_id',
      'delivery.mode',
      'delivery.endpoint_id',
      'delivery.status',
      'delivery.attempts',
      'delivery.next_attempt_at',
      'delivery.last_status',
      'delivery.last_error',
      'delivery.created_at',
      'delivery.completed_at',
      'event.type',
      'event.data',
      'event.created_at as event_created_at',
      // One of the two is there.
      sql<string>`coalesce(endpoint.url, delivery.url)`.as('url'),
    ])
    .where('delivery.account_id', '=', filter.account_id)
    .where('delivery.mode', 'in', [...filter.modes])
    .orderBy('delivery.created_at', 'desc')
    .orderBy('delivery.id', 'desc')
    .limit(page.limit);
  if (filter.id !== undefined) query = query.where('delivery.id', '=', filter.id);
  if (filter.endpoint_id !== undefined) query = query.where('delivery.endpoint_id', '=', filter.endpoint_id);
  if (filter.object_id !== undefined) query = query.where('event.object_id', '=', filter.object_id);
  if (filter.status !== undefined) query = query.where('delivery.status', '=', filter.status);
  const { after } = page;
  if (after !== undefined) {
    query = query.where(
      sql<boolean>`(delivery.created_at, delivery.id) < (${after.created_at}::timestamptz, ${after.id})`,
    );
  }
  return query.execute();
}

/** Oldest first. */
export async function listWebhookAttempts(db: Db, delivery_id: string): Promise<WebhookAttemptRow[]> {
  return db.selectFrom('webhook_attempts').selectAll().where('delivery_id', '=', delivery_id).orderBy('seq').execute();
}
