/**
 * Random interleavings of everything that moves money, many at a time on many connections: whatever happened, the
 * books agree with what every caller was told, and nobody spent a micro-dollar that was not there.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { capture } from '../../src/core/wallet/capture.ts';
import { type AdmissionGroups, createAdmissionGroups } from '../../src/services/admit.ts';
import { insertAccount } from '../../src/store/accounts.ts';
import { endLostAttempts } from '../../src/store/attempts.ts';
import { failInterrupted } from '../../src/store/end-generations.ts';
import { admitGenerations, type Lease } from '../../src/store/generations.ts';
import { insertTopUp, listWallets, refundGeneration } from '../../src/store/ledger.ts';
import type { Database } from '../../src/store/open-database.ts';
import { verifyLedger } from '../../src/store/verify-ledger.ts';
import { openTestDatabase, testDatabaseKind } from './database-under-test.ts';
import {
  at,
  cancelGeneration,
  completeGeneration,
  endAttempt,
  failGeneration,
  generationSample,
  insertAttempt,
  later,
  outputSample,
} from './samples.ts';

const CONNECTIONS = 32;
const RUNS = testDatabaseKind() === 'pglite' ? 6 : 15;

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase({ pool_max: CONNECTIONS });
});
afterAll(() => database.close());

type Kind = 'prepaid' | 'unmetered';

/** What one caller wants; numbers choose among what is there. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('admit'), who: fc.nat(2), micros: fc.nat(40_000), alone: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('attempt'), which: fc.nat(), micros: fc.nat(40_000), end: fc.boolean() }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('capture'), which: fc.nat(), pictures: fc.nat(4), crash: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release'), which: fc.nat(), cancel: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('refund'), which: fc.nat(), micros: fc.integer({ min: 1, max: 50_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('top_up'),
      who: fc.nat(1),
      micros: fc.integer({ min: 1, max: 200_000 }),
      reference: fc.nat(3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire'), dead: fc.boolean() }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Known {
  readonly id: string;
  readonly who: number;
  readonly held: number;
  readonly runner: Lease;
}

/** What every caller was told, added up: what the books must say. */
class World {
  readonly accounts: readonly { readonly id: string; readonly billing: Kind; balance: number }[];
  readonly generations: Known[] = [];
  readonly groups: readonly AdmissionGroups[];
  readonly runners: readonly Lease[];
  readonly #db = database.db;
  readonly #run: string;
  #next = 0;

  constructor(run: string) {
    this.#run = run;
    this.accounts = (['prepaid', 'prepaid', 'unmetered'] as const).map((billing, index) => ({
      id: `acc_${run}_${index}`,
      billing,
      balance: 0,
    }));
    this.runners = ['live', 'dead'].map((name) => ({
      runner_id: `run_${run}_${name}`,
      lease_ms: name === 'dead' ? -1 : 60_000,
    }));
    this.groups = this.runners.map((runner) => createAdmissionGroups(this.#db, runner));
  }

  async begin(): Promise<void> {
    for (const { id, billing } of this.accounts)
      await insertAccount(this.#db, { id, name: id, billing, created_at: at });
  }

  async take(one: Step): Promise<void> {
    switch (one.do) {
      case 'admit':
        return this.#admit(one.who, one.micros, one.alone);
      case 'top_up':
        return this.#topUp(one.who, one.micros, one.reference);
      case 'expire':
        return this.#expire(one.dead);
      default: {
        const known = this.generations[one.which % Math.max(1, this.generations.length)];
        if (known === undefined) return;
        if (one.do === 'attempt') await this.#attempt(known, one.micros, one.end);
        else if (one.do === 'capture') await this.#capture(known, one.pictures, one.crash);
        else if (one.do === 'release') await this.#release(known, one.cancel);
        else await this.#refund(known, one.micros);
      }
    }
  }

  #account(who: number) {
    const account = this.accounts[who];
    if (account === undefined) throw new RangeError(`no account ${who}`);
    return account;
  }

  async #admit(who: number, held: number, alone: boolean): Promise<void> {
    const index = this.#next++ % 2;
    const runner = this.runners[index];
    const groups = this.groups[index];
    if (runner === undefined || groups === undefined) throw new RangeError('two runners');
    const { id: account_id } = this.#account(who);
    const row = generationSample({ id: `gen_${this.#run}_${this.#next}`, account_id, held_micros: held, n: 4 });
    const admission = alone
      ? (await admitGenerations(this.#db, row, [row], runner))[0]
      : await groups.run(account_id, row);
    if (admission?.is_admitted === true) this.generations.push({ id: row.id, who, held, runner });
    else expect(admission?.available_micros).toBeLessThan(held);
  }

  async #attempt({ id }: Known, price_micros: number, end: boolean): Promise<void> {
    const seq = ++this.#next;
    const provider = 'fal';
    await insertAttempt(this.#db, {
      generation_id: id,
      seq,
      provider,
      offer_id: 'fal/x',
      price_micros,
      started_at: at,
    });
    if (!end) return;
    const ended = { outcome: 'failed' as const, error_class: null, latency_ms: 1, ended_at: at };
    const bill = { billed_micros: seq % 2 ? price_micros : null, possible_micros: seq % 2 ? null : price_micros };
    await Promise.all([
      endAttempt(this.#db, id, seq, { ...ended, ...bill }),
      endAttempt(this.#db, id, seq, { ...ended, ...bill }),
    ]);
  }

  /** As settle-generation does; a crash comes after everything was written and before it was kept. */
  async #capture({ id, who, held, runner }: Known, pictures: number, crash: boolean): Promise<void> {
    const account = this.#account(who);
    const { charges, cost_micros } = capture(
      held,
      Array.from({ length: pictures }, (_, position) => ({ position, price_micros: Math.ceil(held / 3) })),
    );
    const done = { executed_model: 'fal/x', provider: 'fal', applied: [], warnings: [], cost_micros, completed_at: at };
    const moved = await this.#db
      .transaction()
      .execute(async (transaction) => {
        const media = Array.from({ length: pictures }, (_, position) => outputSample(id, position));
        const first = await completeGeneration(transaction, id, runner.runner_id, { ...done, charges, media });
        if (crash) throw new Error('crash');
        return first;
      })
      .catch((error: unknown) => {
        if (crash) return false;
        throw error;
      });
    if (moved) account.balance -= cost_micros;
  }

  async #release({ id, runner }: Known, cancel: boolean): Promise<void> {
    const error = { code: 'internal_error', message: 'It broke.' };
    if (cancel) await cancelGeneration(this.#db, id, { error, completed_at: at });
    else await failGeneration(this.#db, id, runner.runner_id, { error, completed_at: at });
  }

  /** All that is left of what it was charged, and more. */
  giveBack(known: Known): Promise<void> {
    return this.#refund(known, known.held + 1);
  }

  async #refund({ id, who }: Known, amount_micros: number): Promise<void> {
    const account = this.#account(who);
    const given = await refundGeneration(this.#db, { id, amount_micros }, at);
    expect(given).toBeLessThanOrEqual(amount_micros);
    account.balance += given;
  }

  async #topUp(who: number, amount_micros: number, reference: number): Promise<void> {
    const account = this.#account(who);
    const row = {
      account_id: account.id,
      mode: 'test' as const,
      source: 'stripe' as const,
      amount_micros,
      fee_micros: 100,
    };
    // The same payment is told twice at once, as webhooks are.
    const told = await Promise.all(
      [1, 2].map(() =>
        insertTopUp(this.#db, {
          ...row,
          id: `top_${this.#run}_${++this.#next}`,
          reference: `${this.#run} ${who} ${reference}`,
          created_at: at,
        }),
      ),
    );
    account.balance += told.filter(Boolean).length * amount_micros;
  }

  async #expire(dead: boolean): Promise<void> {
    const error = { code: 'internal_error', message: 'It stopped.' };
    await failInterrupted(
      this.#db,
      dead ? { error, completed_at: at } : { error, completed_at: at, started_before: later(-1) },
    );
    await endLostAttempts(this.#db, { settled_before: later(1), ended_at: at });
  }

  async check(): Promise<void> {
    for (const { id, billing, balance } of this.accounts) {
      const wallet = (await listWallets(this.#db, id)).find(({ mode }) => mode === 'test');
      const held = await this.#heldOf(id);
      expect(wallet).toMatchObject({ held_micros: held, balance_micros: billing === 'prepaid' ? balance : 0 });
      if (billing === 'prepaid') expect(balance).toBeGreaterThanOrEqual(held);
    }
    expect((await verifyLedger(this.#db)).faults).toEqual([]);
  }

  async #heldOf(account_id: string): Promise<number> {
    const rows = await this.#db
      .selectFrom('generations')
      .select(['held_micros', 'status'])
      .where('account_id', '=', account_id)
      .execute();
    return rows.reduce((sum, { held_micros, status }) => sum + (status === 'running' ? held_micros : 0), 0);
  }
}

async function atOnce<T>(items: readonly T[], lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
    }),
  );
}

test('the books agree after any interleaving', { timeout: 60_000 }, async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 100, maxLength: 300, size: 'max' }), async (steps) => {
      const world = new World(`r${++run}`);
      await world.begin();
      await atOnce(steps, CONNECTIONS, (one) => world.take(one));
      await world.check();
      await world.take({ do: 'expire', dead: true });
      await atOnce([...world.generations, ...world.generations], CONNECTIONS, (known) => world.giveBack(known));
      for (const { id, runner } of world.generations) {
        const error = { code: 'internal_error', message: 'The end.' };
        await failGeneration(database.db, id, runner.runner_id, { error, completed_at: at });
      }
      await world.check();
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});

test('32 at once against what 10 cost: exactly 10 are admitted', async () => {
  const { db } = database;
  const lease = { runner_id: 'run_x', lease_ms: 60_000 };
  await insertAccount(db, { id: 'acc_ten', name: 'ten', billing: 'prepaid', created_at: at });
  const payment = {
    id: 'top_ten',
    account_id: 'acc_ten',
    mode: 'test' as const,
    source: 'admin' as const,
    reference: null,
  };
  await insertTopUp(db, { ...payment, amount_micros: 300_009, fee_micros: 0, created_at: at });
  const rows = Array.from({ length: 32 }, (_, index) =>
    generationSample({ id: `gen_ten_${index}`, account_id: 'acc_ten', held_micros: 30_000 }),
  );
  const admissions = await Promise.all(rows.map((row) => admitGenerations(db, row, [row], lease)));
  expect(admissions.flat().filter(({ is_admitted }) => is_admitted)).toHaveLength(10);
  expect((await listWallets(db, 'acc_ten')).map(({ held_micros }) => held_micros)).toEqual([0, 300_000]);
});
