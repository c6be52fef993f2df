/** Repeated requests through the whole server: one generation and one charge for one key, and the same answer. */
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeFile, plainPixels } from '../media/make-pictures.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';
import { zeroCostEngine } from '../support/zero-cost-engine.ts';

const HOUR_MS = 60 * 60 * 1000;

const engine = zeroCostEngine();
let server: TestApp;
beforeAll(async () => {
  server = await startTestApp({ GESSO_TEST_CREDIT_USD: '0' }, { engine });
});
afterAll(() => server.close());
afterEach(() => {
  vi.useRealTimers();
  open();
});

let open = (): void => {};
/** Holds drawings back, and resolves when the next one waits. */
async function held(begin: () => void): Promise<void> {
  open = engine.hold();
  const before = engine.drawn();
  begin();
  await vi.waitFor(() => expect(engine.drawn()).toBe(before + 1), { timeout: 10_000 });
}

interface Answer {
  readonly status: number;
  readonly replayed: boolean;
  readonly headers: Readonly<Record<string, string>>;
  // The shapes are those of the document; each test names what it looks at.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any;
}

const body = { model: 'seedream-4', prompt: 'a cat', size: '64x64', seed: 1, response_format: 'url' };

async function send(key: string | null, sent: object = body, bearer: string = testKeys.test): Promise<Answer> {
  const answer = await server.app.request({
    method: 'POST',
    path: '/v1/images/generations',
    headers: {
      authorization: `Bearer ${bearer}`,
      'content-type': 'application/json',
      ...(key !== null && { 'idempotency-key': key }),
    },
    body: JSON.stringify(sent),
  });
  const whole = await text(answer.body);
  return {
    status: answer.status,
    replayed: answer.headers['idempotent-replayed'] === 'true',
    headers: answer.headers,
    body: answer.headers['content-type']?.startsWith('application/json') === true ? JSON.parse(whole) : whole,
  };
}

async function edit(key: string, prompt: string, ...pictures: Buffer[]): Promise<Answer> {
  // A form has a new boundary each time.
  const form = new FormData();
  form.set('model', 'seedream-4');
  form.set('prompt', prompt);
  form.set('seed', '1');
  for (const picture of pictures) form.append('image[]', new Blob([new Uint8Array(picture)]), 'picture.png');
  const answer = await fetch(`${server.url}/v1/images/edits`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKeys.test}`, 'idempotency-key': key },
    body: form,
  });
  return {
    status: answer.status,
    replayed: answer.headers.get('idempotent-replayed') === 'true',
    headers: Object.fromEntries(answer.headers),
    body: await answer.json(),
  };
}

async function ask(
  path: string,
  bearer: string = testKeys.admin,
  method: 'GET' | 'POST' | 'DELETE' = 'GET',
  sent?: object,
) {
  const answer = await server.app.request({
    method,
    path,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(sent && { body: JSON.stringify(sent) }),
  });
  return { status: answer.status, body: JSON.parse(await text(answer.body)) };
}

async function count(): Promise<{ requests: number; pictures: number; cost_micros: number }> {
  const { body: list } = await ask('/v1/requests?summary=true&limit=1&mode=test');
  const { requests, pictures, cost_micros } = list.summary;
  return { requests, pictures, cost_micros };
}

/** How many generations, pictures and micro-dollars came of it. */
async function madeBy(work: () => Promise<void>): Promise<{ requests: number; pictures: number; cost_micros: number }> {
  const before = await count();
  await work();
  const after = await count();
  return {
    requests: after.requests - before.requests,
    pictures: after.pictures - before.pictures,
    cost_micros: after.cost_micros - before.cost_micros,
  };
}

describe('replays', () => {
  test('the same key and body get the same answer, and are charged once', async () => {
    const made = await madeBy(async () => {
      const first = await send('replay-1', { ...body, n: 2 });
      // In another order, and with what is the default said aloud.
      const again = await send('replay-1', {
        n: 2,
        seed: 1,
        response_format: 'url',
        size: '64x64',
        prompt: 'a cat',
        model: 'seedream-4',
        stream: false,
      });
      expect([first.status, first.replayed]).toEqual([200, false]);
      expect([again.status, again.replayed]).toEqual([200, true]);
      expect(again.body).toEqual(first.body);
      for (const name of ['x-request-id', 'x-gesso-cost-micros', 'x-gesso-provider']) {
        expect(again.headers[name]).toBe(first.headers[name]);
      }
    });
    expect(made).toEqual({ requests: 1, pictures: 2, cost_micros: 60_000 });
  });

  test('base64 too, and an event stream', async () => {
    const first = await send('replay-b64', { ...body, response_format: 'b64_json' });
    const again = await send('replay-b64', { ...body, response_format: 'b64_json' });
    expect(again.body.data[0].b64_json).toBe(first.body.data[0].b64_json);
    expect(again.body).toEqual(first.body);

    const made = await madeBy(async () => {
      const streamed = await send('replay-stream', { ...body, stream: true });
      const repeated = await send('replay-stream', { ...body, stream: true });
      expect([streamed.status, streamed.replayed, repeated.status, repeated.replayed]).toEqual([200, false, 200, true]);
      const completed = (events: string) =>
        events.split('\n').filter((line) => line.startsWith('data: ') && line.includes('.completed"'));
      expect(completed(repeated.body)).toHaveLength(1);
      const pictureIn = ([line = '']: string[]) => JSON.parse(line.slice('data: '.length)).b64_json;
      expect(pictureIn(completed(repeated.body))).toBe(pictureIn(completed(streamed.body)));
    });
    expect(made.requests).toBe(1);
  });

  test('a form is the same whatever its boundary, and another picture is another body', async () => {
    const red = await makeFile('png', plainPixels(64, 64, [255, 0, 0, 255]));
    const blue = await makeFile('png', plainPixels(64, 64, [0, 0, 255, 255]));
    const first = await edit('form-1', 'make it night', red, blue);
    const again = await edit('form-1', 'make it night', red, blue);
    expect([first.status, again.status, again.replayed]).toEqual([200, 200, true]);
    expect(again.body).toEqual(first.body);
    for (const other of [
      await edit('form-1', 'make it night', blue, red),
      await edit('form-1', 'make it night', red),
    ]) {
      expect([other.status, other.body.error.code]).toEqual([422, 'idempotency_conflict']);
    }
  });

  test('after a restart', async () => {
    const first = await send('restart-1');
    await server.restart();
    const again = await send('restart-1');
    expect([again.status, again.replayed]).toEqual([200, true]);
    // The port is another one; the rest is the same.
    const shape = ({ data, ...rest }: Answer['body']) => ({
      ...rest,
      paths: data.map(({ url }: { url: string }) => new URL(url).pathname),
    });
    expect(shape(again.body)).toEqual(shape(first.body));
  });

  test('20 at once make one generation', async () => {
    const made = await madeBy(async () => {
      let answered = 0;
      let all: Promise<Answer>[] = [];
      await held(() => {
        all = Array.from({ length: 20 }, () => send('at-once').finally(() => answered++));
      });
      // All but the one that draws are told so while it does.
      await vi.waitFor(() => expect(answered).toBe(19), { timeout: 10_000 });
      open();
      const answers = await Promise.all(all);
      const winners = answers.filter(({ status, replayed }) => status === 200 && !replayed);
      expect(winners).toHaveLength(1);
      for (const answer of answers) {
        if (answer.status === 409) expect(answer.body.error.generation_id).toBe(winners[0]?.body.metadata.request_id);
        else expect(answer.body).toEqual(winners[0]?.body);
      }
    });
    expect(made).toEqual({ requests: 1, pictures: 1, cost_micros: 30_000 });
  });
});

test('while the first runs, a repeat is told which generation to fetch, and SDKs when to come back', async () => {
  let first = Promise.resolve<Answer | null>(null);
  await held(() => {
    first = send('in-flight');
  });
  const repeat = await send('in-flight');
  expect(repeat.status).toBe(409);
  expect(repeat.body.error).toMatchObject({ type: 'conflict_error', code: 'request_in_progress' });
  expect(repeat.headers['retry-after']).toBe('1');
  const { generation_id } = repeat.body.error;
  expect((await ask(`/v1/generations/${generation_id}`, testKeys.test)).body.status).toBe('running');
  // Its payloads cannot be deleted under its hands.
  const purge = await ask(`/v1/requests/${generation_id}/payloads`, testKeys.test, 'DELETE');
  expect([purge.status, purge.body.error.code]).toEqual([409, 'request_in_progress']);
  open();
  expect((await first)?.body.metadata.request_id).toBe(generation_id);
  expect((await send('in-flight')).replayed).toBe(true);
});

describe('conflicts and scope', () => {
  test.each([
    ['the prompt', { prompt: 'a dog' }],
    ['a parameter', { size: '32x32' }],
    ['how the answer is wanted', { response_format: 'b64_json' }],
    ['the model', { model: 'gesso/sketch' }],
    ['an unknown parameter', { sparkle: true }],
  ])('%s differs: 422, whatever came of the first', async (_what, change) => {
    await send('conflict');
    const other = await send('conflict', { ...body, ...change });
    expect([other.status, other.body.error.code, other.body.error.param]).toEqual([
      422,
      'idempotency_conflict',
      'Idempotency-Key',
    ]);
  });

  test('another account has keys of its own', async () => {
    const { body: account } = await ask('/v1/admin/accounts', testKeys.admin, 'POST', {
      name: 'North',
      billing: 'unmetered',
    });
    const { body: made } = await ask('/v1/keys', testKeys.admin, 'POST', {
      name: 'k',
      mode: 'test',
      account_id: account.id,
    });
    const ours = await send('shared-key');
    const theirs = await send('shared-key', { ...body, prompt: 'a dog' }, made.key);
    expect([theirs.status, theirs.replayed]).toEqual([200, false]);
    expect(theirs.body.metadata.request_id).not.toBe(ours.body.metadata.request_id);
    expect((await send('shared-key', { ...body, prompt: 'a dog' }, made.key)).replayed).toBe(true);
  });

  test('another key of the same account has the same ones', async () => {
    const { body: made } = await ask('/v1/keys', testKeys.admin, 'POST', { name: 'k', mode: 'test' });
    const first = await send('same-account');
    const again = await send('same-account', body, made.key);
    expect([again.replayed, again.body.metadata.request_id]).toEqual([true, first.body.metadata.request_id]);
  });

  test.each([['', 'x'.repeat(256), 'a\tb']].flat())('%j is no key', async (key) => {
    const { status, body: answer } = await send(key);
    expect([status, answer.error.code, answer.error.param]).toEqual([400, 'invalid_value', 'Idempotency-Key']);
  });

  test('what was never taken in leaves the key free', async () => {
    expect((await send('fresh', { ...body, size: 'enormous' })).status).toBe(400);
    const first = await send('fresh');
    expect([first.status, first.replayed]).toEqual([200, false]);
  });

  test('a dry run is no use of a key', async () => {
    const dry = await server.app.request({
      method: 'POST',
      path: '/v1/images/generations?dryRun=true',
      headers: {
        authorization: `Bearer ${testKeys.test}`,
        'content-type': 'application/json',
        'idempotency-key': 'dry',
      },
      body: JSON.stringify(body),
    });
    await text(dry.body);
    expect((await send('dry', { ...body, prompt: 'a dog' })).status).toBe(200);
  });
});

describe('failures', () => {
  test('one of ours, that cost nothing, is tried again with the same key; 20 at once make one new try', async () => {
    engine.break(true);
    const failed = await send('mended');
    expect(failed.status).toBe(500);
    engine.break(false);
    expect((await send('mended', { ...body, prompt: 'a dog' })).body.error.code).toBe('idempotency_conflict');
    const made = await madeBy(async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => send('mended')));
      expect(answers.filter(({ status, replayed }) => status === 200 && !replayed)).toHaveLength(1);
      expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    });
    expect(made).toMatchObject({ requests: 1, pictures: 1 });
    expect((await send('mended')).replayed).toBe(true);
  });

  test('one that a provider bills is final too, whatever its error says of others', async () => {
    const failing = { ...body, simulate: 'server_error' };
    expect((await send('billed', failing)).body.error.code).toBe('all_providers_failed');
    await server.restart(async (db) => {
      const { id } = await db
        .selectFrom('generations')
        .select('id')
        .orderBy('created_at', 'desc')
        .executeTakeFirstOrThrow();
      const billed = { error_class: 'empty_billed', price_micros: 30_000, billed_micros: 30_000 };
      await db.updateTable('attempts').set(billed).where('generation_id', '=', id).where('seq', '=', 1).execute();
    });
    const again = await send('billed', failing);
    expect([again.status, again.replayed, again.headers['x-should-retry']]).toEqual([500, true, 'false']);
  });

  test.each([
    ['content_policy', 400, 'content_policy_violation'],
    ['timeout', 504, 'outcome_unknown'],
  ])('%s is final: the error is given again, and nobody is asked', async (simulate, status, code) => {
    const failing = { ...body, simulate };
    const first = await send(`final-${simulate}`, failing);
    expect([first.status, first.body.error.code, first.replayed]).toEqual([status, code, false]);
    const made = await madeBy(async () => {
      const again = await send(`final-${simulate}`, failing);
      expect([again.status, again.replayed]).toEqual([status, true]);
      expect(again.body).toEqual(first.body);
      expect(again.headers['x-should-retry']).toBe('false');
    });
    expect(made.requests).toBe(0);
  });
});

test('after 24 hours the key is free, and not before', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const first = await send('aged');
  vi.setSystemTime(Date.now() + 24 * HOUR_MS - 1_000);
  expect((await send('aged', { ...body, prompt: 'a dog' })).status).toBe(422);
  expect((await send('aged')).body.metadata.request_id).toBe(first.body.metadata.request_id);
  vi.setSystemTime(Date.now() + 2_000);
  const later = await send('aged', { ...body, prompt: 'a dog' });
  expect([later.status, later.replayed]).toEqual([200, false]);
  expect(later.body.metadata.request_id).not.toBe(first.body.metadata.request_id);
});

test('pictures that were deleted since are told, not made again', async () => {
  const first = await send('purged');
  const { request_id } = first.body.metadata;
  expect((await ask(`/v1/requests/${request_id}/payloads`, testKeys.test, 'DELETE')).status).toBe(200);
  const again = await send('purged');
  expect([again.status, again.body.error.code, again.body.error.generation_id]).toEqual([404, 'not_found', request_id]);
});

test('a payment with a key is paid in once, and another one under it is refused', async () => {
  const { body: account } = await ask('/v1/admin/accounts', testKeys.admin, 'POST', {
    name: 'South',
    billing: 'prepaid',
  });
  const pay = async (amount: string) => {
    const answer = await server.app.request({
      method: 'POST',
      path: `/v1/admin/accounts/${account.id}/top-ups`,
      headers: {
        authorization: `Bearer ${testKeys.admin}`,
        'content-type': 'application/json',
        'idempotency-key': 'pay',
      },
      body: JSON.stringify({ amount, mode: 'test' }),
    });
    return { status: answer.status, body: JSON.parse(await text(answer.body)) };
  };
  const first = await pay('2.00');
  const again = await pay('2.00');
  expect([first.status, again.status, again.body.id]).toEqual([201, 201, first.body.id]);
  expect(again.body.balance_micros).toBe(2_000_000);
  expect((await pay('3.00')).body.error.code).toBe('idempotency_conflict');
});
