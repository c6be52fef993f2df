/** The life of batches: every state, every way into it, and what a crash or a rival leaves. */
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BatchWire } from '../../src/contracts/batches.ts';
import type { Principal } from '../../src/contracts/services.ts';
import { createBatchWire } from '../../src/http/batches/batch-wire.ts';
import { deleteFile } from '../../src/services/files/manage-files.ts';
import { collectStrays } from '../../src/services/tidy-up.ts';
import { findWallet } from '../../src/store/ledger.ts';
import { insertEndpoint } from '../../src/store/webhook-endpoints.ts';
import { type BatchWorld, openBatchWorld, requestLine, requestLines } from './batch-world.ts';

let world: BatchWorld;
let owner: Principal;
let accounts = 0;
beforeAll(async () => {
  world = await openBatchWorld();
});
beforeEach(async () => {
  accounts += 1;
  owner = await world.makeAccount(`acc_${accounts}`);
  world.logged.length = 0;
});
afterAll(() => world.close());

const statusOf = async (id: string) => (await world.rowOf(id)).status;
const customIds = (lines: readonly { custom_id: string }[]) => lines.map(({ custom_id }) => custom_id);

async function statesOf(id: string): Promise<Record<string, number>> {
  const rows = await world.db.selectFrom('generations').select('status').where('batch_id', '=', id).execute();
  return Object.fromEntries(
    [...Map.groupBy(rows, ({ status }) => status)].map(([status, all]) => [status, all.length]),
  );
}

test('from file to files', async () => {
  const id = await world.createBatch(owner, [
    ...requestLines(3),
    requestLine('both', { response_format: 'both' }),
    requestLine('b64', { response_format: 'b64_json' }),
  ]);
  const runner = world.runner('run_a');
  expect(await statusOf(id)).toBe('validating');
  await runner.look();
  expect(await world.rowOf(id)).toMatchObject({ status: 'in_progress', total_count: 5, model: 'gesso/sketch' });
  expect(await statesOf(id)).toEqual({ queued: 5 });
  const [row] = await world.db.selectFrom('generations').selectAll().where('batch_id', '=', id).execute();
  expect(row).toMatchObject({ asynchronous: true, priority: -10, seed: 7, offers: [{ pin: 'gesso/sketch' }] });

  await world.begin(id, 3);
  await world.succeed(id);
  world.time.later_ms += 2_000;
  await runner.look();
  expect(await world.rowOf(id)).toMatchObject({ status: 'in_progress', completed_count: 3, failed_count: 0 });
  await world.begin(id);
  await world.succeed(id);
  await runner.look();
  const batch = await world.rowOf(id);
  expect(batch).toMatchObject({ status: 'completed', completed_count: 5, failed_count: 0, error_file_id: null });
  const lines = await world.linesOf(owner, batch.output_file_id);
  expect(customIds(lines)).toEqual(['line-1', 'line-2', 'line-3', 'both', 'b64']);
  expect(lines[0]).toMatchObject({
    id: expect.stringMatching(/^batch_req_[0-9a-z]{26}$/),
    error: null,
    response: {
      status_code: 200,
      request_id: expect.stringMatching(/^gen_/),
      body: { created: expect.any(Number), data: [{ url: expect.any(String) }], metadata: { cost_micros: 0 } },
    },
  });
  const shown = lines.map(({ response }) => Object.keys(response?.body.data?.[0] ?? {}));
  expect(shown.map((keys) => [keys.includes('url'), keys.includes('b64_json')])).toEqual([
    [true, false],
    [true, false],
    [true, false],
    [true, true],
    [false, true],
  ]);
  const file = await world.getFile(owner, batch.output_file_id ?? '');
  expect(file).toMatchObject({ purpose: 'batch_output', filename: `${id}_output.jsonl` });
  expect(await world.db.selectFrom('batch_lines').selectAll().where('batch_id', '=', id).execute()).toEqual([]);
  expect(world.logged).toEqual([]);
});

test('failed lines stand in the error file, with their status; deleted ones too', async () => {
  const id = await world.createBatch(owner, requestLines(3));
  const runner = world.runner('run_a');
  await runner.look();
  await world.begin(id, 1);
  await world.fail(id, { code: 'content_policy_violation', message: 'Refused.' });
  await world.begin(id, 2);
  await world.succeed(id);
  await sql`update media set deleted_at = now() where generation_id in
    (select id from generations where batch_id = ${id} and batch_line = 2)`.execute(world.db);
  await runner.look();
  const batch = await world.rowOf(id);
  expect(batch).toMatchObject({ status: 'completed', completed_count: 1, failed_count: 2 });
  expect(customIds(await world.linesOf(owner, batch.output_file_id))).toEqual(['line-3']);
  expect(await world.linesOf(owner, batch.error_file_id)).toMatchObject([
    {
      custom_id: 'line-1',
      error: null,
      response: {
        status_code: 400,
        body: {
          error: { code: 'content_policy_violation', message: 'Refused.', type: 'invalid_request_error', param: null },
        },
      },
    },
    { custom_id: 'line-2', error: null, response: { status_code: 404, body: { error: { code: 'not_found' } } } },
  ]);
});

const paid = { model: 'seedream-4', size: '1K' };

test('a wallet with too little for all lines holds nothing, and the batch fails', async () => {
  const poor = await world.makeAccount('acc_poor', 100_000);
  const id = await world.createBatch(poor, requestLines(4, paid));
  await world.runner('run_a').look();
  const batch = await world.rowOf(id);
  expect(batch).toMatchObject({ status: 'failed', total_count: 4, authorized_micros: 0 });
  expect(batch.errors).toMatchObject([{ code: 'insufficient_credits', message: expect.stringContaining('$0.1') }]);
  expect(await findWallet(world.db, 'acc_poor', 'test')).toMatchObject({ balance_micros: 100_000, held_micros: 0 });
  expect(await statesOf(id)).toEqual({});

  const small = await world.createBatch(poor, requestLines(3, paid));
  await world.runner('run_a').look();
  expect(await world.rowOf(small)).toMatchObject({ status: 'in_progress', authorized_micros: 90_000 });
  expect(await findWallet(world.db, 'acc_poor', 'test')).toMatchObject({ held_micros: 90_000 });
  await world.services.cancelBatch(poor, small);
  await world.runner('run_a').look();
  expect(await findWallet(world.db, 'acc_poor', 'test')).toMatchObject({ balance_micros: 100_000, held_micros: 0 });
});

test('a budget with too little does the same', async () => {
  const spender = `tag:${owner.account_id}:test:lab`;
  const budget = { spender, account_id: owner.account_id, mode: 'test' as const, tag: 'lab' };
  await world.db
    .insertInto('budgets')
    .values({ ...budget, total_budget_micros: 50_000 })
    .execute();
  const id = await world.createBatch(owner, requestLines(2, paid), { tag: 'lab' });
  await world.runner('run_a').look();
  expect((await world.rowOf(id)).errors).toMatchObject([{ code: 'budget_exceeded' }]);
  expect(await statesOf(id)).toEqual({});
  expect(await findWallet(world.db, owner.account_id, 'test')).toMatchObject({ held_micros: 0 });
});

test('a related set is held by its worst case', async () => {
  const set = { ...paid, sequential_image_generation: 'auto', max_images: 5 };
  const id = await world.createBatch(owner, [requestLine('set', { ...set, n: 2 })]);
  await world.runner('run_a').look();
  expect(await world.rowOf(id)).toMatchObject({ status: 'in_progress', authorized_micros: 2 * 5 * 30_000 });
  await world.begin(id);
  await world.succeed(id, 7);
  await world.runner('run_a').look();
  const [line] = await world.linesOf(owner, (await world.rowOf(id)).output_file_id);
  expect(line?.response?.body.data).toHaveLength(7);
});

test('cancelled: what waits is given up, what runs ends, and the results so far are there', async () => {
  const id = await world.createBatch(owner, requestLines(5));
  const runner = world.runner('run_a');
  await runner.look();
  await world.begin(id, 2);
  expect(await world.services.cancelBatch(owner, id)).toMatchObject({ status: 'cancelling' });
  expect(await world.services.cancelBatch(owner, id)).toMatchObject({ status: 'cancelling' });
  await runner.look();
  expect(await statusOf(id)).toBe('cancelling');
  expect(await statesOf(id)).toEqual({ running: 2, canceled: 3 });
  await world.succeed(id);
  await runner.look();
  const batch = await world.rowOf(id);
  expect(batch).toMatchObject({ status: 'cancelled', completed_count: 2, failed_count: 3 });
  expect(await world.linesOf(owner, batch.output_file_id)).toHaveLength(2);
  expect(await world.linesOf(owner, batch.error_file_id)).toMatchObject([
    { custom_id: 'line-3', response: null, error: { code: 'canceled' } },
    { custom_id: 'line-4' },
    { custom_id: 'line-5' },
  ]);
  expect(await world.services.cancelBatch(owner, id)).toMatchObject({ status: 'cancelled' });
});

test('cancelled before it started: nothing was made of it', async () => {
  const id = await world.createBatch(owner, requestLines(2));
  await world.services.cancelBatch(owner, id);
  await world.runner('run_a').look();
  expect(await world.rowOf(id)).toMatchObject({ status: 'cancelled', output_file_id: null, error_file_id: null });
  expect(await statesOf(id)).toEqual({});
});

test('a batch whose window has passed expires, with what was done', async () => {
  const id = await world.createBatch(owner, requestLines(4));
  const unread = await world.createBatch(owner, requestLines(1));
  await world.db
    .updateTable('batches')
    .set({ runner_id: 'somebody', lease_until: sql`now() + interval '1 hour'` } as never)
    .where('id', '=', unread)
    .execute();
  const runner = world.runner('run_a');
  await runner.look();
  await world.begin(id, 1);
  await world.succeed(id);
  await world.begin(id, 1);
  const before = world.time.later_ms;
  world.time.later_ms += 25 * 60 * 60_000;
  await runner.look();
  expect(await statesOf(id)).toEqual({ completed: 1, running: 1, canceled: 2 });
  expect(await statusOf(id)).toBe('in_progress');
  await world.succeed(id);
  await world.kill(unread);
  await runner.look();
  const batch = await world.rowOf(id);
  expect(batch).toMatchObject({ status: 'expired', completed_count: 2, failed_count: 2 });
  const [undone] = await world.linesOf(owner, batch.error_file_id);
  expect(undone).toMatchObject({ custom_id: 'line-3', response: null, error: { code: 'batch_expired' } });
  expect(await statusOf(unread)).toBe('expired');
  world.time.later_ms = before;
});

/** A wire that stops at its first call until it is let go on. */
function stopAt(name: 'readLine' | 'writeResult') {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: goOn, resolve: letGo } = Promise.withResolvers<void>();
  const wire: BatchWire = {
    ...world.parts.wire,
    async readLine(...args) {
      if (name === 'readLine') {
        reach();
        await goOn;
      }
      return world.parts.wire.readLine(...args);
    },
    async *writeResult(...args) {
      if (name === 'writeResult') {
        reach();
        await goOn;
      }
      yield* world.parts.wire.writeResult(...args);
    },
  };
  return { wire, reached, letGo };
}

test('killed while it reads: another reads anew, and the first, when it was only slow, starts nothing', async () => {
  const id = await world.createBatch(owner, requestLines(3));
  const slow = stopAt('readLine');
  const first = world.runner('run_a', { wire: slow.wire });
  const looking = first.look();
  await slow.reached;
  await world.kill(id);
  await world.runner('run_b').look();
  expect(await world.rowOf(id)).toMatchObject({ status: 'in_progress', runner_id: 'run_b' });
  slow.letGo();
  await looking;
  expect(await statesOf(id)).toEqual({ queued: 3 });
  expect(await world.rowOf(id)).toMatchObject({ status: 'in_progress', runner_id: 'run_b' });
  expect(world.logged).toEqual([]);
});

test('cancelled while it is read: the rest is not read', async () => {
  const count = 300;
  const id = await world.createBatch(owner, requestLines(count));
  let read = 0;
  const wire: BatchWire = {
    ...world.parts.wire,
    async readLine(...args) {
      read += 1;
      await delay(10);
      return world.parts.wire.readLine(...args);
    },
  };
  const runner = world.runner('run_a', { wire });
  const looking = runner.look();
  await world.until('the first line', async () => read > 0);
  await world.services.cancelBatch(owner, id);
  await Promise.all([looking, runner.look()]);
  expect(read).toBeLessThan(count);
  await runner.look();
  expect(await statusOf(id)).toBe('cancelled');
});

test('killed while it waits: another waits on', async () => {
  const id = await world.createBatch(owner, requestLines(3));
  await world.runner('run_a').look();
  await world.begin(id);
  await world.succeed(id);
  await world.runner('run_b').look();
  expect(await statusOf(id)).toBe('in_progress');
  await world.kill(id);
  await world.runner('run_b').look();
  expect(await statusOf(id)).toBe('completed');
});

test('pictures are kept from the end of the batch on, as each line tells', async () => {
  const id = await world.createBatch(owner, requestLines(2));
  const runner = world.runner('run_a');
  await runner.look();
  await world.begin(id);
  await world.succeed(id);
  world.time.later_ms += 3 * 60 * 60_000;
  await runner.look();
  const { finalizing_at, output_file_id } = await world.rowOf(id);
  const until = (finalizing_at?.getTime() ?? 0) + 7 * 24 * 60 * 60_000;
  const rows = await world.db.selectFrom('generations').select('expires_at').where('batch_id', '=', id).execute();
  for (const { expires_at } of rows) expect(Math.abs((expires_at?.getTime() ?? 0) - until)).toBeLessThan(5_000);
  for (const { response } of await world.linesOf(owner, output_file_id)) {
    expect(Math.abs((response?.body.data?.[0]?.expires_at ?? 0) * 1000 - until)).toBeLessThan(5_000);
  }
});

test('the end is told once to whoever asked', async () => {
  const { account_id } = owner;
  const endpoint = {
    account_id,
    mode: 'test' as const,
    name: 'hook',
    url: 'https://hook.test/',
    created_at: new Date(),
  };
  await insertEndpoint(world.db, { ...endpoint, id: `whe_${account_id}`, event_types: null }, 10);
  const faulty = await world.createBatch(owner, ['{']);
  const good = await world.createBatch(owner, requestLines(1));
  await world.runner('run_a').look();
  await world.begin(good);
  await world.succeed(good);
  await world.runner('run_a').look();
  const events = await world.db
    .selectFrom('webhook_events')
    .select(['type', 'data'])
    .where('account_id', '=', account_id)
    .where('type', 'like', 'batch.%')
    .orderBy('type')
    .execute();
  expect(events).toEqual([
    { type: 'batch.completed', data: { object: 'batch', id: good } },
    { type: 'batch.failed', data: { object: 'batch', id: faulty } },
  ]);
});

test('a line that no row could hold is a fault of its own, and bytes that are gone stop no file', async () => {
  const long = await world.createBatch(owner, [requestLine('long', { sparkle: Array(3).fill('x y '.repeat(50_000)) })]);
  await world.runner('run_a').look();
  expect((await world.rowOf(long)).errors).toMatchObject([{ code: 'payload_too_large', line: 1 }]);

  const id = await world.createBatch(owner, [
    requestLine('gone', { response_format: 'b64_json' }),
    requestLine('link', {}),
  ]);
  const store = { ...world.parts.media, has: async () => false };
  const wire = createBatchWire({ ...world.wireParts, media: { store, lookup: async () => null } });
  const runner = world.runner('run_a', { wire });
  await runner.look();
  await world.begin(id);
  await world.succeed(id);
  await runner.look();
  const batch = await world.rowOf(id);
  expect(batch).toMatchObject({ status: 'completed', completed_count: 1, failed_count: 1 });
  expect(customIds(await world.linesOf(owner, batch.error_file_id))).toEqual(['gone']);
});

test.each(['completed', 'cancelled'] as const)(
  'two write the results of a %s batch: one of them ends it',
  async (end) => {
    const id = await world.createBatch(owner, requestLines(3));
    const slow = stopAt('writeResult');
    const first = world.runner('run_a', { wire: slow.wire });
    await first.look();
    await world.begin(id);
    if (end === 'cancelled') await world.services.cancelBatch(owner, id);
    await world.succeed(id);
    const looking = first.look();
    await slow.reached;
    await world.kill(id);
    await world.runner('run_b').look();
    const batch = await world.rowOf(id);
    expect(batch).toMatchObject({ status: end, completed_count: 3 });
    slow.letGo();
    await looking;
    expect(await world.rowOf(id)).toEqual(batch);
    const files = await world.db
      .selectFrom('files')
      .select('id')
      .where('account_id', '=', owner.account_id)
      .where('purpose', '=', 'batch_output')
      .execute();
    expect(files.map((file) => file.id)).toEqual([batch.output_file_id]);
    expect(world.logged).toEqual([]);
  },
);

test('who was taken over ends nothing, even when the other has not ended it either', async () => {
  const id = await world.createBatch(owner, requestLines(2));
  const [slow, slower] = [stopAt('writeResult'), stopAt('writeResult')];
  const first = world.runner('run_a', { wire: slow.wire });
  await first.look();
  await world.begin(id);
  await world.succeed(id);
  const looking = first.look();
  await slow.reached;
  await world.kill(id);
  const others = world.runner('run_b', { wire: slower.wire }).look();
  await slower.reached;
  slow.letGo();
  await looking;
  expect(await world.rowOf(id)).toMatchObject({ status: 'finalizing', runner_id: 'run_b', output_file_id: null });
  slower.letGo();
  await others;
  expect(await statusOf(id)).toBe('completed');
  expect(world.logged).toEqual([]);
});

test('a step that fails for no fault of the batch is tried again', async () => {
  const id = await world.createBatch(owner, requestLines(1));
  let isBroken = true;
  const wire: BatchWire = {
    ...world.parts.wire,
    readLine: (...args) => (isBroken ? Promise.reject(new Error('no database')) : world.parts.wire.readLine(...args)),
  };
  const runner = world.runner('run_a', { wire });
  await runner.look();
  expect(await statusOf(id)).toBe('validating');
  expect(world.logged).toMatchObject([{ batch_id: id, status: 'validating' }]);
  isBroken = false;
  await runner.look();
  expect(await statusOf(id)).toBe('validating');
  world.time.later_ms += 6_000;
  await runner.look();
  expect(await statusOf(id)).toBe('in_progress');
});

test('whoever stops leaves its batches to others at once', async () => {
  const id = await world.createBatch(owner, requestLines(1));
  const first = world.runner('run_a');
  await first.look();
  await first.stop();
  await world.begin(id);
  await world.succeed(id);
  await world.runner('run_b').look();
  expect(await statusOf(id)).toBe('completed');
});

test('who is alone on the database waits for no lease', async () => {
  const id = await world.createBatch(owner, requestLines(1));
  await world.runner('run_a').look();
  await world.begin(id);
  await world.succeed(id);
  const alone = world.runner('run_b');
  await alone.look();
  expect(await statusOf(id)).toBe('in_progress');
  await alone.takeAll();
  await alone.look();
  expect(await statusOf(id)).toBe('completed');
});

test('an idempotency key holds for a day', async () => {
  const wish = { idempotency_key: 'once' };
  const first = await world.createBatch(owner, ['{'], wish);
  await expect(world.createBatch(owner, ['{'], wish)).rejects.toMatchObject({ code: 'idempotency_conflict' });
  world.time.later_ms += 24 * 60 * 60_000 + 1_000;
  expect(await world.createBatch(owner, ['{'], wish)).not.toBe(first);
});

test('an input file that is gone is told', async () => {
  const id = await world.createBatch(owner, requestLines(1));
  await deleteFile(world.fileParts, owner, (await world.rowOf(id)).input_file_id);
  await world.runner('run_a').look();
  expect((await world.rowOf(id)).errors).toMatchObject([{ code: 'not_found', param: 'input_file_id' }]);
});

test('files are no strays', async () => {
  const id = await world.createBatch(owner, requestLines(1));
  const { input_file_id } = await world.rowOf(id);
  world.time.later_ms += 3 * 60 * 60_000;
  await collectStrays({ ...world.parts, work_deadline_ms: 1, job_deadline_ms: 0 });
  await world.runner('run_a').look();
  expect(await statusOf(id)).toBe('in_progress');
  expect(await world.getFile(owner, input_file_id)).toMatchObject({ purpose: 'batch' });
});
