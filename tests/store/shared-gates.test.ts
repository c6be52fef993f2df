/** Turnstiles that processes share, here two in one process: everything but the processes is real. */
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Bus, BusTopic } from '../../src/contracts/bus.ts';
import type { Leave, OfferGate, OfferGates, Refused } from '../../src/services/offer-gate.ts';
import { createSharedGates } from '../../src/services/shared-gates.ts';
import type { Database } from '../../src/store/open-database.ts';
import { openTestDatabase } from './database-under-test.ts';

const clock = { now: () => Date.now() };
const silent = { error() {} };
const LEASE_MS = 400;

let database: Database;
let name = 0;
/** Gates of this test alone. */
let gate: string;
let open: OfferGates[];
let listeners: { topic: BusTopic; listener: (payload: string) => void }[];
/** False = every word between the two is lost. */
let isHeard: boolean;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  gate = `test:${++name}`;
  open = [];
  listeners = [];
  isHeard = true;
});
afterEach(() => Promise.all(open.map((one) => one.close())));

const bus: Pick<Bus, 'publish' | 'subscribe' | 'onReconnect'> = {
  publish: (topic, payload) => {
    if (isHeard) for (const one of listeners) if (one.topic === topic) one.listener(payload);
  },
  subscribe: (topic, listener) => {
    const one = { topic, listener };
    listeners.push(one);
    return () => {
      listeners = listeners.filter((other) => other !== one);
    };
  },
  onReconnect: () => () => {},
};

function process(runner_id: string, window_ms = 60_000): OfferGates {
  const made = createSharedGates({
    db: database.db,
    bus,
    clock,
    log: silent,
    lease: { runner_id: `${gate}/${runner_id}`, lease_ms: LEASE_MS },
    window_ms,
  });
  open.push(made);
  return made;
}

function inside(entered: Leave | Refused): Leave {
  if (typeof entered !== 'function') throw new Error('refused');
  return entered;
}

test('two processes hold no more than the limit, and a place that is given back goes to the other at once', async () => {
  const [one, two] = [process('a'), process('b')].map((each) => each.open(gate, { concurrent_max: 2 })) as [
    OfferGate,
    OfferGate,
  ];
  const first = inside(await one.enter(1, 0));
  const second = inside(await two.enter(1, 0));
  expect([await one.enter(1, 0), await two.enter(1, 0)]).toEqual([{ wait_ms: null }, { wait_ms: null }]);
  const waiting = two.enter(1, 5_000);
  await delay(50); // it has looked, in vain
  const freed_at = Date.now();
  first();
  first(); // twice is once
  const third = inside(await waiting);
  expect(Date.now() - freed_at).toBeLessThan(250); // before it looks by itself
  expect(await one.enter(1, 0)).toEqual({ wait_ms: null });
  second();
  third();
});

test('who comes while the database is asked is asked for next, however short it can wait', async () => {
  const one = process('a').open(gate, { concurrent_max: 1 });
  const leave = inside(await one.enter(1, 0));
  await delay(20);
  leave(); // which is told at once
  inside(await one.enter(1, 0))();
});

test('a place is found also where no word of it came', async () => {
  isHeard = false;
  const one = process('a').open(gate, { concurrent_max: 1 });
  const two = process('b').open(gate, { concurrent_max: 1 });
  const leave = inside(await one.enter(1, 0));
  const waiting = two.enter(1, 5_000);
  await delay(20);
  leave();
  inside(await waiting)();
});

test('first come, first served: within a process, and between the first of each', async () => {
  const one = process('a').open(gate, { concurrent_max: 1 });
  const two = process('b').open(gate, { concurrent_max: 1 });
  const leave = inside(await one.enter(1, 0));
  const order: string[] = [];
  const wait = async (of: OfferGate, who: string) => {
    const left = inside(await of.enter(1, 10_000));
    order.push(who);
    await delay(5);
    left();
  };
  const all: Promise<void>[] = [];
  for (const who of ['a1', 'b1', 'a2', 'a3', 'b2']) {
    all.push(wait(who.startsWith('a') ? one : two, who));
    await delay(20);
  }
  leave();
  await Promise.all(all);
  expect(order).toEqual(['a1', 'b1', 'a2', 'a3', 'b2']);
});

test('who waits too long is refused, and keeps nobody out', async () => {
  const one = process('a').open(gate, { concurrent_max: 1 });
  const two = process('b').open(gate, { concurrent_max: 1 });
  const leave = inside(await one.enter(1, 0));
  const impatient = two.enter(1, 60);
  const patient = one.enter(1, 5_000);
  expect(await impatient).toEqual({ wait_ms: null });
  const freed_at = Date.now();
  leave();
  inside(await patient)();
  expect(Date.now() - freed_at).toBeLessThan(250);
});

test('in no window more than the limit, over both; and when the next may come is known', async () => {
  const limits = { requests_per_minute: 4 };
  const [one, two] = [process('a', 1_000), process('b', 1_000)].map((each) => each.open(gate, limits)) as [
    OfferGate,
    OfferGate,
  ];
  const began_at = Date.now();
  for (const of of [one, two, one, two]) inside(await of.enter(1, 0))();
  const refused = await one.enter(1, 0);
  if (typeof refused === 'function') throw new Error('a fifth');
  expect(refused.wait_ms).toBeGreaterThan(500);
  expect(refused.wait_ms).toBeLessThanOrEqual(1_000);
  expect(await two.enter(1, 300)).toEqual({ wait_ms: expect.any(Number) });
  const next = await Promise.all([one.enter(1, 3_000), two.enter(1, 3_000)]);
  for (const entered of next) inside(entered)();
  expect(Date.now() - began_at).toBeGreaterThanOrEqual(1_000);
});

test('so many pictures, and one that is larger than that goes alone', async () => {
  const limits = { images_per_minute: 4 };
  const [one, two] = [process('a', 600), process('b', 600)].map((each) => each.open(gate, limits)) as [
    OfferGate,
    OfferGate,
  ];
  inside(await one.enter(3, 0))();
  const refused = await two.enter(2, 0);
  expect(typeof refused).toBe('object');
  inside(await two.enter(1, 0))();
  inside(await one.enter(10, 3_000))();
  expect(await two.enter(1, 0)).toEqual({ wait_ms: expect.any(Number) });
});

test('a pause holds for both at once, and for one that was not there or did not hear', async () => {
  const one = process('a').open(gate, { concurrent_max: 5 });
  const two = process('b').open(gate, { concurrent_max: 5 });
  one.pause(700);
  one.pause(100); // a shorter one does not end a longer
  expect([one.isPaused, two.isPaused]).toEqual([true, true]);
  const refused = await two.enter(1, 300);
  expect(refused).toEqual({ wait_ms: expect.any(Number) });
  isHeard = false;
  const third = process('c').open(gate, { concurrent_max: 5 });
  await expect.poll(() => third.enter(1, 0)).toEqual({ wait_ms: expect.any(Number) });
  inside(await third.enter(1, 3_000))();
  expect([one.isPaused, two.isPaused, third.isPaused]).toEqual([false, false, false]);
});

test('what has no limit asks nobody, and shares its pauses all the same', async () => {
  const [a, b] = [process('a'), process('b')];
  const one = a.open(gate, {});
  one.pause(60_000);
  expect(b.open(gate, {}).isPaused).toBe(true);
  isHeard = false;
  const late = process('c');
  const two = late.open(gate, {});
  expect(two.isPaused).toBe(false);
  await expect.poll(() => late.keep().then(() => two.isPaused)).toBe(true);
  const rows = await sql<{ n: number }>`select count(*)::int as n from provider_slots where gate = ${gate}`.execute(
    database.db,
  );
  expect(rows.rows).toEqual([{ n: 0 }]);
});

test('places of a process that is heard of no more are free after its lease, those of one that lives never', async () => {
  const dead = process('dead').open(gate, { concurrent_max: 2 });
  const alive = process('alive');
  inside(await dead.enter(1, 0));
  const kept = inside(await alive.open(gate, { concurrent_max: 2 }).enter(1, 0));
  const third = process('third').open(gate, { concurrent_max: 2 });
  expect(await third.enter(1, 0)).toEqual({ wait_ms: null });
  for (let passed = 0; passed < LEASE_MS + 100; passed += 100) {
    await delay(100);
    await alive.keep();
  }
  inside(await third.enter(1, 0));
  expect(await third.enter(1, 0)).toEqual({ wait_ms: null });
  kept();
});

test('what another process left inside takes a place though none is free', async () => {
  const one = process('a').open(gate, { concurrent_max: 1 });
  const two = process('b').open(gate, { concurrent_max: 1 });
  const leave = inside(await one.enter(1, 0));
  const rejoined = two.rejoin();
  await expect.poll(() => two.enter(1, 0)).toEqual({ wait_ms: null });
  leave();
  expect(await one.enter(1, 0)).toEqual({ wait_ms: null });
  rejoined();
  inside(await one.enter(1, 3_000))();
});

test('a process that ends gives back all that it held', async () => {
  const ending = process('ending');
  inside(await ending.open(gate, { concurrent_max: 1 }).enter(1, 0));
  const two = process('b').open(gate, { concurrent_max: 1 });
  expect(await two.enter(1, 0)).toEqual({ wait_ms: null });
  await ending.close();
  inside(await two.enter(1, 0))();
});

test('what the database forgot is said again', async () => {
  const one = process('a');
  const leave = inside(await one.open(gate, { concurrent_max: 1 }).enter(1, 0));
  await sql`delete from provider_slots where gate = ${gate}`.execute(database.db);
  await one.keep();
  const two = process('b').open(gate, { concurrent_max: 1 });
  expect(await two.enter(1, 0)).toEqual({ wait_ms: null });
  leave();
});
