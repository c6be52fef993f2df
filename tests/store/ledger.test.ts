/** What the database itself refuses, whoever asks; and that the check of the books finds what somebody forced past it. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertAccount } from '../../src/store/accounts.ts';
import { listAttempts } from '../../src/store/attempts.ts';
import { admitGenerations } from '../../src/store/generations.ts';
import { findWallet, insertTopUp, refundGeneration } from '../../src/store/ledger.ts';
import type { Database } from '../../src/store/open-database.ts';
import type { Db } from '../../src/store/tables.ts';
import { verifyLedger } from '../../src/store/verify-ledger.ts';
import { openTestDatabase } from './database-under-test.ts';
import {
  at,
  completeGeneration,
  endAttempt,
  failGeneration,
  generationSample,
  insertAttempt,
  outputSample,
} from './samples.ts';

const lease = { runner_id: 'run_1', lease_ms: 60_000 };
const completion = { executed_model: 'fal/x', provider: 'fal', applied: [], warnings: [], completed_at: at };

let database: Database;
let db: Db;
beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
  for (const billing of ['prepaid', 'unmetered'] as const)
    await insertAccount(db, { id: `acc_${billing}`, name: billing, billing, created_at: at });
  await topUp(1_000_000);
  await deliver('gen_paid', 'acc_prepaid', [30_000, 30_000]);
});
afterAll(() => database.close());

async function topUp(amount_micros: number): Promise<void> {
  const row = { account_id: 'acc_prepaid', mode: 'live' as const, source: 'admin' as const, reference: null };
  await insertTopUp(db, { ...row, id: `top_${amount_micros}`, amount_micros, fee_micros: 50_000, created_at: at });
}

/** Holds twice what it costs, then charges a picture each. */
async function deliver(id: string, account_id: string, prices: readonly number[]): Promise<void> {
  const cost_micros = prices.reduce((sum, price) => sum + price, 0);
  const row = generationSample({ id, account_id, mode: 'live', held_micros: 2 * cost_micros, n: 4 });
  expect(await admitGenerations(db, row, [row], lease)).toMatchObject([{ id, is_admitted: true }]);
  const charges = prices.map((amount_micros, position) => ({ position, amount_micros }));
  const media = prices.map((_, position) => outputSample(id, position));
  expect(await completeGeneration(db, id, 'run_1', { ...completion, cost_micros, charges, media })).toBe(true);
}

const live = (account_id: string) => findWallet(db, account_id, 'live');

describe('what moves', () => {
  test('a hold is taken at admission, charged by picture, and its rest released', async () => {
    expect(await live('acc_prepaid')).toMatchObject({ balance_micros: 940_000, held_micros: 0 });
    const charges = await db.selectFrom('transfers').selectAll().where('entry', '=', 'charge').execute();
    expect(charges).toMatchObject(
      [0, 1].map((position) => ({
        debit_account: 'wallet:acc_prepaid',
        credit_account: 'house:sales',
        amount_micros: 30_000,
        cause: 'request',
        cause_id: 'gen_paid',
        position,
      })),
    );
  });

  test('an unmetered account posts the same rows against the house, and nothing limits it', async () => {
    await deliver('gen_house', 'acc_unmetered', [5_000_000]);
    expect(await live('acc_unmetered')).toMatchObject({ balance_micros: 0, held_micros: 0 });
    const charges = db.selectFrom('transfers').selectAll().where('generation_id', '=', 'gen_house');
    expect(await charges.execute()).toMatchObject([{ debit_account: 'house:unmetered', amount_micros: 5_000_000 }]);
  });

  test('the test wallet knows nothing of the live one', async () => {
    expect(await findWallet(db, 'acc_prepaid', 'test')).toMatchObject({ balance_micros: 0, held_micros: 0 });
    const row = generationSample({ id: 'gen_play', account_id: 'acc_prepaid', mode: 'test', held_micros: 1 });
    expect(await admitGenerations(db, row, [row], lease)).toEqual([
      { id: 'gen_play', is_admitted: false, is_repeat: false, available_micros: 0 },
    ]);
  });

  test('of a group those are admitted that fit, in order', async () => {
    const { balance_micros: all = 0 } = (await live('acc_prepaid')) ?? {};
    const rows = [all - 10, 11, 10, 1].map((held_micros, index) =>
      generationSample({ id: `gen_group_${index}`, account_id: 'acc_prepaid', mode: 'live', held_micros }),
    );
    const [first] = rows;
    if (first === undefined) throw new Error('there are four');
    const admissions = await admitGenerations(db, first, rows, lease);
    expect(admissions.map(({ is_admitted }) => is_admitted)).toEqual([true, false, false, false]);
    expect(await admitGenerations(db, first, rows.slice(2), lease)).toMatchObject([
      { is_admitted: true, available_micros: 10 },
      { is_admitted: false, available_micros: 10 },
    ]);
    for (const id of ['gen_group_0', 'gen_group_2'])
      await failGeneration(db, id, 'run_1', { error: { code: 'internal_error', message: 'x' }, completed_at: at });
    expect(await live('acc_prepaid')).toMatchObject({ held_micros: 0, balance_micros: all });
  });

  test('a refund gives back no more than was charged', async () => {
    const refund = { id: 'gen_paid', amount_micros: 40_000 };
    expect(await refundGeneration(db, refund, at)).toBe(40_000);
    expect(await refundGeneration(db, refund, at)).toBe(20_000);
    expect(await refundGeneration(db, refund, at)).toBe(0);
    expect(await live('acc_prepaid')).toMatchObject({ balance_micros: 1_000_000 });
  });

  test('what a provider bills, and what it may bill, is booked once beside what we charge', async () => {
    const begun = {
      generation_id: 'gen_paid',
      provider: 'fal',
      offer_id: 'fal/x',
      price_micros: 60_000,
      started_at: at,
    };
    const end = { error_class: null, latency_ms: 1, ended_at: at };
    for (const seq of [1, 2]) await insertAttempt(db, { ...begun, seq });
    const told = { ...end, outcome: 'success' as const, billed_micros: 58_000, possible_micros: null };
    await endAttempt(db, 'gen_paid', 1, told);
    await endAttempt(db, 'gen_paid', 1, told);
    await endAttempt(db, 'gen_paid', 2, { ...end, outcome: 'failed', billed_micros: null, possible_micros: 60_000 });
    expect(await listAttempts(db, 'gen_paid')).toMatchObject([{ billed_micros: 58_000 }, { possible_micros: 60_000 }]);
    const booked = db.selectFrom('transfers').selectAll().where('cause', '=', 'attempt').orderBy('id');
    expect(await booked.execute()).toMatchObject([
      {
        entry: 'provider_cost',
        debit_account: 'house:provider_costs',
        credit_account: 'provider:fal',
        amount_micros: 58_000,
      },
      {
        entry: 'possible_cost',
        debit_account: 'house:possible_costs',
        credit_account: 'provider:fal',
        cause_id: 'gen_paid/2',
      },
    ]);
  });
});

describe('refused by the database', () => {
  const transfer = (change: string) =>
    `insert into transfers (mode, entry, debit_account, credit_account, amount_micros, cause, cause_id, created_at) values ${change}`;

  test.each([
    ['a row that is changed', 'update transfers set amount_micros = 1', 'append-only'],
    ['a row that is removed', 'delete from transfers', 'append-only'],
    ['all rows removed', 'truncate transfers', 'append-only'],
    ['a payment that is changed', 'update top_ups set amount_micros = 1', 'append-only'],
    ['a payment that is removed', 'delete from top_ups', 'append-only'],
    ['a wallet moved by hand', "update wallets set balance_micros = 5 where mode = 'live'", 'only with a row'],
    ['a hold by hand', "update wallets set held_micros = 5 where mode = 'live'", 'only with a row'],
    [
      'an account made unmetered and overdrawn, then prepaid',
      "insert into wallets values ('acc_prepaid', 'live', 'USD', 'prepaid', 5, 0)",
      'begins empty',
    ],
    [
      'a balance below zero',
      transfer("('live', 'fee', 'wallet:acc_prepaid', 'house:fees', 1000001, 'top_up', 'x', now())"),
      'wallets_never_overdrawn',
    ],
    [
      'a wallet that is not there',
      transfer("('live', 'fee', 'house:cash', 'wallet:acc_nobody', 1, 'top_up', 'x', now())"),
      'does not exist',
    ],
    [
      'an amount of nothing',
      transfer("('live', 'fee', 'house:cash', 'house:fees', 0, 'top_up', 'x', now())"),
      'amount_micros_check',
    ],
    [
      'from an account to itself',
      transfer("('live', 'fee', 'house:cash', 'house:cash', 1, 'top_up', 'x', now())"),
      'between_two',
    ],
    [
      'a hold beyond the balance',
      `insert into generations (id, account_id, mode, kind, status, model, request, n, created_at, held_micros, authorized_micros, asynchronous)
      values ('gen_bad', 'acc_prepaid', 'live', 'edit', 'queued', 'm', '{}', 1, now(), 1000001, 1000001, true)`,
      'wallets_never_overdrawn',
    ],
    ['a cost beyond the hold', "update generations set cost_micros = 120001 where id = 'gen_paid'", 'within_hold'],
    ['a hold of what has ended', "update generations set held_micros = 1 where id = 'gen_paid'", 'generations_settled'],
    [
      'a picture charged twice',
      `insert into transfers (mode, entry, debit_account, credit_account, amount_micros, cause, cause_id, generation_id, position, created_at)
      values ('live', 'charge', 'wallet:acc_prepaid', 'house:sales', 30000, 'request', 'gen_paid', 'gen_paid', 1, now())`,
      'charged_once',
    ],
  ])('%s', async (_name, statement, reason) => {
    await expect(sql.raw(statement).execute(db)).rejects.toThrow(reason);
  });
});

/** Each is done with the database's own guards out of the way, and undone again. */
describe('the check of the books finds', () => {
  test('nothing, where nothing is wrong', async () => {
    expect((await verifyLedger(db)).faults).toEqual([]);
  });

  test.each([
    [
      'a balance that was raised',
      "update wallets set balance_micros = balance_micros + 1 where account_id = 'acc_prepaid' and mode = 'live'",
      'A balance is',
    ],
    [
      'a hold that nothing explains',
      "update wallets set held_micros = 7 where account_id = 'acc_prepaid' and mode = 'live'",
      'What a wallet holds',
    ],
    [
      'a charge that was lowered',
      "update transfers set amount_micros = 29999 where generation_id = 'gen_paid' and position = 0",
      'A generation costs',
    ],
    [
      'a charge that was removed',
      "delete from transfers where generation_id = 'gen_paid' and position = 0",
      'A generation costs',
    ],
    [
      'a charge without its picture',
      "delete from media where generation_id = 'gen_paid' and position = 1",
      'Only a delivered picture',
    ],
    ['a payment that was raised', 'update top_ups set amount_micros = amount_micros + 1', 'A payment stands'],
    [
      "a provider's bill that was lowered",
      "update attempts set billed_micros = 1 where generation_id = 'gen_paid' and seq = 1",
      "A provider's bill",
    ],
  ])('%s', async (_name, statement, rule) => {
    const report = db.transaction().execute(async (transaction) => {
      for (const table of ['transfers', 'top_ups', 'wallets'])
        await sql`alter table ${sql.table(table)} disable trigger user`.execute(transaction);
      await sql.raw(statement).execute(transaction);
      throw new Undone((await verifyLedger(transaction)).faults.map((fault) => fault.rule));
    });
    const found = await report.catch((error: unknown) =>
      error instanceof Undone ? error.rules : Promise.reject(error),
    );
    expect(found).toContainEqual(expect.stringContaining(rule));
  });
});

class Undone extends Error {
  readonly rules: readonly string[];
  constructor(rules: readonly string[]) {
    super('undone');
    this.rules = rules;
  }
}
