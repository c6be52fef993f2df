/** Files through the published OpenAI client and, where it has no way, through plain HTTP. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFile, makePixels } from '../media/make-pictures.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

let server: TestApp;
let client: OpenAI;
beforeAll(async () => {
  server = await startTestApp({ GESSO_FILE_BYTES_MAX: '2000000', GESSO_BATCH_FILE_BYTES_MAX: '1000000' });
  client = new OpenAI({ apiKey: testKeys.test, baseURL: `${server.url}/v1`, maxRetries: 0 });
});
afterAll(() => server.close());

const upload = (content: string, name = 'requests.jsonl') =>
  toFile(Buffer.from(content), name).then((file) => client.files.create({ file, purpose: 'batch' }));

function blobPath(content: string): string {
  const sha256 = createHash('sha256').update(content).digest('hex');
  return join(server.data_dir, 'media', 'blobs', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
}

describe('through the OpenAI client', () => {
  test('upload, get, download, delete', async () => {
    const content = '{"custom_id":"ä"}\n';
    const file = await upload(content, 'grüße (1).jsonl');
    expect(file).toMatchObject({
      object: 'file',
      bytes: Buffer.byteLength(content),
      filename: 'grüße (1).jsonl',
      purpose: 'batch',
      status: 'processed',
    });
    expect(file.id).toMatch(/^file-[0-9a-z]{26}$/);
    expect(file.expires_at).toBe(file.created_at + 30 * 86_400);
    expect(await client.files.retrieve(file.id)).toEqual(file);
    const downloaded = await client.files.content(file.id);
    expect(downloaded.headers.get('content-type')).toBe('application/jsonl');
    expect(downloaded.headers.get('content-disposition')).toBe(
      "attachment; filename*=UTF-8''gr%C3%BC%C3%9Fe%20%281%29.jsonl",
    );
    expect(await downloaded.text()).toBe(content);
    expect(await client.files.waitForProcessing(file.id)).toEqual(file);
    expect(existsSync(blobPath(content))).toBe(true);
    expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true });
    expect(existsSync(blobPath(content))).toBe(false);
    await expect(client.files.retrieve(file.id)).rejects.toMatchObject({ status: 404, code: 'not_found' });
    await expect(client.files.delete(file.id)).rejects.toMatchObject({ status: 404 });
  });

  test('bytes that another file has stay', async () => {
    const [one, other] = [await upload('shared'), await upload('shared')];
    await client.files.delete(one.id);
    expect(await (await client.files.content(other.id)).text()).toBe('shared');
    await client.files.delete(other.id);
    expect(existsSync(blobPath('shared'))).toBe(false);
  });

  test('pages in both orders, by purpose', async () => {
    const ids: string[] = [];
    for (const content of ['1', '2', '3', '4', '5']) ids.push((await upload(content)).id);
    const newest: string[] = [];
    for await (const file of client.files.list({ limit: 2, purpose: 'batch' })) newest.push(file.id);
    expect(newest).toEqual(ids.toReversed());
    const page = await client.files.list({ limit: 3, order: 'asc' });
    expect(page.data.map(({ id }) => id)).toEqual(ids.slice(0, 3));
    expect(page.has_more).toBe(true);
    expect((await client.files.list({ purpose: 'vision' })).data).toEqual([]);
    await expect(client.files.list({ limit: 10_001 })).rejects.toMatchObject({ status: 400, param: 'limit' });
    for (const id of ids) await client.files.delete(id);
  });

  test('expires_after is taken from a form', async () => {
    const file = await client.files.create({
      file: await toFile(Buffer.from('x'), 'x.txt'),
      purpose: 'user_data',
      expires_after: { anchor: 'created_at', seconds: 3600 },
    });
    expect(file.expires_at).toBe(file.created_at + 3600);
    const kept = await client.files.create({ file: await toFile(Buffer.from('x'), 'x.txt'), purpose: 'user_data' });
    expect(kept.expires_at).toBeUndefined();
    const wrong = client.files.create({
      file: await toFile(Buffer.from('x'), 'x.txt'),
      purpose: 'user_data',
      expires_after: { anchor: 'created_at', seconds: 60 },
    });
    await expect(wrong).rejects.toMatchObject({ status: 400, param: 'expires_after.seconds' });
  });

  test('what is too large, and what is no picture, is refused', async () => {
    const large = (bytes: number, purpose: 'batch' | 'user_data') =>
      toFile(Buffer.alloc(bytes, 'a'), 'large').then((file) => client.files.create({ file, purpose }));
    await expect(large(1_000_001, 'batch')).rejects.toMatchObject({ status: 413, code: 'payload_too_large' });
    expect(await large(1_000_001, 'user_data')).toMatchObject({ bytes: 1_000_001 });
    await expect(large(2_000_001, 'user_data')).rejects.toMatchObject({ status: 413 });
    const text = client.files.create({ file: await toFile(Buffer.from('no picture'), 'a.png'), purpose: 'vision' });
    await expect(text).rejects.toMatchObject({ status: 400, code: 'invalid_image' });
    const tuning = client.files.create({ file: await toFile(Buffer.from('x'), 'x'), purpose: 'fine-tune' });
    await expect(tuning).rejects.toMatchObject({ status: 400, param: 'purpose' });
  });

  test('a picture is named by its file, in edits of every spelling, and outlives it', async () => {
    const bytes = await makeFile('png', makePixels(96, 64));
    const file = await client.files.create({ file: await toFile(bytes, 'a.png'), purpose: 'vision' });
    const edit = (fields: object) =>
      fetch(`${server.url}/v1/images/edits`, {
        method: 'POST',
        headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gesso/sketch', prompt: 'make it night', ...fields }),
      });
    for (const fields of [{ images: [{ file_id: file.id }] }, { image: { file_id: file.id } }]) {
      const answer = await edit(fields);
      const body = (await answer.json()) as { data: { width: number }[] };
      expect(answer.status, JSON.stringify(body)).toBe(200);
      expect(body.data[0]?.width).toBeGreaterThan(0);
    }
    const other = await upload('not a picture');
    const wrong = await edit({ images: [{ file_id: other.id }] });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ error: { param: 'images[0].file_id', code: 'invalid_value' } });
    await client.files.delete(file.id);
    const gone = await edit({ images: [{ file_id: file.id }] });
    expect(gone.status).toBe(404);
    expect(await gone.json()).toMatchObject({ error: { param: 'images[0].file_id', code: 'not_found' } });
  });

  test('live keys do not see what test keys brought', async () => {
    const file = await upload('for tests only');
    const live = new OpenAI({ apiKey: testKeys.live, baseURL: `${server.url}/openai/v1`, maxRetries: 0 });
    await expect(live.files.retrieve(file.id)).rejects.toMatchObject({ status: 404 });
    await expect(live.files.delete(file.id)).rejects.toMatchObject({ status: 404 });
    expect((await live.files.list()).data).toEqual([]);
  });
});

describe('forms', () => {
  const post = (body: string | FormData, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/v1/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testKeys.test}`, ...headers },
      body,
    });

  test('fields may come before the file', async () => {
    const form = new FormData();
    form.set('purpose', 'user_data');
    form.set('expires_after[anchor]', 'created_at');
    form.set('expires_after[seconds]', '7200');
    form.set('file', new Blob(['hello']), 'hello.txt');
    const answer = await post(form);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ filename: 'hello.txt', bytes: 5, purpose: 'user_data' });
  });

  const wrong: ReadonlyArray<readonly [string, () => [string | FormData, Record<string, string>?], number, string]> = [
    ['no form', () => ['{}', { 'content-type': 'application/json' }], 415, 'unsupported_content_type'],
    ['no file', () => [formOf({ purpose: 'batch' })], 400, 'missing_required_parameter'],
    ['no purpose', () => [formOf({ file: new Blob(['a']) })], 400, 'invalid_value'],
    ['the file as text', () => [formOf({ file: 'text', purpose: 'batch' })], 400, 'missing_required_parameter'],
    [
      'a form that is cut',
      () => [
        '--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\nabc',
        { 'content-type': 'multipart/form-data; boundary=b' },
      ],
      400,
      'invalid_multipart',
    ],
  ];
  test.each(wrong)('%s is refused', async (_name, make, status, code) => {
    const answer = await post(...make());
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { code } });
  });

  function formOf(fields: Readonly<Record<string, string | Blob>>): FormData {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === 'string') form.set(name, value);
      else form.set(name, value, 'x');
    }
    return form;
  }
});
