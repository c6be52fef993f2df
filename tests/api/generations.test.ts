/** Asynchronous generations through plain HTTP: started, waited for, watched, listed, canceled, deleted. */
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

interface Resource {
  readonly id: string;
  readonly object: string;
  readonly status: string;
  readonly progress: number;
  readonly output: {
    readonly media: readonly { readonly url: string; readonly width: number; readonly height: number }[];
  };
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly type: string;
    readonly doc_url: string;
  } | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly completed_at: number | null;
  readonly metadata: { readonly held_micros: number; readonly cost_micros: number };
  readonly usage: { readonly images: number; readonly cost_micros: number };
}

let server: TestApp;
beforeAll(async () => {
  server = await startTestApp();
});
afterAll(() => server.close());

const input = { prompt: 'A beautiful sunset over mountains', size: '256x256' };

async function ask<T = Resource>(
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: Headers; body: T }> {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${testKeys.test}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // The shape is the document's.
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as T };
}

const start = (body: object, headers = {}) =>
  ask('POST', '/v1/generations', { model: 'seedream-4', input, ...body }, headers);

/** Of the text: how long it takes is the engine's own affair. */
const slow = { model: 'seedream-4', input, simulate_delay_ms: 60_000, wait: 0 };

describe('seed 000', () => {
  test('its sample, step by step', async () => {
    const res = await start({ input: { prompt: 'A beautiful sunset over mountains' }, wait: 'auto' });
    let job = res.body;
    while (['queued', 'running'].includes(job.status))
      job = (await ask('GET', `/v1/generations/${job.id}?wait=60`)).body;
    expect(job).toMatchObject({ object: 'generation', status: 'completed', error: null, progress: 100 });
    const picture = await fetch(job.output.media[0]?.url ?? '');
    expect((await sharp(Buffer.from(await picture.arrayBuffer())).metadata()).format).toBe('png');
  });

  test('a failure inside the wait answers with the resource, whose message can be printed', async () => {
    const { status, body } = await start({ simulate: 'content_policy' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'failed',
      output: { media: [] },
      metadata: { held_micros: 0, cost_micros: 0 },
    });
    expect(body.error).toMatchObject({ code: 'content_policy_violation', type: 'invalid_request_error' });
    expect(body.error?.message).toMatch(/refused/);
    expect(body.error?.doc_url).toMatch(/\/errors\/content_policy_violation$/);
  });

  test('a field that nobody knows is refused, wherever it stands, with all faults at once', async () => {
    const answer = await ask<{ error: { code: string; details: { param: string }[] } }>('POST', '/v1/generations', {
      model: 'seedream-4',
      input: { prompt: 'x', sise: '1K', n: 2 },
      prompt: 'x',
      wait: 61,
      stream: true,
    });
    expect(answer.status).toBe(400);
    expect(answer.body.error.code).toBe('unknown_parameter');
    const params = answer.body.error.details.map(({ param }) => param).sort();
    expect(params).toEqual(['input.n', 'input.sise', 'prompt', 'stream', 'wait']);
  });

  test('a prompt beside `input` is told where it belongs, and nothing else', async () => {
    const asked = { model: 'seedream-4', prompt: 'x', input: {} };
    const answer = await ask<{ error: { message: string } }>('POST', '/v1/generations', asked);
    expect(answer.body.error.message).toBe("Unknown parameter: 'prompt'. Send it inside `input`.");
    const text = await ask<{ error: { param: string } }>('POST', '/v1/generations', { ...asked, input: 'x' });
    expect(text.body.error.param).toBe('input');
  });
});

describe('waiting', () => {
  test('wait 0 answers at once; a long poll answers when it ends, long before its time is up', async () => {
    const { status, body, headers } = await start({ wait: 0, simulate_delay_ms: 300 });
    expect(status).toBe(202);
    expect(body.status).toMatch(/queued|running/);
    expect(body).toMatchObject({ completed_at: null, usage: { images: 0 } });
    expect(headers.get('location')).toBe(`/v1/generations/${body.id}`);
    expect(headers.get('x-request-id')).toBe(body.id);
    const began = performance.now();
    const polled = await ask('GET', `/v1/generations/${body.id}?wait=60`);
    expect(polled.body.status).toBe('completed');
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test('when the time is up first, the answer is what there is then', async () => {
    const { body } = await ask('POST', '/v1/generations', { ...slow, wait: 0.2 });
    expect(body.status).toMatch(/queued|running/);
    const polled = await ask('GET', `/v1/generations/${body.id}?wait=0.1`);
    expect(polled.body.status).toBe('running');
    await ask('POST', `/v1/generations/${body.id}/cancel`);
  });

  test('a client that goes away changes nothing', async () => {
    const gone = new AbortController();
    const labels = { who: 'gone' };
    const asked = fetch(`${server.url}/v1/generations`, {
      method: 'POST',
      signal: gone.signal,
      headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'seedream-4', input, labels, simulate_delay_ms: 400 }),
    });
    for (;;) {
      const { body } = await ask<{ data: Resource[] }>('GET', '/v1/generations?limit=5');
      const mine = body.data.find((one) => one.labels.who === 'gone');
      if (mine === undefined) continue;
      gone.abort();
      await expect(asked).rejects.toThrow();
      expect((await ask('GET', `/v1/generations/${mine.id}?wait=30`)).body.status).toBe('completed');
      return;
    }
  });

  test('every change is an event', async () => {
    const { body } = await start({ wait: 0, n: 3, simulate_delay_ms: 200 });
    const answer = await fetch(`${server.url}/v1/generations/${body.id}`, {
      headers: { authorization: `Bearer ${testKeys.test}`, accept: 'text/event-stream' },
    });
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const text = await answer.text();
    const events = [...text.matchAll(/^event: (.+)\ndata: (.+)$/gm)];
    expect(events.at(-1)?.[1]).toBe('generation.completed');
    expect(JSON.parse(events.at(-1)?.[2] ?? '')).toMatchObject({ id: body.id, status: 'completed', progress: 100 });
  });

  test.each(['61', '-1', 'soon'])('wait=%s is refused', async (wait) => {
    expect((await ask('GET', `/v1/generations/gen_x?wait=${wait}`)).status).toBe(400);
  });
});

describe('cancel and delete', () => {
  test('what runs is stopped, charges nothing, and tells why; a second time changes nothing', async () => {
    const { body } = await ask('POST', '/v1/generations', slow);
    while ((await ask('GET', `/v1/generations/${body.id}`)).body.status === 'queued') await delay(5);
    await ask('POST', `/v1/generations/${body.id}/cancel`);
    const ended = await ask('GET', `/v1/generations/${body.id}?wait=30`);
    expect(ended.body).toMatchObject({
      status: 'canceled',
      error: { code: 'canceled', message: 'It was canceled.' },
      metadata: { held_micros: 0, cost_micros: 0 },
    });
    expect((await ask('POST', `/v1/generations/${body.id}/cancel`)).body).toEqual(ended.body);
  });

  test('a stranger finds nothing to cancel', async () => {
    const { body } = await ask('POST', '/v1/generations', slow);
    const key = { authorization: `Bearer ${testKeys.live}` };
    expect((await ask('POST', `/v1/generations/${body.id}/cancel`, undefined, key)).status).toBe(404);
    await ask('POST', `/v1/generations/${body.id}/cancel`);
  });

  test('a key that can only read stops nothing', async () => {
    const admin = { authorization: `Bearer ${testKeys.admin}` };
    const made = await ask<{ key: string }>('POST', '/v1/keys', { mode: 'test', scopes: ['read'] }, admin);
    const reader = { authorization: `Bearer ${made.body.key}` };
    const { body } = await ask('POST', '/v1/generations', slow);
    expect((await ask('GET', `/v1/generations/${body.id}`, undefined, reader)).status).toBe(200);
    const refused = await ask('POST', `/v1/generations/${body.id}/cancel`, undefined, reader);
    expect([refused.status, refused.body.error?.code]).toEqual([403, 'scope_exceeded']);
    expect((await ask('POST', `/v1/generations/${body.id}/cancel`)).status).toBe(200);
  });

  test('what has ended can be deleted: resource, prompt and pictures are gone, the history stays', async () => {
    const { body } = await start({});
    const [picture] = body.output.media;
    expect((await ask('DELETE', `/v1/generations/${body.id}`)).body).toMatchObject({ id: body.id, deleted: true });
    expect((await ask('GET', `/v1/generations/${body.id}`)).status).toBe(404);
    expect((await fetch(picture?.url ?? '')).status).toBe(404);
    const { body: list } = await ask<{ data: Resource[] }>('GET', '/v1/generations?limit=100');
    expect(list.data.map(({ id }) => id)).not.toContain(body.id);
    expect(await ask('GET', `/v1/requests/${body.id}`)).toMatchObject({ status: 200, body: { request: null } });
  });

  test('what runs cannot be deleted', async () => {
    const { body } = await ask('POST', '/v1/generations', slow);
    expect((await ask('DELETE', `/v1/generations/${body.id}`)).status).toBe(409);
    await ask('POST', `/v1/generations/${body.id}/cancel`);
  });
});

test('pages of the list follow each other without gap or repeat', async () => {
  const made: string[] = [];
  for (let index = 0; index < 5; index += 1) made.push((await start({ labels: { page: 'yes' } })).body.id);
  const seen: string[] = [];
  for (let after = ''; ; ) {
    const page = await ask<{ data: Resource[]; has_more: boolean; last_id: string }>(
      'GET',
      `/v1/generations?limit=2&status=completed${after}`,
    );
    seen.push(...page.body.data.filter(({ labels }) => labels.page === 'yes').map(({ id }) => id));
    if (!page.body.has_more) break;
    after = `&after=${page.body.last_id}`;
  }
  expect(seen).toEqual(made.toReversed());
});

test('the same idempotency key is the same generation, another body a conflict', async () => {
  const key = { 'idempotency-key': 'async-1' };
  const [first, second] = await Promise.all([start({ wait: 0 }, key), start({ wait: 30 }, key)]);
  expect(second.body.id).toBe(first.body.id);
  expect([first, second].filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(1);
  expect((await start({ n: 2 }, key)).status).toBe(422);
});

test('a body of endless fields beside `input` is too large, and is not answered field by field', async () => {
  const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`f${index}`, 1]));
  expect((await start(many)).status).toBe(413);
  const long = await ask<{ error: { param: string } }>('POST', '/v1/generations', {
    model: 'seedream-4',
    input,
    user: 'x'.repeat(3_000_000),
  });
  expect([long.status, long.body.error.param]).toEqual([400, 'user']);
});

test('references and a mask make it an edit', async () => {
  const png = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#3060c0' } })
    .png()
    .toBuffer();
  const image = `data:image/png;base64,${png.toString('base64')}`;
  const { body } = await ask('POST', '/v1/generations', {
    model: 'seedream-4',
    input: { prompt: 'make it night', images: [image, { image_url: image }], aspect_ratio: '3:2', resolution: '1K' },
  });
  expect(body).toMatchObject({ status: 'completed', usage: { images: 1 } });
  const missing = await ask<{ error: { param: string } }>('POST', '/v1/generations', {
    model: 'seedream-4',
    input: { prompt: 'x', images: ['data:image/png;base64,AAAA'] },
  });
  expect(missing.status).toBe(400);
  expect(missing.body.error.param).toMatch(/^input\.images/);
});

test('a dry run decides everything and does nothing', async () => {
  const { body } = await ask<{ object: string }>('POST', '/v1/generations?dryRun=true', { model: 'seedream-4', input });
  expect(body.object).toBe('dry_run');
});

test('the work survives the end of the server, and is begun by the next one', async () => {
  const labels = { test: 'restart' };
  const queued = await ask('POST', '/v1/generations', { ...slow, labels, simulate_delay_ms: 1_500 });
  while ((await ask('GET', `/v1/generations/${queued.body.id}`)).body.status === 'queued') await delay(5);
  await server.restart();
  const ended = await ask('GET', `/v1/generations/${queued.body.id}?wait=30`);
  expect(ended.body).toMatchObject({ status: 'completed', labels, usage: { images: 1 } });
});

test('what a provider delivered and we could not write down is not for SDKs to ask for again', async () => {
  const refuse = sql`create function refuse_end() returns trigger language plpgsql as $$ begin
    raise exception 'no room on the disk';
  end $$`;
  const whenCompleted = sql`create trigger refuse_end before update on generations for each row
    when (new.status = 'completed') execute function refuse_end()`;
  await server.restart(async (db) => {
    await refuse.execute(db);
    await whenCompleted.execute(db);
  });
  const body = { model: 'seedream-4', prompt: 'a lighthouse', size: '256x256' };
  const failed = await ask<{ error: { code: string } }>('POST', '/v1/images/generations', body);
  expect([failed.status, failed.body.error.code]).toEqual([500, 'internal_error']);
  expect(failed.headers.get('x-should-retry')).toBe('false');
  const id = failed.headers.get('x-request-id');
  expect((await ask('GET', `/v1/generations/${id}`)).body).toMatchObject({
    status: 'failed',
    usage: { cost_micros: 0 },
  });
  await server.restart((db) => sql`drop function refuse_end cascade`.execute(db).then(() => undefined));
});
