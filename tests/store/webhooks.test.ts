/** The outbox: what is told is written with what is true, once, and for those who asked. */
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { failInterrupted } from '../../src/store/end-generations.ts';
import { admitGenerations } from '../../src/store/generations.ts';
import { insertTopUp } from '../../src/store/ledger.ts';
import { claimLowBalance } from '../../src/store/notices.ts';
import type { Database } from '../../src/store/open-database.ts';
import type { Db } from '../../src/store/tables.ts';
import { claimDeliveries, recordAttempt, replayDelivery } from '../../src/store/webhook-deliveries.ts';
import {
  deleteEndpoint,
  disableEndpoint,
  dropDeletedEndpoints,
  insertEndpoint,
  type NewEndpoint,
} from '../../src/store/webhook-endpoints.ts';
import { dropEvents, insertEvent } from '../../src/store/webhook-events.ts';
import { openTestDatabase } from './database-under-test.ts';
import {
  at,
  cancelGeneration,
  completeGeneration,
  failGeneration,
  generationSample,
  later,
  makeAccount,
} from './samples.ts';

let database: Database;
let db: Db;
beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
  await makeAccount(db, 'acc_1');
  await makeAccount(db, 'acc_2');
});
afterEach(async () => {
  for (const table of ['webhook_deliveries', 'webhook_events', 'webhook_endpoints'] as const)
    await db.deleteFrom(table).execute();
});
afterAll(() => database.close());

const lease = { runner_id: 'run_1', lease_ms: 60_000 };
const error = { code: 'internal_error', message: 'It broke.' };
let count = 0;

async function endpoint(change: Partial<NewEndpoint> = {}): Promise<string> {
  count += 1;
  const id = `whe_${count}`;
  const sample = {
    id,
    account_id: 'acc_1',
    mode: 'both',
    name: 'app',
    url: 'https://a.example/',
    event_types: null,
  } as const;
  await insertEndpoint(db, { ...sample, created_at: at, ...change }, 100);
  return change.id ?? id;
}

async function running(columns: { webhook_url?: string; batch?: string } = {}): Promise<string> {
  count += 1;
  const id = `gen_${count}`;
  const generation = generationSample({ id });
  await admitGenerations(db, generation, [generation], lease);
  const { webhook_url = null, batch } = columns;
  await db
    .updateTable('generations')
    .set({ webhook_url, ...(batch === undefined ? {} : { batch_id: batch, batch_line: count }) })
    .where('id', '=', id)
    .execute();
  return id;
}

const completion = {
  executed_model: 'a/b',
  provider: 'a',
  applied: [],
  warnings: [],
  cost_micros: 0,
  completed_at: at,
};
const complete = (id: string) => completeGeneration(db, id, 'run_1', completion);
const fail = (id: string) => failGeneration(db, id, 'run_1', { error, completed_at: at });
const cancel = (id: string) => cancelGeneration(db, id, { error, completed_at: at });

const events = () => db.selectFrom('webhook_events').selectAll().orderBy('created_at').orderBy('id').execute();
const deliveries = () => db.selectFrom('webhook_deliveries').selectAll().orderBy('target').execute();

test.each([
  ['completed', complete],
  ['failed', fail],
  ['canceled', cancel],
])('a generation that is %s is told of, to its own URL and to every endpoint that asks', async (status, end) => {
  const all = await endpoint();
  const some = await endpoint({ event_types: [`generation.${status}`], mode: 'test' });
  await endpoint({ event_types: ['batch.completed'] });
  await endpoint({ mode: 'live' });
  await endpoint({ account_id: 'acc_2' });
  await disableEndpoint(db, await endpoint(), 'request');
  await deleteEndpoint(db, await endpoint());
  const id = await running({ webhook_url: 'https://B.example/hook?x=1' });
  expect(await end(id)).toBe(true);
  const [event, ...others] = await events();
  expect(others).toEqual([]);
  expect(event).toMatchObject({
    id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
    account_id: 'acc_1',
    mode: 'test',
    type: `generation.${status}`,
    data: { object: 'generation', id },
    object_id: id,
  });
  expect((await deliveries()).map(({ target, url }) => [target, url])).toEqual(
    [
      ['acc_1 https://b.example', 'https://B.example/hook?x=1'],
      [all, null],
      [some, null],
    ].sort(),
  );
});

test('where nobody asks nothing is written, and lines of a batch are told of as a whole', async () => {
  await complete(await running());
  await endpoint();
  await complete(await running({ batch: 'batch_1' }));
  expect(await events()).toEqual([]);
});

test('what dead processes left is told of in the statement that ends it', async () => {
  await endpoint();
  const ids = [await running(), await running(), await running()];
  await failInterrupted(db, { error, completed_at: at, alone_as: 'run_2' });
  expect((await events()).map(({ object_id }) => object_id).sort()).toEqual(ids.sort());
});

test('of many who end a generation at once one tells, once', async () => {
  await endpoint();
  for (let round = 0; round < 8; round += 1) {
    const id = await running();
    const ended = await Promise.all([complete(id), fail(id), cancel(id), complete(id), cancel(id)]);
    expect(ended.filter(Boolean)).toHaveLength(1);
    const told = (await events()).filter(({ object_id }) => object_id === id);
    const { status } = await db
      .selectFrom('generations')
      .select('status')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(told.map(({ type }) => type)).toEqual([`generation.${status}`]);
  }
});

test('what is rolled back was never told', async () => {
  await endpoint();
  const id = await running();
  const rolled = db.transaction().execute(async (transaction) => {
    await completeGeneration(transaction, id, 'run_1', completion);
    throw new Error('no');
  });
  await expect(rolled).rejects.toThrow('no');
  expect(await events()).toEqual([]);
});

const note = (dedupe_key: string, account_id = 'acc_1') =>
  insertEvent(db, {
    account_id,
    mode: 'live',
    type: 'batch.completed',
    data: { object: 'batch', id: 'batch_1' },
    dedupe_key,
  });

test('one fact is told once, and by accounts apart', async () => {
  expect(await note('once')).toBe(null);
  await endpoint();
  await endpoint({ account_id: 'acc_2' });
  const told = await Promise.all([note('once'), note('once'), note('once'), note('once', 'acc_2')]);
  expect(told.filter((id) => id !== null)).toHaveLength(2);
  expect(await deliveries()).toHaveLength(2);
});

const claim = (change = {}) =>
  claimDeliveries(db, { limit: 100, per_target: 4, room: {}, lease_ms: 60_000, ...change });

test('a target with a long queue leaves room for the others', async () => {
  const [long, short, full] = [await endpoint(), await endpoint(), await endpoint()];
  for (let index = 0; index < 20; index += 1) await note(`note ${index}`);
  await sql`delete from webhook_deliveries where endpoint_id <> ${long} and event_id not in
    (select id from webhook_events order by created_at, id limit 2)`.execute(db);
  const by = (claimed: readonly { target: string }[], target: string) =>
    claimed.filter((one) => one.target === target).length;
  const first = await claim({ limit: 2, room: { [full]: 0 } });
  expect([by(first, long), by(first, short), by(first, full)]).toEqual([1, 1, 0]);
  const second = await claim({ room: { [full]: 0, [long]: 1 } });
  expect([by(second, long), by(second, short), by(second, full)]).toEqual([1, 1, 0]);
  const third = await claim();
  expect([by(third, long), by(third, short), by(third, full)]).toEqual([4, 0, 2]);
});

test('two who claim at once share; what is claimed is due again when its lease ends, and fenced by its number', async () => {
  await endpoint();
  for (let index = 0; index < 6; index += 1) await note(`note ${index}`);
  const claims = await Promise.all([claim(), claim()]);
  const ids = claims.flat().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  // Before those that neither got, where both saw the same ones first.
  await sql`update webhook_deliveries set next_attempt_at = now() - interval '1 hour' where attempts = 1`.execute(db);
  const again = await claim({ limit: 1 });
  const [slow] = claims.flat().filter(({ id }) => id === again[0]?.id);
  if (slow === undefined || again[0] === undefined) throw new Error('nothing was claimed twice');
  expect(again[0].attempts).toBe(2);
  const sent = { at, status: 200, latency_ms: 5, error: null, answer: 'a\0b' };
  expect(await recordAttempt(db, slow, { ...sent, status: 500 }, { status: 'failed' })).toBe(false);
  expect(await recordAttempt(db, again[0], sent, { status: 'delivered' })).toBe(true);
  expect(await db.selectFrom('webhook_attempts').select(['seq', 'status']).orderBy('seq').execute()).toEqual([
    { seq: 1, status: 500 },
    { seq: 2, status: 200 },
  ]);
  await replayDelivery(db, slow.id);
  expect((await claim({ per_target: 20 })).find(({ id }) => id === slow.id)).toMatchObject({
    attempts: 3,
    attempts_before: 2,
  });
});

test('old events go with all that hangs on them, deleted endpoints after them', async () => {
  const id = await endpoint();
  await note('old');
  await sql`update webhook_events set created_at = ${at}`.execute(db);
  await note('new');
  await sql`update webhook_endpoints set deleted_at = ${at}`.execute(db);
  expect(await dropEvents(db, later(1), 10)).toBe(1);
  await dropDeletedEndpoints(db, later(1));
  expect((await events()).map(({ dedupe_key }) => dedupe_key)).toEqual(['new']);
  expect(await deliveries()).toHaveLength(1);
  await dropEvents(db, new Date(Date.now() + 60_000), 10);
  await dropDeletedEndpoints(db, later(1));
  expect(await db.selectFrom('webhook_endpoints').select('id').where('id', '=', id).execute()).toEqual([]);
});

test('no more endpoints than may be, however many come at once', async () => {
  const made = await Promise.all(
    ['a', 'b', 'c', 'd'].map((id) =>
      insertEndpoint(
        db,
        {
          id,
          account_id: 'acc_1',
          mode: 'live',
          name: id,
          url: 'https://a.example/',
          event_types: null,
          created_at: at,
        },
        2,
      ),
    ),
  );
  expect(made.filter(Boolean)).toHaveLength(2);
});

test('a low balance is told once, and again when it was above meanwhile', async () => {
  await db.insertInto('accounts').values({ id: 'acc_paid', name: 'p', billing: 'prepaid', created_at: at }).execute();
  const pay = (id: string, amount_micros: number) =>
    insertTopUp(db, {
      id,
      account_id: 'acc_paid',
      mode: 'live',
      source: 'admin',
      reference: null,
      amount_micros,
      fee_micros: 0,
      created_at: at,
    });
  const look = (mark: number) => claimLowBalance(db, 'acc_paid', 'live', mark);
  await pay('top_1', 500);
  expect(await look(400)).toBe(null);
  const told = await Promise.all([look(1000), look(1000), look(1000)]);
  expect(told.toSorted()).toEqual([500, null, null]);
  await pay('top_2', 400);
  expect(await look(1000)).toBe(null);
  await pay('top_3', 100);
  expect(await look(1000)).toBe(null);
  expect(await look(1001)).toBe(1000);
});
