/** Batches through the published OpenAI client, from the file of requests to the files of results. */
import OpenAI, { toFile } from 'openai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LineRecord } from '../batches/batch-world.ts';
import { makeFile, makePixels } from '../media/make-pictures.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';
import { type ZeroCostEngine, zeroCostEngine } from '../support/zero-cost-engine.ts';

let server: TestApp;
let engine: ZeroCostEngine;
let client: OpenAI;
beforeAll(async () => {
  engine = zeroCostEngine();
  server = await startTestApp({}, { engine });
  client = new OpenAI({ apiKey: testKeys.test, baseURL: `${server.url}/v1`, maxRetries: 0 });
});
afterAll(() => server.close());

type Endpoint = '/v1/images/generations' | '/v1/images/edits';

const sketch = { model: 'gesso/sketch', prompt: 'a red boat', size: '64x64' };

function line(custom_id: unknown, body: unknown, change: object = {}): string {
  return JSON.stringify({ custom_id, method: 'POST', url: '/v1/images/generations', body, ...change });
}

async function create(
  text: string,
  {
    endpoint = '/v1/images/generations',
    by = client,
    ...rest
  }: Partial<OpenAI.BatchCreateParams> & { endpoint?: Endpoint; by?: OpenAI } = {},
) {
  const file = await by.files.create({ file: await toFile(Buffer.from(text), 'lines.jsonl'), purpose: 'batch' });
  return by.batches.create({ input_file_id: file.id, endpoint, completion_window: '24h', ...rest });
}

const FINAL = ['completed', 'failed', 'expired', 'cancelled'];

async function untilEnded(id: string, by = client): Promise<OpenAI.Batch> {
  for (;;) {
    const batch = await by.batches.retrieve(id);
    if (FINAL.includes(batch.status)) return batch;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a file with faults', () => {
  test('fails as a whole, with every fault by its line, and nothing is made', async () => {
    const drawn = engine.drawn();
    const text = [
      line('fine', sketch),
      'no json',
      line('fine', sketch),
      '',
      line('wrong', { ...sketch, n: 11, size: 'huge' }),
      line('other', { ...sketch, model: 'nonsense' }),
      line('streams', { ...sketch, stream: true }),
      line('elsewhere', sketch, { url: '/v1/images/edits', method: 'GET' }),
      line('', 'text'),
      JSON.stringify([1]),
      line('edit', { ...sketch, images: [{ image_url: 'data:image/png;base64,AAAA' }] }),
    ].join('\r\n');
    const created = await create(text, { metadata: { project: 'faults' } });
    expect(created).toMatchObject({
      object: 'batch',
      status: 'validating',
      endpoint: '/v1/images/generations',
      completion_window: '24h',
      errors: null,
      metadata: { project: 'faults' },
      request_counts: { total: 0, completed: 0, failed: 0 },
    });
    expect(created.expires_at).toBe(created.created_at + 86_400);
    const batch = await untilEnded(created.id);
    expect(batch).toMatchObject({ status: 'failed', failed_at: expect.any(Number), output_file_id: null });
    expect(batch.request_counts).toEqual({ total: 10, completed: 0, failed: 0 });
    const faults = (batch.errors?.data ?? []).map(({ line: at, code, param }) => [at, code, param]);
    expect(faults).toEqual([
      [2, 'invalid_json_line', null],
      [3, 'duplicate_custom_id', 'custom_id'],
      [5, 'invalid_value', 'body.n'],
      [5, 'invalid_value', 'body.size'],
      [6, 'model_not_found', 'body.model'],
      [7, 'invalid_value', 'body.stream'],
      [8, 'invalid_value', 'method'],
      [8, 'url_mismatch', 'url'],
      [9, 'invalid_value', 'custom_id'],
      [9, 'invalid_value', 'body'],
      [10, 'invalid_json_line', null],
      [11, 'invalid_image', expect.stringMatching(/^body\.images\[0\]/)],
    ]);
    expect(engine.drawn()).toBe(drawn);
    await expect(client.batches.cancel(batch.id)).rejects.toMatchObject({ status: 400, param: 'batch_id' });
  });

  const whole: ReadonlyArray<readonly [string, string, string]> = [
    ['empty', '', 'empty_file'],
    ['blank', ' \r\n\n', 'empty_file'],
  ];
  test.each(whole)('%s', async (_name, text, code) => {
    const batch = await untilEnded((await create(text)).id);
    expect(batch.errors?.data).toMatchObject([{ code, line: null, param: 'input_file_id' }]);
  });

  test('a file that is not there, or is not for batches, is refused at once', async () => {
    const picture = await client.files.create({
      file: await toFile(await makeFile('png', makePixels(8, 8)), 'a.png'),
      purpose: 'vision',
    });
    const endpoint = '/v1/images/generations';
    const of = (input_file_id: string) => client.batches.create({ input_file_id, endpoint, completion_window: '24h' });
    await expect(of('file-nothing')).rejects.toMatchObject({ status: 404, param: 'input_file_id' });
    await expect(of(picture.id)).rejects.toMatchObject({ status: 400, param: 'input_file_id' });
    const chat = client.batches.create({
      input_file_id: picture.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    await expect(chat).rejects.toMatchObject({ status: 400, param: 'endpoint' });
    await expect(client.batches.retrieve('batch_nothing')).rejects.toMatchObject({ status: 404 });
    await expect(client.batches.cancel('batch_nothing')).rejects.toMatchObject({ status: 404 });
  });
});

describe('Idempotency-Key', () => {
  test('the same key and body are one batch; another body is refused', async () => {
    const file = await client.files.create({ file: await toFile(Buffer.from('{'), 'lines.jsonl'), purpose: 'batch' });
    const body = { input_file_id: file.id, endpoint: '/v1/images/generations', completion_window: '24h' } as const;
    const headers = { 'Idempotency-Key': 'once' };
    const twenty = await Promise.all(
      Array.from({ length: 20 }, () =>
        client.batches.create({ ...body, metadata: { a: '1', b: '2' } }, { headers }).withResponse(),
      ),
    );
    expect(new Set(twenty.map(({ data }) => data.id)).size).toBe(1);
    expect(twenty.filter(({ response }) => response.headers.get('idempotent-replayed') === 'true')).toHaveLength(19);
    await client.files.delete(file.id);
    const again = await client.batches.create({ ...body, metadata: { b: '2', a: '1' } }, { headers });
    expect(again.id).toBe(twenty[0]?.data.id);
    const other = client.batches.create({ ...body, metadata: { a: '2' } }, { headers });
    await expect(other).rejects.toMatchObject({ status: 422, code: 'idempotency_conflict' });
    const live = new OpenAI({ apiKey: testKeys.live, baseURL: `${server.url}/v1`, maxRetries: 0 });
    await expect(live.batches.create(body, { headers })).rejects.toMatchObject({ status: 404 });
  });
});

describe('a file without faults', () => {
  const contentOf = async (file_id: string | undefined | null): Promise<LineRecord[]> =>
    file_id == null
      ? []
      : (await (await client.files.content(file_id)).text())
          .split('\n')
          .filter((text) => text !== '')
          .map((text) => JSON.parse(text) as LineRecord);

  test('is made line by line, each answered as by its endpoint', async () => {
    const text = `\uFEFF${[
      line('url', sketch),
      line('b64', { ...sketch, n: 2, response_format: 'b64_json', labels: { team: 'blue' } }),
      line('refused', { ...sketch, simulate: 'content_policy' }),
    ].join('\r\n')}\r\n\r\n`;
    const batch = await untilEnded((await create(text)).id);
    expect(batch).toMatchObject({
      status: 'completed',
      model: 'gesso/sketch',
      request_counts: { total: 3, completed: 2, failed: 1 },
      in_progress_at: expect.any(Number),
      finalizing_at: expect.any(Number),
      completed_at: expect.any(Number),
      cost_micros: 0,
    });
    const [url, b64] = await contentOf(batch.output_file_id);
    expect(url).toMatchObject({ custom_id: 'url', error: null, response: { status_code: 200 } });
    const hosted = await fetch(url?.response?.body.data?.[0]?.url ?? '');
    expect(hosted.headers.get('content-type')).toBe('image/png');
    expect(b64?.response?.body).toMatchObject({ metadata: { labels: { team: 'blue' }, mode: 'test', warnings: [] } });
    const pictures = b64?.response?.body.data ?? [];
    expect(pictures.map((each) => Object.keys(each).includes('url'))).toEqual([false, false]);
    const { width, height } = await sharp(Buffer.from(pictures[1]?.b64_json ?? '', 'base64')).metadata();
    expect([width, height]).toEqual([64, 64]);
    expect(await contentOf(batch.error_file_id)).toMatchObject([
      {
        custom_id: 'refused',
        error: null,
        response: {
          status_code: 400,
          body: { error: { code: 'content_policy_violation', type: 'invalid_request_error', param: null } },
        },
      },
    ]);
    const files = await client.files.list({ purpose: 'batch_output' });
    expect(files.data.map(({ id }) => id)).toEqual(expect.arrayContaining([batch.output_file_id, batch.error_file_id]));
    const generation = await fetch(`${server.url}/v1/generations/${url?.response?.request_id}`, {
      headers: { authorization: `Bearer ${testKeys.test}` },
    });
    expect(await generation.json()).toMatchObject({ object: 'generation', status: 'completed' });
  });

  test('edits take pictures by data URL and by file_id, and keep them', async () => {
    const bytes = await makeFile(
      'png',
      makePixels(512, 512, (x, y) => (x * x * y + y * 31) % 251),
    );
    const file = await client.files.create({ file: await toFile(bytes, 'a.png'), purpose: 'vision' });
    const data = `data:image/png;base64,${bytes.toString('base64')}`;
    // Long enough to leave the line as a stream.
    expect(data.length).toBeGreaterThan(100_000);
    const edit = (custom_id: string, images: object) =>
      line(custom_id, { ...sketch, prompt: 'make it night', ...images }, { url: '/v1/images/edits' });
    const text = [
      edit('file', { images: [{ file_id: file.id }] }),
      edit('data', { images: [{ image_url: data }] }),
      edit('both', { image: [data, { file_id: file.id }], mask: { file_id: file.id } }),
    ].join('\n');
    const created = await create(text, { endpoint: '/v1/images/edits' });
    const batch = await untilEnded(created.id);
    expect(batch.errors).toBeNull();
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 3, completed: 3, failed: 0 } });
    await client.files.delete(file.id);
    expect(await contentOf(batch.output_file_id)).toHaveLength(3);
  });

  test('prices hold and charge line by line; sets come as a group', async () => {
    const paid = { model: 'fal/seedream-4', prompt: 'four seasons', size: '1K' };
    const text = [line('one', paid), line('set', { ...paid, max_images: 3 })].join('\n');
    const batch = await untilEnded((await create(text, {})).id);
    const lines = await contentOf(batch.output_file_id);
    const set = lines.find(({ custom_id }) => custom_id === 'set');
    const pictures = set?.response?.body.data?.length ?? 0;
    expect(batch).toMatchObject({ held_micros: 4 * 30_000, cost_micros: (1 + pictures) * 30_000 });
    expect(pictures).toBeGreaterThan(1);
  });

  test('cancelled while it runs: partial results, and nothing is held', async () => {
    const drawn = engine.drawn();
    const release = engine.hold();
    const text = Array.from({ length: 120 }, (_, index) => line(`line-${index}`, sketch)).join('\n');
    const created = await create(text);
    await until(async () => engine.drawn() > drawn);
    expect(await client.batches.cancel(created.id)).toMatchObject({ status: 'cancelling' });
    await until(async () => (await client.batches.retrieve(created.id)).request_counts?.failed !== 0);
    release();
    const batch = await untilEnded(created.id);
    const { total, completed, failed } = batch.request_counts ?? { total: 0, completed: 0, failed: 0 };
    expect(batch.status).toBe('cancelled');
    expect([total, completed + failed]).toEqual([120, 120]);
    expect(failed).toBeGreaterThan(0);
    const undone = await contentOf(batch.error_file_id);
    expect(undone).toHaveLength(failed);
    expect(undone[0]).toMatchObject({ response: null, error: { code: 'canceled' } });
    expect(await contentOf(batch.output_file_id)).toHaveLength(completed);
  });

  test('hundreds of lines of two batches, while somebody waits', async () => {
    const text = Array.from({ length: 80 }, (_, index) => line(`line-${index}`, sketch)).join('\n');
    const created = await Promise.all([create(text), create(text)]);
    const answer = await client.images.generate(sketch as OpenAI.ImageGenerateParamsNonStreaming);
    expect(answer.data).toHaveLength(1);
    for (const { id } of created) {
      const batch = await untilEnded(id);
      expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 80, completed: 80, failed: 0 } });
      const names = (await contentOf(batch.output_file_id)).map(({ custom_id }) => custom_id);
      expect(new Set(names).size).toBe(80);
    }
    const newest: string[] = [];
    for await (const { id } of client.batches.list({ limit: 1 })) newest.push(id);
    expect(newest.slice(0, 2).sort()).toEqual(created.map(({ id }) => id).sort());
  });

  test('a restart in the middle loses nothing', async () => {
    const release = engine.hold();
    const text = Array.from({ length: 40 }, (_, index) => line(`line-${index}`, sketch)).join('\n');
    const { id } = await create(text);
    await until(async () => (await client.batches.retrieve(id)).status === 'in_progress');
    setTimeout(release, 100);
    await server.restart();
    client = new OpenAI({ apiKey: testKeys.test, baseURL: `${server.url}/v1`, maxRetries: 0 });
    const batch = await untilEnded(id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 40, completed: 40, failed: 0 } });
    expect(await contentOf(batch.output_file_id)).toHaveLength(40);
  });
});

test('after all of it the books agree, and nothing is held', async () => {
  const ask = async (path: string, key: string): Promise<object> => {
    const answer = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
    return (await answer.json()) as object;
  };
  expect(await ask('/v1/admin/ledger/verify', testKeys.admin)).toMatchObject({ faults: [] });
  expect(await ask('/v1/balance', testKeys.test)).toMatchObject({ held_micros: 0 });
});

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20));
}
