/** Endpoints of customers, and the versions of what signs for them. */
import { sql } from 'kysely';
import type { Mode } from '../contracts/generation.ts';
import type { DisabledReason, EndpointMode } from '../contracts/webhooks.ts';
import type { Db } from './tables.ts';
import type { WebhookEndpointRow } from './webhook-tables.ts';

export type NewEndpoint = Pick<
  WebhookEndpointRow,
  'id' | 'account_id' | 'mode' | 'name' | 'url' | 'event_types' | 'created_at'
>;

/** Which secret signs, and until when the one before it does too. */
export type SecretVersion = Pick<WebhookEndpointRow, 'secret_version' | 'previous_until'>;

/** Returns false, and writes nothing, when the account has `endpoints_max` already. */
export async function insertEndpoint(db: Db, endpoint: NewEndpoint, endpoints_max: number): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    // Two at once take turns, so that neither slips past the limit.
    await sql`select 1 from accounts where id = ${endpoint.account_id} for no key update`.execute(transaction);
    const { count } = await transaction
      .selectFrom('webhook_endpoints')
      .select(sql<number>`count(*)::integer`.as('count'))
      .where('account_id', '=', endpoint.account_id)
      .where('deleted_at', 'is', null)
      .executeTakeFirstOrThrow();
    if (count >= endpoints_max) return false;
    await transaction.insertInto('webhook_endpoints').values(endpoint).execute();
    return true;
  });
}

/** Oldest first; deleted ones are gone. */
export async function listEndpoints(
  db: Db,
  filter: { readonly account_id: string; readonly modes: readonly EndpointMode[]; readonly id?: string },
): Promise<WebhookEndpointRow[]> {
  let query = db
    .selectFrom('webhook_endpoints')
    .selectAll()
    .where('account_id', '=', filter.account_id)
    .where('mode', 'in', [...filter.modes])
    .where('deleted_at', 'is', null);
  if (filter.id !== undefined) query = query.where('id', '=', filter.id);
  return query.orderBy('created_at').orderBy('id').execute();
}

export interface EndpointColumns {
  readonly name?: string;
  readonly url?: string;
  readonly event_types?: readonly string[] | null;
  readonly mode?: EndpointMode;
}

export async function updateEndpoint(db: Db, id: string, columns: EndpointColumns): Promise<void> {
  if (Object.keys(columns).length === 0) return;
  await db.updateTable('webhook_endpoints').set(columns).where('id', '=', id).execute();
}

/** It begins anew: what failed before counts no more. */
export async function enableEndpoint(db: Db, id: string): Promise<void> {
  await db
    .updateTable('webhook_endpoints')
    .set({ disabled_at: null, disabled_reason: null, failing_since: null })
    .where('id', '=', id)
    .where('disabled_at', 'is not', null)
    .execute();
}

/** What was on its way to it has failed, and can be replayed. Returns false for one that was disabled before. */
export async function disableEndpoint(db: Db, id: string, disabled_reason: DisabledReason): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const result = await transaction
      .updateTable('webhook_endpoints')
      .set({ disabled_at: sql<Date>`now()`, disabled_reason })
      .where('id', '=', id)
      .where('disabled_at', 'is', null)
      .executeTakeFirst();
    if (result.numUpdatedRows === 0n) return false;
    await failPending(transaction, id, 'The endpoint is disabled.');
    return true;
  });
}

export async function deleteEndpoint(db: Db, id: string): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await transaction
      .updateTable('webhook_endpoints')
      .set({ deleted_at: sql<Date>`now()` })
      .where('id', '=', id)
      .execute();
    await failPending(transaction, id, 'The endpoint was deleted.');
  });
}

async function failPending(db: Db, endpoint_id: string, last_error: string): Promise<void> {
  await sql`
    update webhook_deliveries set status = 'failed', next_attempt_at = null, completed_at = now(), last_error = ${last_error}
    where status = 'pending' and id in (
      select id from webhook_deliveries where endpoint_id = ${endpoint_id} and status = 'pending' order by id for update
    )
  `.execute(db);
}

/** A try got through. */
export async function noteEndpointWorks(db: Db, id: string): Promise<void> {
  await db
    .updateTable('webhook_endpoints')
    .set({ failing_since: null })
    .where('id', '=', id)
    .where('failing_since', 'is not', null)
    .execute();
}

/** A try failed. Returns whether every try has for longer than `failing_ms_max`. */
export async function noteEndpointFails(db: Db, id: string, failing_ms_max: number): Promise<boolean> {
  await db
    .updateTable('webhook_endpoints')
    .set({ failing_since: sql<Date>`now()` })
    .where('id', '=', id)
    .where('failing_since', 'is', null)
    .execute();
  const row = await db
    .selectFrom('webhook_endpoints')
    .select('id')
    .where('id', '=', id)
    .where(sql<boolean>`failing_since < now() - ${failing_ms_max} * interval '1 millisecond'`)
    .executeTakeFirst();
  return row !== undefined;
}

/** The next version signs from now on; the one before it, for `grace_ms`, too. */
export async function rotateEndpointSecret(
  db: Db,
  id: string,
  grace_ms: number,
): Promise<WebhookEndpointRow | undefined> {
  return db
    .updateTable('webhook_endpoints')
    .set({ secret_version: sql<number>`secret_version + 1`, previous_until: graceEnd(grace_ms) })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

const FIRST: SecretVersion = { secret_version: 1, previous_until: null };

export async function findJobSecret(db: Db, account_id: string, mode: Mode): Promise<SecretVersion> {
  const row = await db
    .selectFrom('webhook_secrets')
    .select(['secret_version', 'previous_until'])
    .where('account_id', '=', account_id)
    .where('mode', '=', mode)
    .executeTakeFirst();
  return row ?? FIRST;
}

export async function rotateJobSecret(
  db: Db,
  account_id: string,
  mode: Mode,
  grace_ms: number,
): Promise<SecretVersion> {
  const previous_until = graceEnd(grace_ms);
  return db
    .insertInto('webhook_secrets')
    .values({ account_id, mode, secret_version: FIRST.secret_version + 1, previous_until })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'mode'])
        .doUpdateSet({ secret_version: sql<number>`webhook_secrets.secret_version + 1`, previous_until }),
    )
    .returning(['secret_version', 'previous_until'])
    .executeTakeFirstOrThrow();
}

/** Deleted ones of which no delivery is left. */
export async function dropDeletedEndpoints(db: Db, deleted_before: Date): Promise<void> {
  await sql`
    delete from webhook_endpoints where deleted_at < ${deleted_before}
      and not exists (select 1 from webhook_deliveries where endpoint_id = webhook_endpoints.id)
  `.execute(db);
}

function graceEnd(grace_ms: number) {
  return sql<Date>`now() + ${grace_ms} * interval '1 millisecond'`;
}
