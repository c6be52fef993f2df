/** Batches through the published OpenAI client, from the file of requests to the files of results. */
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
