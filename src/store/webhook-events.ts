/** The outbox: an event is written in the transaction that makes it true, or not at all. */
import { sql } from 'kysely';
import type { Mode } from '../contracts/generation.ts';
import type { JsonObject } from '../contracts/json.ts';
import { json } from './json.ts';
import type { Db } from './tables.ts';

export interface NewEvent {
  readonly account_id: string;
  readonly mode: Mode;
  /** One of `core/webhooks/event-types.ts`. */
  readonly type: string;
  /** `object` and `id` of what it is about, which is read when the event is sent; or a few facts, sent as they are. */
  readonly data: JsonObject;
  /** The same fact is told once: unique in the account. */
  readonly dedupe_key: string;
  /** Told here too, besides the endpoints that ask for the type. */
  readonly url?: string | null;
}

/**
 * Writes an event with a delivery for everyone who asked for it, in the transaction that `db` is. Returns its id, or null
 * when nobody asked or it was written before. Say `bus.publish('delivery', '')` once it is committed.
 */
export async function insertEvent(db: Db, event: NewEvent): Promise<string | null> {
  const { account_id, mode, type, data, dedupe_key, url = null } = event;
  const { rows } = await sql<{ id: string | null }>`
    select gesso_write_event(${account_id}, ${mode}, ${type}, ${json(data)}::jsonb, ${dedupe_key}, ${url}) as id
  `.execute(db);
  return rows[0]?.id ?? null;
}

/** At most `limit` of those that are older, with their deliveries; returns how many. */
export async function dropEvents(db: Db, created_before: Date, limit: number): Promise<number> {
  const { rows } = await sql`
    delete from webhook_events where id in (
      select id from webhook_events where created_at < ${created_before} order by created_at limit ${limit}
      for update skip locked
    ) returning 1
  `.execute(db);
  return rows.length;
}
