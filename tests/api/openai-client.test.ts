/** The published OpenAI client, as people use it, against the whole server. */
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asSharp, makeFile, makePixels } from '../media/make-pictures.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

let server: TestApp;
let client: OpenAI;
let picture: Buffer;
let mask: Buffer;
beforeAll(async () => {
  server = await startTestApp();
  client = new OpenAI({ apiKey: testKeys.test, baseURL: `${server.url}/v1`, maxRetries: 0 });
  picture = await makeFile('png', makePixels(256, 256));
  mask = await makeFile(
    'png',
    makePixels(256, 256, (x) => (x < 128 ? 0 : 255)),
  );
});
afterAll(() => server.close());

const sketch = { model: 'gesso/sketch', prompt: 'a lighthouse at dusk', size: '256x256' } as const;

async function formatOf(bytes: Buffer | ArrayBuffer): Promise<string> {
  const { width, height, format } = await sharp(Buffer.from(bytes as ArrayBuffer)).metadata();
  return `${width}x${height} ${format}`;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function base64Of(response: OpenAI.ImagesResponse, index = 0): Buffer {
  return Buffer.from(response.data?.[index]?.b64_json ?? '', 'base64');
}

describe('generate', () => {
  test('answers with a link on the same origin, and with what it did', async () => {
    const { data: response, request_id } = await client.images.generate({ ...sketch, user: 'u-1' }).withResponse();
    const [item] = response.data ?? [];
    expect(Object.keys(item ?? {}).sort()).toEqual(['content_type', 'expires_at', 'height', 'url', 'width']);
    expect(new URL(item?.url ?? '').origin).toBe(server.url);
    expect(response).toMatchObject({
      created: expect.any(Number),
      metadata: {
        request_id,
        mode: 'test',
        model: 'gesso/sketch',
        executed_model: 'gesso/sketch',
        provider: 'gesso',
        currency: 'USD',
        cost: 0,
        cost_micros: 0,
        attempts: [{ provider: 'gesso', outcome: 'success' }],
        warnings: [],
      },
    });
    expect(request_id).toMatch(/^gen_/);
  });

  test('base64 is the bytes of the hosted picture', async () => {
    const both = await client.images.generate({ ...sketch, n: 3, response_format: 'both' as 'url' });
    expect(both.data).toHaveLength(3);
    for (const [index, item] of (both.data ?? []).entries()) {
      const hosted = Buffer.from(await (await fetch(item.url ?? '')).arrayBuffer());
      expect(base64Of(both, index).equals(hosted)).toBe(true);
    }
  });

  test('response_format b64_json has no url, and a Content-Length', async () => {
    const answer = await client.images.generate({ ...sketch, response_format: 'b64_json' }).asResponse();
    const text = await answer.text();
    expect(Number(answer.headers.get('content-length'))).toBe(Buffer.byteLength(text));
    const response: OpenAI.ImagesResponse = JSON.parse(text);
    expect(Object.keys(response.data?.[0] ?? {})).not.toContain('url');
    expect(await formatOf(base64Of(response))).toBe('256x256 png');
  });

  test('nulls are absent, extra fields are no fault, strangers’ base URL works', async () => {
    const openai = new OpenAI({ apiKey: testKeys.test, baseURL: `${server.url}/openai/v1/`, maxRetries: 0 });
    const response = await openai.images.generate({ ...sketch, n: null, background: null, sparkle: 3 } as never);
    expect((response as OpenAI.ImagesResponse).data).toHaveLength(1);
  });

  test('GPT Image ids answer in base64, as OpenAI does', async () => {
    const response = await client.images.generate({ model: 'gpt-image-1', prompt: 'a red boat', size: '1024x1024' });
    expect(await formatOf(base64Of(response))).toBe('1024x1024 png');
    expect(response.data?.[0]?.url).toBeUndefined();
  });

  test('a client that sends api-key and api-version is known', async () => {
    const answer = await fetch(`${server.url}/openai/v1/images/generations?api-version=2025-04-01-preview`, {
      method: 'POST',
      headers: { 'api-key': testKeys.test, 'content-type': 'application/json' },
      body: JSON.stringify({ ...sketch, size: '64x64' }),
    });
    expect(answer.status).toBe(200);
  });

  test('dryRun decides and prices, and makes nothing', async () => {
    const answer = await fetch(`${server.url}/v1/images/generations?dryRun=true`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'fal/seedream-4', prompt: 'a red boat', n: 2, size: '1K' }),
    });
    expect(await answer.json()).toMatchObject({
      object: 'dry_run',
      executed_model: 'fal/seedream-4',
      cost_micros: 60_000,
      cost: 0.06,
    });
  });
});

describe('edit', () => {
  test('one picture, as each kind of file that the client takes', async () => {
    const path = join(server.data_dir, 'README.md');
    await writeFile(path, picture);
    const files = [
      createReadStream(path),
      await toFile(picture),
      await toFile(picture, 'a.png', { type: 'image/png' }),
      new File([Uint8Array.from(picture)], 'b.txt', { type: 'text/plain' }),
    ];
    for (const image of files) {
      const response = await client.images.edit({ ...sketch, image, response_format: 'b64_json' });
      expect(await formatOf(base64Of(response))).toBe('256x256 png');
    }
  });

  test('three references', async () => {
    const image = await Promise.all([1, 2, 3].map((index) => toFile(picture, `${index}.png`)));
    const response = await client.images.edit({ ...sketch, model: 'seedream-4', size: '1024x1024', image });
    expect(response).toMatchObject({ data: [{ width: 1024, height: 1024 }] });
  });

  test('a mask keeps what it covers', async () => {
    const response = await client.images.edit({
      ...sketch,
      prompt: 'make it night',
      image: await toFile(picture),
      mask: await toFile(mask),
      response_format: 'b64_json',
    });
    const column = { left: 200, top: 20, width: 8, height: 200 };
    const kept = await sharp(base64Of(response)).ensureAlpha().extract(column).raw().toBuffer();
    const original = await sharp(picture).ensureAlpha().extract(column).raw().toBuffer();
    expect(kept.equals(original)).toBe(true);
  });

  test.each([
    ['image, a data URL', (url: string) => ({ image: url })],
    ['image, bare base64', (url: string) => ({ image: url.slice(url.indexOf(',') + 1) })],
    ['image, a list', (url: string) => ({ image: [url, url] })],
    ['images of image_url', (url: string) => ({ images: [{ image_url: url }, { image_url: { url } }] })],
    ['images under extra_body', (url: string) => ({ extra_body: { images: [{ url }] } })],
    ['an object as image', (url: string) => ({ image: { url } })],
  ])('as JSON: %s', async (_name, fields) => {
    // Small enough to stay in the body, and large enough to leave it as a stream.
    const noise = makePixels(300, 300, (x, y) => (x * 7919 + y * 104729) % 251);
    const large = await asSharp(noise).png({ compressionLevel: 0 }).toBuffer();
    expect(large.length).toBeGreaterThan(100_000);
    for (const bytes of [picture, large]) {
      const answer = await fetch(`${server.url}/v1/images/edits`, {
        method: 'POST',
        headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...sketch, ...fields(`data:image/png;base64,${bytes.toString('base64')}`) }),
      });
      expect({ status: answer.status, body: await answer.json() }).toMatchObject({
        status: 200,
        body: { data: [{ width: 256, height: 256 }] },
      });
    }
  });

  test('a picture made here, by its link', async () => {
    const made = await client.images.generate(sketch);
    const edit = (image_url: string): Promise<Response> =>
      fetch(`${server.url}/v1/images/edits`, {
        method: 'POST',
        headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...sketch, images: [{ image_url }] }),
      });
    const url = made.data?.[0]?.url ?? '';
    expect((await edit(url)).status).toBe(200);
    const gone = await edit(url.replace(/img_.{4}/, 'img_0000'));
    expect(await gone.json()).toMatchObject({ error: { code: 'invalid_image_url', param: 'images[0].image_url' } });
    // Nothing else of this server can be reached through it.
    expect((await edit(`${server.url}/healthz`)).status).toBe(400);
    expect((await edit(`${server.url}/media/../healthz`)).status).toBe(400);
  });

  test('as JSON with escaped slashes, as PHP writes them', async () => {
    const url = `data:image/png;base64,${picture.toString('base64')}`;
    const answer = await fetch(`${server.url}/v1/images/edits`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...sketch, image: url }).replaceAll('/', '\\/'),
    });
    expect(answer.status).toBe(200);
  });

  test('a generation that brings a picture is an edit', async () => {
    const answer = await fetch(`${server.url}/v1/images/generations?dryRun=true`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'fal/seedream-4',
        prompt: 'make it night',
        image: `data:image/png;base64,${picture.toString('base64')}`,
      }),
    });
    expect(await answer.json()).toMatchObject({ executed_model: 'fal/seedream-4-edit' });
  });
});

describe('stream', () => {
  test('generate: partial pictures, then the whole one with the metadata', async () => {
    const stream = await client.images.generate({ ...sketch, stream: true, partial_images: 2 });
    const events = await collect(stream);
    expect(events.map(({ type }) => type)).toEqual([
      'image_generation.partial_image',
      'image_generation.partial_image',
      'image_generation.completed',
    ]);
    for (const event of events) expect(await formatOf(Buffer.from(event.b64_json, 'base64'))).toMatch(/ png$/);
    expect(events[1]).toMatchObject({ partial_image_index: 1, output_format: 'png', created_at: expect.any(Number) });
    expect(events[2]).toMatchObject({
      size: '256x256',
      usage: { total_tokens: 0, input_tokens_details: { text_tokens: 0, image_tokens: 0 } },
      metadata: { model: 'gesso/sketch', warnings: [] },
    });
  });

  test('edit: one completed event for each of n', async () => {
    const stream = await client.images.edit({ ...sketch, n: 3, stream: true, image: await toFile(picture) });
    const events = await collect(stream);
    expect(events.map(({ type }) => type)).toEqual(Array(3).fill('image_edit.completed'));
    const indices = events.map((event) => (event as unknown as { picture_index: number }).picture_index);
    expect(indices.toSorted()).toEqual([0, 1, 2]);
    expect(events.map((event) => 'metadata' in event)).toEqual([false, false, true]);
  });

  test('what is wrong with the request is a status, not an event', async () => {
    const failure = client.images.generate({ ...sketch, model: 'no-such-model', stream: true });
    await expect(failure).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  test('what fails later is an error event with the code and the generation', async () => {
    const stream = await client.images.generate({ ...sketch, stream: true, simulate: 'content_policy' } as never);
    const failure = collect(stream as unknown as AsyncIterable<unknown>);
    await expect(failure).rejects.toMatchObject({ code: 'content_policy_violation', requestID: expect.any(String) });
  });

  test('the wire has event, one line of data, and neither id nor retry', async () => {
    const answer = await fetch(`${server.url}/v1/images/generations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...sketch, stream: true, partial_images: 1 }),
    });
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
    expect(answer.headers.get('x-request-id')).toMatch(/^gen_/);
    const blocks = (await answer.text()).split('\n\n').filter((block) => block !== '');
    expect(blocks[0]).toBe(': ping');
    for (const block of blocks.slice(1))
      expect(block).toMatch(/^event: ([\w.]+)\ndata: \{"b64_json":"[^\n]*"type":"\1"[^\n]*\}$/);
    expect(blocks).toHaveLength(3);
  });

  test('a quiet stream pings', async () => {
    const slow = await startTestApp({ GESSO_STREAM_PING_MS: '20' });
    try {
      const answer = await fetch(`${slow.url}/v1/images/generations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...sketch, stream: true, simulate_delay_ms: 300 }),
      });
      const pings = (await answer.text()).split('\n\n').filter((block) => block === ': ping');
      expect(pings.length).toBeGreaterThan(3);
    } finally {
      await slow.close();
    }
  });
});

describe('models', () => {
  test('the list has the fields that SDKs read', async () => {
    const models = await collect(client.models.list());
    expect(models.map(({ id }) => id)).toEqual(expect.arrayContaining(['bytedance/seedream-4.0', 'gesso/sketch']));
    for (const model of models) {
      expect(model).toMatchObject({ object: 'model', created: expect.any(Number), owned_by: expect.any(String) });
    }
  });

  test.each(['bytedance/seedream-4.0', 'seedream-4', 'fal/seedream-4', 'gesso/sketch'])('retrieve %s', async (id) => {
    const model = await client.models.retrieve(id);
    const raw = await fetch(`${server.url}/v1/models/${id}`, { headers: { authorization: `Bearer ${testKeys.test}` } });
    expect(await raw.json()).toEqual(model);
    expect(model.id).toBe(id === 'gesso/sketch' ? id : 'bytedance/seedream-4.0');
  });

  test('?schema=true adds the compiled parameters', async () => {
    const model = await client.models.retrieve('seedream-4', { query: { schema: 'true' } });
    expect(model).toMatchObject({ parameters_schema: { type: 'object', required: ['model', 'prompt'] } });
  });

  test('an unknown one says which were meant', async () => {
    const failure = client.models.retrieve('seedrem-4');
    await expect(failure).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      message: expect.stringMatching(/seedream-4/),
    });
  });
});

describe('errors', () => {
  const failing = { ...sketch, model: 'seedream-4', size: '1024x1024' } as const;
  test('are the classes that SDK users catch', async () => {
    const stranger = new OpenAI({ apiKey: 'My API Key', baseURL: `${server.url}/v1`, maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(client.images.generate({ ...sketch, n: 11 })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(client.get('/_stainless_unknown_path')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    const admin = new OpenAI({ apiKey: testKeys.admin, baseURL: `${server.url}/v1`, maxRetries: 0 });
    await expect(admin.images.generate(sketch)).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError);
    const refused = client.images.generate({ ...failing, simulate: 'content_policy' } as never);
    await expect(refused).rejects.toMatchObject({ status: 400, code: 'content_policy_violation' });
  });

  test('a failure that must not be repeated is sent once', async () => {
    const eager = new OpenAI({ apiKey: testKeys.live, baseURL: `${server.url}/v1`, maxRetries: 2 });
    const before = requests();
    await expect(eager.images.generate(failing)).rejects.toMatchObject({ status: 503, code: 'no_provider_configured' });
    expect(requests() - before).toBe(1);

    function requests(): number {
      return server.log().split('"error":"no_provider_configured"').length;
    }
  });
});
