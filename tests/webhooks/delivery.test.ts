/** Deliveries: signed, repeated until they are taken, and never in each other's way. */
import { sql } from 'kysely';
import OpenAI from 'openai';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { retryDelays_ms } from '../../src/core/webhooks/retry-schedule.ts';
import { replayDelivery } from '../../src/store/webhook-deliveries.ts';
import { rotateEndpointSecret, rotateJobSecret } from '../../src/store/webhook-endpoints.ts';
import type { Hook } from '../support/hook-server.ts';
import { type DeliveryWorld, openDeliveryWorld, secretOf } from './world.ts';

let world: DeliveryWorld;
beforeAll(async () => {
  world = await openDeliveryWorld({ picture: async (_owner, id) => (id === 'gone' ? null : { id, shown: true }) });
});
afterEach(() => world.clear());
afterAll(() => world.close());

async function run(worker = world.worker()): Promise<void> {
  await worker.look();
  await worker.idle();
}

/** Throws when it was not signed with the secret. */
const verify = (secret: string, { body, headers }: Hook) => new Webhook(secret).verify(body, { ...headers });
const isSignedBy = (secret: string, hook: Hook): boolean => {
  try {
    return verify(secret, hook) !== undefined;
  } catch {
    return false;
  }
};

/** The only one. */
async function delivery() {
  const [one, ...others] = await world.deliveries();
  if (one === undefined || others.length > 0) throw new Error('there is not one delivery');
  return one;
}

async function hookAt(path: string): Promise<Hook> {
  const [hook] = await world.server.waitFor(1, path);
  if (hook === undefined) throw new Error('nothing came');
  return hook;
}

test('an event comes signed, and both libraries verify it', async () => {
  const { id, path } = await world.endpoint();
  const event_id = await world.event();
  await run();
  const hook = await hookAt(path);
  expect(verify(secretOf(id), hook)).toMatchObject({ id: event_id, object: 'event', type: 'generation.completed' });
  const client = new OpenAI({ apiKey: 'none', webhookSecret: secretOf(id) });
  expect(await client.webhooks.unwrap(hook.body, hook.headers)).toMatchObject({
    id: event_id,
    data: { colour: 'blue' },
  });
  await expect(client.webhooks.unwrap(`${hook.body} `, hook.headers)).rejects.toThrow('does not match');
  expect(isSignedBy(secretOf('whe_other'), hook)).toBe(false);
  expect(hook.headers['webhook-id']).toBe(event_id);
  expect(Math.abs(Number(hook.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
  expect(JSON.parse(hook.body)).toMatchObject({
    mode: 'test',
    created_at: expect.closeTo(Date.now() / 1000, -2),
  });
  expect(await delivery()).toMatchObject({ status: 'delivered', attempts: 1, next_attempt_at: null, last_status: 200 });
  expect(await world.attempts()).toMatchObject([{ seq: 1, status: 200, error: null, answer: 'ok' }]);
});

test('the URL of a job is signed for by the secret of its account and mode', async () => {
  await world.event(`${world.server.url}/job`);
  await run();
  expect(isSignedBy(secretOf('acc_1:test'), await hookAt('/job'))).toBe(true);
  await rotateJobSecret(world.db, 'acc_1', 'test', 60_000);
  await world.event(`${world.server.url}/rotated-job`);
  await run();
  const hook = await hookAt('/rotated-job');
  expect([1, 2].map((version) => isSignedBy(secretOf('acc_1:test', version), hook))).toEqual([true, true]);
});

test('what an event is about is read when it is sent; what is gone is named', async () => {
  const { path } = await world.endpoint();
  for (const id of ['pic_1', 'gone']) {
    await sql`select gesso_write_event('acc_1', 'test', 'x', ${JSON.stringify({ object: 'picture', id })}::jsonb, ${id}, null)`.execute(
      world.db,
    );
    await run();
  }
  const bodies = (await world.server.waitFor(2, path)).map(({ body }) => (JSON.parse(body) as { data: unknown }).data);
  expect(bodies).toEqual([
    { id: 'pic_1', shown: true },
    { object: 'picture', id: 'gone' },
  ]);
});

test('while a secret is rotated the one before signs too, and no longer', async () => {
  const { id, path } = await world.endpoint();
  const signers = (hook: Hook) => [1, 2].map((version) => isSignedBy(secretOf(id, version), hook));
  await rotateEndpointSecret(world.db, id, 60_000);
  await world.event();
  await run();
  const both = await hookAt(path);
  expect(both.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
  expect(signers(both)).toEqual([true, true]);
  await sql`update webhook_endpoints set previous_until = now() - interval '1 second'`.execute(world.db);
  await world.event();
  await run();
  const [, after] = await world.server.waitFor(2, path);
  expect(after && signers(after)).toEqual([false, true]);
});

test('what is not taken is tried again by the table, under the same id, and given up after the last', async () => {
  const { path } = await world.endpoint();
  const event_id = await world.event();
  world.server.answer = (_hook, res) => void res.writeHead(503).end('x'.repeat(5_000));
  for (const [index, delay_ms] of retryDelays_ms.entries()) {
    await run();
    const { status, next_attempt_at, attempts } = await delivery();
    expect([status, attempts]).toEqual(['pending', index + 1]);
    const wait_ms = (next_attempt_at?.getTime() ?? 0) - Date.now();
    expect(Math.abs(wait_ms - delay_ms)).toBeLessThan(3_000);
    await run();
    expect((await delivery()).attempts).toBe(index + 1);
    await world.hurry();
  }
  await run();
  expect(await delivery()).toMatchObject({ status: 'failed', attempts: 10, last_status: 503, next_attempt_at: null });
  const hooks = await world.server.waitFor(10, path);
  expect(new Set(hooks.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([event_id]));
  const tries = await world.attempts();
  expect(tries.map(({ seq, status, error }) => [seq, status, error])).toEqual(
    Array.from({ length: 10 }, (_, index) => [index + 1, 503, 'It answered with status 503.']),
  );
  expect(tries[0]?.answer).toBe('x'.repeat(1024));
  // A replay has the whole row of tries before it again.
  await replayDelivery(world.db, (await delivery()).id);
  await run();
  const { status, attempts, next_attempt_at } = await delivery();
  expect([status, attempts]).toEqual(['pending', 11]);
  expect((next_attempt_at?.getTime() ?? 0) - Date.now()).toBeLessThan(6_000);
});

test.each([
  [
    'a redirect',
    (res: import('node:http').ServerResponse) => res.writeHead(302, { location: '/else' }).end(),
    /redirect/,
  ],
  ['a cut connection', (res: import('node:http').ServerResponse) => res.destroy(), /broke/],
])('%s is no delivery', async (_name, answer, told) => {
  const { path } = await world.endpoint();
  await world.event();
  world.server.answer = (_hook, res) => void answer(res);
  await run();
  expect(await delivery()).toMatchObject({
    status: 'pending',
    last_status: null,
    last_error: expect.stringMatching(told),
  });
  expect(world.server.hooks.filter((hook) => hook.path === '/else')).toEqual([]);
  expect(world.server.hooks.filter((hook) => hook.path === path)).toHaveLength(1);
});

test('who does not answer in time is tried again', async () => {
  await world.endpoint();
  await world.event();
  world.server.answer = () => {};
  await run(world.worker({ webhooks: { ...world.parts.webhooks, timeout_ms: 100 } }));
  expect(await delivery()).toMatchObject({ status: 'pending', last_error: 'It did not answer in time.' });
});

test('410 Gone disables the endpoint, and what is on its way to it has failed', async () => {
  const { id } = await world.endpoint();
  await world.event();
  world.server.answer = (_hook, res) => void res.writeHead(410).end();
  await run();
  await world.event(`${world.server.url}/other`).catch(() => undefined);
  expect(
    await world.db.selectFrom('webhook_endpoints').select('disabled_reason').where('id', '=', id).execute(),
  ).toEqual([{ disabled_reason: 'gone' }]);
  const rows = await world.deliveries();
  expect(rows.filter(({ endpoint_id }) => endpoint_id === id)).toMatchObject([{ status: 'failed', last_status: 410 }]);
});

test('410 Gone ends what goes to the URL of a job', async () => {
  await world.event(`${world.server.url}/job-gone`);
  world.server.answer = (_hook, res) => void res.writeHead(410).end();
  await run();
  expect(await delivery()).toMatchObject({ status: 'failed', attempts: 1, last_status: 410 });
});

test('five days of nothing but failures disable an endpoint; one success begins anew', async () => {
  const { id } = await world.endpoint();
  const row = () => world.db.selectFrom('webhook_endpoints').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const failingFor = (hours: number) =>
    sql`update webhook_endpoints set failing_since = now() - ${hours} * interval '1 hour'`.execute(world.db);
  world.server.answer = (_hook, res) => void res.writeHead(500).end();
  await world.event();
  await run();
  expect((await row()).failing_since).not.toBe(null);
  await failingFor(119);
  await world.hurry();
  await run();
  expect(await row()).toMatchObject({ disabled_at: null });
  world.server.answer = (_hook, res) => void res.end();
  await world.hurry();
  await run();
  expect((await row()).failing_since).toBe(null);
  world.server.answer = (_hook, res) => void res.writeHead(500).end();
  await world.event();
  await world.event();
  await failingFor(121);
  await run(world.worker({}, { per_target_max: 1 }));
  expect(await row()).toMatchObject({ disabled_reason: 'failing' });
  expect((await world.deliveries()).map(({ status }) => status).sort()).toEqual(['delivered', 'failed', 'failed']);
});

test('a try that a crash cut off is made again when its lease ends', async () => {
  const { path } = await world.endpoint();
  await world.event();
  const dying = world.worker({
    guardedFetch: () => new Promise(() => {}), // Whoever waits for this is dead.
  });
  await dying.look();
  await run();
  expect(await delivery()).toMatchObject({ status: 'pending', attempts: 1 });
  await world.hurry();
  await run();
  await hookAt(path);
  expect(await delivery()).toMatchObject({ status: 'delivered', attempts: 2 });
  expect((await world.attempts()).map(({ seq }) => seq)).toEqual([2]);
});

test('a try whose answer could not be written down is made again', async () => {
  const { path } = await world.endpoint();
  await world.event();
  // The process dies between the answer and its row.
  await sql`alter table webhook_attempts add constraint dying check (status <> 200)`.execute(world.db);
  await run();
  await sql`alter table webhook_attempts drop constraint dying`.execute(world.db);
  expect(await delivery()).toMatchObject({ status: 'pending', attempts: 1 });
  await world.hurry();
  await run();
  const [first, second] = await world.server.waitFor(2, path);
  expect(first?.headers['webhook-id']).toBe(second?.headers['webhook-id']);
  expect(await delivery()).toMatchObject({ status: 'delivered', attempts: 2 });
});

test('a stop cuts off what does not end, and that counts for nothing', async () => {
  await world.endpoint();
  await world.event();
  world.server.answer = () => {};
  const worker = world.worker();
  await worker.look();
  await worker.stop(0);
  expect(await delivery()).toMatchObject({ status: 'pending', attempts: 1, attempts_before: 1 });
  expect(await world.attempts()).toEqual([]);
  world.server.answer = (_hook, res) => void res.end();
  await run();
  expect(await delivery()).toMatchObject({ status: 'delivered' });
});

test.each([
  ['http://127.0.0.1:1/hook', /not one that is called/],
  ['https://127.0.0.1/hook', /not public/],
  ['https://169.254.169.254/latest', /not public/],
  ['https://[::1]/hook', /not public/],
  ['http://user:secret@example.com/', /not one that is called/],
])('%s is not called, whatever got it into the database', async (url, told) => {
  await world.endpoint({ url });
  await world.event();
  await run();
  expect(await delivery()).toMatchObject({
    status: 'pending',
    last_status: null,
    last_error: expect.stringMatching(told),
  });
});

test('a name that leads inside later is refused at the delivery', async () => {
  const { createGuardedFetch } = await import('../../src/net/guarded-fetch.ts');
  const guardedFetch = createGuardedFetch({ resolve: async () => [{ address: '10.0.0.7', family: 4 }] });
  await world.endpoint({ url: 'https://hooks.example/' });
  await world.event();
  await run(world.worker({ guardedFetch }));
  await guardedFetch.close();
  const { last_error } = await delivery();
  expect(last_error).toMatch(/not public/);
  expect(last_error).not.toContain('10.0.0.7');
});

test('a slow endpoint holds up nobody but itself, and never has more than its share', async () => {
  const slow = await world.endpoint();
  for (let index = 0; index < 20; index += 1) await world.event();
  const quick = await world.endpoint();
  for (let index = 0; index < 5; index += 1) await world.event();
  let held = 0;
  const release: (() => void)[] = [];
  world.server.answer = (hook, res) => {
    if (hook.path !== slow.path) return void res.end();
    held += 1;
    release.push(() => void res.end());
  };
  const worker = world.worker({}, { in_hand_max: 3, per_target_max: 2 });
  await worker.look();
  await world.server.waitFor(5, quick.path);
  expect(held).toBe(2);
  world.server.answer = (_hook, res) => void res.end();
  for (const one of release) one();
  await worker.idle();
  expect(await world.server.waitFor(25, slow.path)).toHaveLength(25);
  expect(new Set((await world.deliveries()).map(({ status }) => status))).toEqual(new Set(['delivered']));
});

test('an endpoint in trouble gets one post at a time until it answers again', async () => {
  const { path } = await world.endpoint();
  world.server.answer = (_hook, res) => void res.writeHead(500).end();
  await world.event();
  const worker = world.worker({}, { per_target_max: 8 });
  await run(worker);
  for (let index = 0; index < 6; index += 1) await world.event();
  let most = 0;
  let open = 0;
  world.server.answer = (_hook, res) => {
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => {
      open -= 1;
      res.writeHead(500).end();
    }, 10);
  };
  await run(worker);
  await world.server.waitFor(7, path);
  expect(most).toBe(1);
});
