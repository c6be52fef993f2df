/** History, usage, retention and deletion through the whole server. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Db } from '../../src/store/tables.ts';
import { makeFile, plainPixels } from '../media/make-pictures.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';
import { zeroCostEngine } from '../support/zero-cost-engine.ts';

const MINUTE_MS = 60_000;
/** On a busy machine. */
const PATIENCE = { timeout: 20_000 };
const DAY_MS = 24 * 60 * MINUTE_MS;

const engine = zeroCostEngine();
let server: TestApp;
beforeAll(async () => {
  server = await startTestApp({ GESSO_TEST_CREDIT_USD: '0' }, { engine });
});
afterAll(() => server.close());
afterEach(() => {
  vi.useRealTimers();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // The shapes are those of the document; each test names what it looks at.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any;
}

async function call(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  bearer: string,
  sent?: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await server.app.request({
    method,
    path,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...headers },
    ...(sent && { body: JSON.stringify(sent) }),
  });
  const whole = await text(answer.body);
  const isJson = answer.headers['content-type']?.startsWith('application/json') === true;
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(whole) : whole };
}

const get = (path: string, bearer: string) => call('GET', path, bearer);

const body = { model: 'seedream-4', prompt: 'a cat', size: '64x64', seed: 1 };

/** Returns the id. */
async function make(bearer: string, change: object = {}, headers: Record<string, string> = {}): Promise<string> {
  const answer = await call('POST', '/v1/images/generations', bearer, { ...body, ...change }, headers);
  return answer.headers['x-request-id'] ?? '';
}

let customers = 0;
/** An account of its own, so that a test counts nobody else's. */
async function customer(): Promise<{ readonly id: string; readonly key: string }> {
  const name = `customer ${++customers}`;
  const { body: account } = await call('POST', '/v1/admin/accounts', testKeys.admin, { name, billing: 'unmetered' });
  const { body: made } = await call('POST', '/v1/keys', testKeys.admin, { mode: 'test', account_id: account.id });
  return { id: account.id, key: made.key };
}

const ids = (answer: Answer): string[] => answer.body.data.map(({ id }: { id: string }) => id);

describe('GET /v1/requests', () => {
  test('filters, alone and together, with sums over all of them', async () => {
    const { id, key } = await customer();
    const { body: other } = await call('POST', '/v1/keys', testKeys.admin, { mode: 'test', account_id: id });
    vi.useFakeTimers({ toFake: ['Date'] });
    const start = Date.now();
    const at = (minute: number): void => void vi.setSystemTime(start + minute * MINUTE_MS);
    const plain = await make(key);
    at(1);
    const tagged = await make(key, { n: 2 }, { 'x-gesso-tag': 'blue team' });
    at(2);
    const sketch = await make(other.key, { model: 'gesso/sketch' }, { 'x-gesso-tag': 'blue team' });
    at(3);
    const failed = await make(key, { simulate: 'content_policy' });

    const list = async (query: string): Promise<string[]> => ids(await get(`/v1/requests?${query}`, key));
    expect(await list('')).toEqual([failed, sketch, tagged, plain]);
    expect(await list('status=completed')).toEqual([sketch, tagged, plain]);
    expect(await list('status=failed')).toEqual([failed]);
    expect(await list('model=seedream-4')).toEqual([failed, tagged, plain]);
    expect(await list('model=bytedance/seedream-4.0&status=completed')).toEqual([tagged, plain]);
    expect(await list('model=no-such-model')).toEqual([]);
    expect(await list('tag=blue%20team')).toEqual([sketch, tagged]);
    expect(await list(`key_id=${other.id}`)).toEqual([sketch]);
    expect(await list('mode=test&limit=1')).toEqual([failed]);
    // A test key sees no live request, and is not told whether there are any.
    expect(await list('mode=live')).toEqual([]);
    const minute_1 = new Date(start + MINUTE_MS).toISOString();
    const minute_2 = new Date(start + 2 * MINUTE_MS).toISOString();
    expect(await list(`created_after=${minute_1}`)).toEqual([failed, sketch, tagged]);
    expect(await list(`created_before=${minute_1}`)).toEqual([plain]);
    expect(await list(`created_after=${minute_1}&created_before=${minute_2}`)).toEqual([tagged]);

    const { body: summed } = await get('/v1/requests?summary=true&limit=1', key);
    expect(summed.summary).toEqual({
      requests: 4,
      completed: 3,
      failed: 1,
      pictures: 4,
      cost_micros: 90_000,
      cost: 0.09,
      currency: 'USD',
    });
    expect((await get('/v1/requests?summary=true&tag=blue%20team', key)).body.summary).toMatchObject({
      requests: 2,
      pictures: 3,
    });
    const line = (await get('/v1/requests?status=failed', key)).body.data[0];
    expect(line).toMatchObject({
      n: 1,
      pictures: 0,
      cost_micros: 0,
      error: { code: 'content_policy_violation' },
      payloads: 'kept',
    });
  });

  test('pages show every request once, while new ones come in, forward and back', async () => {
    const { key } = await customer();
    const made: string[] = [];
    // All in one millisecond: only the ids tell them apart.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    for (let i = 0; i < 7; i += 1) made.push(await make(key));
    const seen: string[] = [];
    let next: string | null = '/v1/requests?limit=3&status=completed';
    let previous: string | null = null;
    while (next !== null) {
      const page: Answer = await get(next, key);
      seen.push(...ids(page));
      previous = page.body.previous_page_url ?? previous;
      next = page.body.next_page_url && pathOf(page.body.next_page_url);
      expect(page.body.has_more).toBe(next !== null);
      vi.setSystemTime(Date.now() + 1);
      await make(key);
    }
    expect(seen).toHaveLength(7);
    expect(new Set(seen)).toEqual(new Set(made));
    const back = await get(pathOf(previous ?? ''), key);
    expect(ids(back)).toEqual(seen.slice(3, 6));
    const newest = await get(`/v1/requests?ending_before=${seen[0]}`, key);
    expect(ids(newest)).toHaveLength(3);
    expect(newest.body.previous_page_url).toBeNull();
    expect(ids(await get(pathOf(newest.body.next_page_url), key))).toEqual(seen);
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=x', 'limit'],
    ['status=done', 'status'],
    ['created_after=yesterday', 'created_after'],
    ['created_before=2026-11-20T10:00', 'created_before'],
    ['starting_after=a&ending_before=b', 'ending_before'],
  ])('%s is refused, and named', async (query, param) => {
    const { status, body: answer } = await get(`/v1/requests?${query}`, testKeys.test);
    expect([status, answer.error.code, answer.error.param]).toEqual([400, 'invalid_value', param]);
  });

  test("strangers' ids are 404, whatever is done with them, and those of the other mode too", async () => {
    const { key } = await customer();
    const id = await make(testKeys.test);
    const other = await customer();
    for (const bearer of [key, other.key, testKeys.live]) {
      for (const [method, path] of [
        ['GET', `/v1/requests/${id}`],
        ['GET', `/v1/generations/${id}`],
        ['DELETE', `/v1/requests/${id}/payloads`],
      ] as const) {
        const answer = await call(method, path, bearer);
        expect([path, answer.status, answer.body.error?.code]).toEqual([path, 404, 'not_found']);
      }
    }
    const page = await get(`/v1/requests?starting_after=${id}`, key);
    expect([page.status, page.body.error.param]).toEqual([404, 'starting_after']);
    expect((await get(`/v1/requests/${id}`, testKeys.test)).body.payloads).toBe('kept');
  });
});

test('one request tells its attempts, prices, costs, parameters and error; what it costs the house only to administrators', async () => {
  const key = testKeys.test;
  const id = await make(
    key,
    { n: 2, simulate: ['unavailable', 'ok'], labels: { project: 'x' }, user: 'u1' },
    { 'x-gesso-tag': 't1' },
  );
  const { body: seen } = await get(`/v1/requests/${id}`, key);
  expect(seen).toMatchObject({
    id,
    object: 'request',
    status: 'completed',
    model: 'bytedance/seedream-4.0',
    tag: 't1',
    user: 'u1',
    labels: { project: 'x' },
    n: 2,
    pictures: 2,
    held_micros: 0,
    cost_micros: 60_000,
    request: { prompt: 'a cat', n: 2 },
    inputs: [],
  });
  expect(seen.authorized_micros).toBeGreaterThanOrEqual(60_000);
  expect(seen.price[0]).toMatchObject({ billable: 'output_image', unit: 'image', quantity: 2 });
  expect(seen.applied.length).toBeGreaterThan(0);
  expect(seen.output.media).toHaveLength(2);
  expect(seen.attempts.map(({ seq }: { seq: number }) => seq)).toEqual(
    seen.attempts.map((_: unknown, i: number) => i + 1),
  );
  expect(
    seen.attempts.some(
      ({ outcome, error_class }: { outcome: string; error_class?: string }) =>
        outcome === 'failed' && error_class === 'unavailable',
    ),
  ).toBe(true);
  expect(seen.attempts[0].house).toBeUndefined();
  expect((await get(`/v1/requests/${id}`, testKeys.admin)).body.attempts[0].house).toMatchObject({ price_micros: 0 });
  const refused = await make(key, { simulate: 'content_policy' });
  expect((await get(`/v1/requests/${refused}`, key)).body.error).toMatchObject({
    code: 'content_policy_violation',
    type: 'invalid_request_error',
  });
});

describe('GET /v1/usage', () => {
  test('by day, model, provider, key and tag; the groups add up to the total', async () => {
    const { key } = await customer();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 9, 30, 23, 59, 59) });
    await make(key, {}, { 'x-gesso-tag': 'red' });
    vi.setSystemTime(Date.UTC(2026, 9, 31, 0, 0, 0));
    await make(key, { n: 2 }, { 'x-gesso-tag': 'blue' });
    await make(key, { model: 'gesso/sketch' });
    await make(key, { simulate: 'content_policy' }, { 'x-gesso-tag': 'blue' });
    vi.setSystemTime(Date.UTC(2026, 9, 31, 12));
    const { body: byDay } = await get('/v1/usage', key);
    expect(byDay).toMatchObject({ object: 'usage', mode: 'test', group_by: ['day'] });
    expect(byDay.data).toMatchObject([
      { day: '2026-10-30', requests: 1, completed: 1, failed: 0, pictures: 1, cost_micros: 30_000 },
      { day: '2026-10-31', requests: 3, completed: 2, failed: 1, pictures: 3, cost_micros: 60_000 },
    ]);
    expect(byDay.total).toMatchObject({ requests: 4, pictures: 4, cost_micros: 90_000, cost: 0.09 });
    for (const group of ['model', 'provider', 'key', 'tag', 'day,model,provider,key,tag']) {
      const { body: report } = await get(`/v1/usage?group_by=${group}`, key);
      const sum = (name: string) =>
        report.data.reduce((total: number, row: Record<string, number>) => total + (row[name] ?? 0), 0);
      expect([group, sum('requests'), sum('cost_micros')]).toEqual([group, 4, 90_000]);
    }
    const { body: byTag } = await get('/v1/usage?group_by=tag&from=2026-10-31&to=2026-11-01', key);
    expect(byTag.data.map(({ tag, requests }: { tag: string | null; requests: number }) => [tag, requests])).toEqual([
      ['blue', 2],
      [null, 1],
    ]);
    expect((await get('/v1/usage?tag=red&model=seedream-4', key)).body.total.requests).toBe(1);
    expect((await get('/v1/usage?to=2026-10-30', key)).body.total.requests).toBe(0);
    // An administrator's books are the live ones, unless the others are asked for.
    expect((await get('/v1/usage', testKeys.admin)).body).toMatchObject({ mode: 'live', total: { requests: 0 } });
    expect((await get('/v1/usage?mode=test', testKeys.admin)).body.mode).toBe('test');
    expect((await get('/v1/usage?mode=live', key)).body.total.requests).toBe(0);
  });

  test('as CSV, by name or by Accept, safe for spreadsheets', async () => {
    const { key } = await customer();
    for (const tag of ['a,"b"', '=1+1']) await make(key, {}, { 'x-gesso-tag': tag });
    const csv = await get('/v1/usage?group_by=tag&format=csv', key);
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(csv.body.split('\r\n')).toEqual([
      'tag,requests,completed,failed,pictures,cost_micros,cost,currency',
      expect.stringMatching(/,1,1,0,1,30000,0\.03,USD$/),
      expect.stringMatching(/,1,1,0,1,30000,0\.03,USD$/),
      '',
    ]);
    expect(csv.body).toContain('"a,""b""",1,');
    expect(csv.body).toContain("'=1+1,1,");
    const accepted = await call('GET', '/v1/usage?group_by=tag', key, undefined, { accept: 'text/csv' });
    expect(accepted.body).toBe(csv.body);
    const asked = await call('GET', '/v1/usage?format=json', key, undefined, { accept: 'text/csv' });
    expect(asked.body.object).toBe('usage');
  });

  test.each(['group_by=colour', 'group_by=', 'format=xml', 'from=soon'])('%s is refused', async (query) => {
    expect((await get(`/v1/usage?${query}`, testKeys.test)).body.error.code).toBe('invalid_value');
  });
});

test.each([['x'.repeat(65)], [''], ['blau\u00e4']])('a tag %j is refused', async (tag) => {
  const answer = await call('POST', '/v1/images/generations', testKeys.test, body, { 'x-gesso-tag': tag });
  expect([answer.status, answer.body.error.param]).toEqual([400, 'x-gesso-tag']);
});

describe('deletion', () => {
  test('takes prompt, parameters and pictures out of the database and off the disk, and leaves the cost', async () => {
    const { key } = await customer();
    const secret = 'zanzibar-lighthouse';
    const picture = await makeFile('png', plainPixels(61, 67, [1, 2, 3, 255]));
    const sent = {
      prompt: `a ${secret}`,
      image: `data:image/png;base64,${picture.toString('base64')}`,
      negative_prompt: `no ${secret}`,
      user: secret,
      labels: { secret },
    };
    const id = await make(key, sent, { 'idempotency-key': 'purge' });
    const [shown] = (await get(`/v1/requests/${id}`, key)).body.output.media;
    const link = pathOf(shown.url);
    const output = Buffer.from(await (await fetch(`${server.url}${link}`)).arrayBuffer());
    await call('GET', `${link}?w=64`, key);
    // The same picture in another request, which keeps it.
    const twin = await make(key, { image: sent.image, prompt: 'another' });
    expect(await filesWith(server.data_dir, output)).toHaveLength(1);
    expect(await filesWith(server.data_dir, picture)).toHaveLength(1);
    const before = (await get(`/v1/requests/${id}`, key)).body;
    await server.restart(async (db) => {
      expect(await tablesWith(db, secret)).not.toEqual([]);
    });

    const purged = await call('DELETE', `/v1/requests/${id}/payloads`, key);
    expect(purged.body).toEqual({ id, object: 'request.payloads', deleted: true, pictures: 2 });
    expect((await get(link, key)).status).toBe(404);
    expect(await filesWith(server.data_dir, output)).toEqual([]);
    expect(await filesWith(server.data_dir, picture)).toHaveLength(1);
    const after = (await get(`/v1/requests/${id}`, key)).body;
    expect(after).toMatchObject({
      request: null,
      inputs: [],
      applied: [],
      labels: {},
      user: null,
      payloads: 'deleted',
    });
    for (const name of ['cost_micros', 'pictures', 'price', 'attempts', 'model', 'executed_model', 'created_at']) {
      expect(after[name]).toEqual(before[name]);
    }
    // Harmless to repeat.
    expect((await call('DELETE', `/v1/requests/${id}/payloads`, key)).body.pictures).toBe(0);
    await call('DELETE', `/v1/requests/${twin}/payloads`, key);
    expect(await filesWith(server.data_dir, picture)).toEqual([]);
    expect(server.log()).not.toContain(secret);
    await server.restart(async (db) => {
      expect(await tablesWith(db, secret)).toEqual([]);
    });
    expect((await get('/v1/usage', key)).body.total.cost_micros).toBe(60_000);
  });

  test('the words of an error go, its code stays', async () => {
    const { key } = await customer();
    const id = await make(key, { simulate: 'content_policy' });
    await call('DELETE', `/v1/requests/${id}/payloads`, key);
    const { error } = (await get(`/v1/requests/${id}`, key)).body;
    expect(error.code).toBe('content_policy_violation');
    expect(error.message).toContain('deleted');
  });
});

describe('retention', () => {
  test("is the server's, or the account's own; a shorter one also holds for what is there", async () => {
    const { id: account_id, key } = await customer();
    const setDays = (retention_days: number | null) =>
      call('POST', '/v1/retention', testKeys.admin, { retention_days, account_id });
    expect((await get('/v1/retention', key)).body).toEqual({
      object: 'retention',
      retention_days: 7,
      source: 'server',
    });
    expect((await call('POST', '/v1/retention', key, { retention_days: 1 })).status).toBe(403);
    expect((await setDays(36_501)).status).toBe(400);
    const lifetime = async (id: string): Promise<number | null> => {
      const { created_at, expires_at, output } = (await get(`/v1/requests/${id}`, key)).body;
      expect(output.media[0].expires_at).toBe(expires_at);
      return expires_at && expires_at - created_at;
    };
    const week = await make(key);
    expect(await lifetime(week)).toBe((7 * DAY_MS) / 1000);
    const set = await setDays(1);
    expect(set.body).toEqual({ object: 'retention', retention_days: 1, source: 'account' });
    expect(await lifetime(week)).toBe(DAY_MS / 1000);
    expect(await lifetime(await make(key))).toBe(DAY_MS / 1000);
    await setDays(36_500);
    expect(await lifetime(await make(key))).toBeNull();
    // A longer one brings nothing back.
    expect(await lifetime(week)).toBe(DAY_MS / 1000);
    await setDays(null);
    expect(await lifetime(await make(key))).toBe((7 * DAY_MS) / 1000);
  });
});

test('with a retention of 0, prompts and pictures are gone within the hour, and what was charged stays', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  const brief = await startTestApp({ GESSO_TEST_CREDIT_USD: '0', GESSO_RETENTION_DAYS: '0' }, { engine });
  const ask = async (path: string, init: RequestInit = {}) =>
    fetch(`${brief.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json', 'idempotency-key': 'k' },
    });
  try {
    const sent = { ...body, prompt: 'a pelican-in-the-fog' };
    const made = await ask('/v1/images/generations', { method: 'POST', body: JSON.stringify(sent) });
    // The shape is the document's.
    const { data, metadata } = (await made.json()) as { data: [{ url: string }]; metadata: { request_id: string } };
    const output = Buffer.from(await (await ask(pathOf(data[0].url))).arrayBuffer());
    await vi.advanceTimersByTimeAsync(40 * MINUTE_MS);
    expect((await ask(pathOf(data[0].url))).status).toBe(200);
    expect(await filesWith(brief.data_dir, output)).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(19 * MINUTE_MS);
    await vi.waitFor(async () => expect(await filesWith(brief.data_dir, output)).toEqual([]), PATIENCE);
    expect((await ask(pathOf(data[0].url))).status).toBe(404);
    // The words go after the pictures, in the same sweep.
    await vi.waitFor(async () => {
      const kept = await (await ask(`/v1/requests/${metadata.request_id}`)).json();
      expect(kept).toMatchObject({ request: null, payloads: 'deleted', cost_micros: 30_000, pictures: 1 });
    });
    await brief.restart(async (db) => {
      expect(await tablesWith(db, 'pelican-in-the-fog')).toEqual([]);
      expect(await tablesWith(db, metadata.request_id)).toContain('generations');
    });
  } finally {
    await brief.close();
  }
});

const pathOf = (url: string): string => {
  const { pathname, search } = new URL(url);
  return pathname + search;
};

/** Files of the media store and its caches that hold these bytes. */
async function filesWith(data_dir: string, bytes: Buffer): Promise<string[]> {
  const found: string[] = [];
  for (const part of ['media', 'cache']) {
    const entries = await readdir(join(data_dir, part), { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && (await readFile(path)).includes(bytes)) found.push(path);
    }
  }
  return found;
}

/** Tables in any row of which this text stands. */
async function tablesWith(db: Db, needle: string): Promise<string[]> {
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'
  `.execute(db);
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } =
      await sql`select 1 from ${sql.table(name)} as line where line::text like ${`%${needle}%`} limit 1`.execute(db);
    if (rows.length > 0) found.push(name);
  }
  return found;
}
