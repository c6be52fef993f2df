/** A delivery worker on a real database and a real customer's server; time is moved in the rows, not waited for. */
import { sql } from 'kysely';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import type { DeliverParts, EventPresenter } from '../../src/services/webhooks/deliver.ts';
import { DeliveryWorker } from '../../src/services/webhooks/delivery-worker.ts';
import { insertEndpoint, type NewEndpoint } from '../../src/store/webhook-endpoints.ts';
import { insertEvent } from '../../src/store/webhook-events.ts';
import { createDeriveSecret } from '../../src/system/derive-secret.ts';
import { openTestDatabase } from '../store/database-under-test.ts';
import { at, makeAccount } from '../store/samples.ts';
import { startHookServer } from '../support/hook-server.ts';

export const deriveSecret = createDeriveSecret('for-tests-only-'.repeat(3));

/** What an endpoint or an account's jobs are signed with. */
export const secretOf = (owner: string, version = 1): string =>
  `whsec_${deriveSecret(`webhook:${owner}:${version}`).toString('base64')}`;

export const webhookRules = { endpoints_max: 20, timeout_ms: 5_000, retention_ms: 1_000_000 };
const limits = { in_hand_max: 32, per_target_max: 2, lease_ms: 60_000 };

export async function openDeliveryWorld(presenters: Readonly<Record<string, EventPresenter>> = {}) {
  const database = await openTestDatabase();
  const { db } = database;
  await makeAccount(db, 'acc_1');
  const server = await startHookServer();
  const guardedFetch = createGuardedFetch({ allow_hosts: [server.host] });
  const logged: object[] = [];
  const write = (fields: object): void => void logged.push(fields);
  const parts: DeliverParts = {
    db,
    guardedFetch,
    deriveSecret,
    clock: { now: () => Date.now() },
    log: { error: write, warn: write, info: write, debug: write },
    webhooks: webhookRules,
    presenters,
    chance: () => 0.5,
  };
  let count = 0;
  return {
    db,
    server,
    parts,
    logged,
    worker: (change: Partial<DeliverParts> = {}, other: Partial<typeof limits> = {}) =>
      new DeliveryWorker({ ...parts, ...change }, { ...limits, ...other }),
    /** An endpoint at the server, under a path of its own. */
    async endpoint(change: Partial<NewEndpoint> = {}): Promise<{ id: string; path: string }> {
      count += 1;
      const id = `whe_${count}`;
      const path = `/${id}`;
      const sample = { id, account_id: 'acc_1', mode: 'test', name: id, url: `${server.url}${path}` } as const;
      await insertEndpoint(db, { ...sample, event_types: null, created_at: at, ...change }, 1_000);
      return { id, path };
    },
    /** An event that every endpoint is told of, and `url` too. */
    async event(url: string | null = null): Promise<string> {
      count += 1;
      const data = { object: 'thing', id: `thing_${count}`, colour: 'blue' };
      const event = {
        account_id: 'acc_1',
        mode: 'test',
        type: 'generation.completed',
        data,
        dedupe_key: `${count}`,
        url,
      } as const;
      const id = await insertEvent(db, event);
      if (id === null) throw new Error('nobody is told');
      return id;
    },
    deliveries: () => db.selectFrom('webhook_deliveries').selectAll().orderBy('created_at').orderBy('id').execute(),
    attempts: () => db.selectFrom('webhook_attempts').selectAll().orderBy('delivery_id').orderBy('seq').execute(),
    /** All that waits is due now. */
    async hurry(): Promise<void> {
      await sql`update webhook_deliveries set next_attempt_at = now() where status = 'pending'`.execute(db);
    },
    async clear(): Promise<void> {
      for (const table of ['webhook_deliveries', 'webhook_events', 'webhook_endpoints'] as const)
        await db.deleteFrom(table).execute();
      server.answer = (_hook, res) => void res.end('ok');
    },
    async close(): Promise<void> {
      await guardedFetch.close();
      await server.close();
      await database.close();
    },
  };
}

export type DeliveryWorld = Awaited<ReturnType<typeof openDeliveryWorld>>;
