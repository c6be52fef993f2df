/** Everything around the image endpoints: media, pages, documents, health, metrics, CORS, logs. */
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { AppRequest } from '../../src/contracts/app.ts';
import { errorTable } from '../../src/core/errors.ts';
import {
  dryRunSchema,
  errorSchema,
  imagesResponseSchema,
  modelListSchema,
  modelSchema,
  readinessSchema,
} from '../../src/http/openapi/schemas.ts';
import { routes } from '../../src/http/routes.generated.ts';
import { makeFile } from '../media/make-pictures.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

const METRICS_KEY = 'metrics-key-for-tests';

let server: TestApp;
beforeAll(async () => {
  server = await startTestApp({ GESSO_METRICS_KEY: METRICS_KEY });
});
afterAll(() => server.close());

const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${server.url}${path}`, init);

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return get(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function makePicture(): Promise<string> {
  const answer = await post('/v1/images/generations', { model: 'gesso/sketch', prompt: 'a red boat', size: '300x200' });
  const { data } = (await answer.json()) as { data: { url: string }[] };
  return new URL(data[0]?.url ?? '').pathname;
}

describe('media', () => {
  let path = '';
  beforeAll(async () => {
    path = await makePicture();
  });

  test('is immutable, cacheable, and open to any page', async () => {
    const answer = await get(path, { headers: { authorization: 'Bearer stray' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(answer.headers.get('cache-control')).toMatch(/^public, max-age=\d+, immutable$/);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect((await answer.arrayBuffer()).byteLength).toBe(Number(answer.headers.get('content-length')));
  });

  test('HEAD has the headers of GET and no body', async () => {
    const [head, whole] = await Promise.all([get(path, { method: 'HEAD' }), get(path)]);
    expect(head.status).toBe(200);
    for (const name of ['content-length', 'content-type', 'etag']) {
      expect(head.headers.get(name)).toBe(whole.headers.get(name));
    }
    expect((await head.arrayBuffer()).byteLength).toBe(0);
    expect((await whole.arrayBuffer()).byteLength).toBeGreaterThan(100);
  });

  test('ranges and conditions', async () => {
    const whole = Buffer.from(await (await get(path)).arrayBuffer());
    const part = await get(path, { headers: { range: 'bytes=10-19' } });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 10-19/${whole.length}`);
    expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(10, 20))).toBe(true);
    const outside = await get(path, { headers: { range: `bytes=${whole.length}-` } });
    expect(outside.status).toBe(416);
    expect(await outside.text()).toBe('');
    const etag = part.headers.get('etag') ?? '';
    const unchanged = await get(path, { headers: { 'if-none-match': etag } });
    expect(unchanged.status).toBe(304);
    // Its own length would be taken for the picture's (RFC 9110, 8.6).
    expect(unchanged.headers.get('content-length')).toBeNull();
  });

  test('?w= gives a thumbnail, and says what is wrong with a width', async () => {
    const thumbnail = await get(`${path}?w=100`);
    expect(thumbnail.status).toBe(200);
    expect(thumbnail.headers.get('content-type')).toBe('image/webp');
    expect((await thumbnail.arrayBuffer()).byteLength).toBe(Number(thumbnail.headers.get('content-length')));
    expect((await get(`${path}?w=0`)).status).toBe(400);
    expect((await get(`${path}?w=1e3`)).status).toBe(400);
  });
});

describe('CORS', () => {
  test('a preflight needs no key, and every header that is asked for is allowed', async () => {
    const answer = await get('/v1/images/edits', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.test',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,x-stainless-os,x-stainless-retry-count',
      },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-headers')).toContain('x-stainless-retry-count');
    expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(Number(answer.headers.get('access-control-max-age'))).toBeGreaterThan(60);
  });

  test('answers, errors too, show their headers to the page', async () => {
    for (const path of ['/v1/models', '/nope', '/v1/models/%zz']) {
      const answer = await get(path, { headers: { origin: 'https://app.test' } });
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      await answer.body?.cancel();
    }
    const answer = await get('/v1/models', { headers: { origin: 'https://app.test' } });
    for (const name of ['x-request-id', 'retry-after', 'x-gesso-cost-micros']) {
      expect(answer.headers.get('access-control-expose-headers')).toContain(name);
    }
  });
});

describe('documents', () => {
  test('the OpenAPI document is that of this server, and whole', async () => {
    const document = (await (await get('/openapi.json')).json()) as {
      openapi: string;
      servers: { url: string }[];
      paths: Record<string, Record<string, { responses: object; operationId: string }>>;
      components: { schemas: object };
    };
    expect(document.openapi).toBe('3.1.0');
    expect(document.servers).toEqual([{ url: server.url }]);
    for (const route of routes) {
      const operation = document.paths[route.path.replace('*}', '}')]?.[route.method.toLowerCase()];
      expect(operation?.operationId).toBe(route.document.operation);
      for (const code of route.document.errors) {
        expect(Object.keys(operation?.responses ?? {})).toContain(String(errorTable[code].status));
      }
    }
    const names = Object.keys(document.components.schemas);
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      (match) => match[1],
    );
    expect(references.length).toBeGreaterThan(5);
    for (const name of references) expect(names).toContain(name);
  });

  test('answers have the shape that the document shows, and nothing beside it', async () => {
    const bearer = { headers: { authorization: `Bearer ${testKeys.test}` } };
    const body = {
      model: 'gesso/sketch',
      prompt: 'a red boat',
      size: '64x64',
      response_format: 'both',
      labels: { a: 'b' },
    };
    const shapes: ReadonlyArray<readonly [Response, z.ZodType]> = [
      [await post('/v1/images/generations', body), imagesResponseSchema],
      [await post('/v1/images/generations?dryRun=true', body), dryRunSchema],
      [await post('/v1/images/generations', { n: 0, size: 'x', prompt: '' }), errorSchema],
      [
        await post('/v1/images/generations', { ...body, model: 'seedream-4', size: '1K', simulate: 'timeout' }),
        errorSchema,
      ],
      [await get('/v1/models', bearer), modelListSchema],
      [await get('/v1/models/seedream-4?schema=true', bearer), modelSchema],
      [await get('/readyz'), readinessSchema],
    ];
    for (const [answer, schema] of shapes) {
      const sent = await answer.json();
      expect(schema.parse(sent)).toEqual(sent);
    }
  });

  test('/docs/ is served whole from here', async () => {
    expect((await get('/docs')).url).toBe(`${server.url}/docs/`);
    const page = await (await get('/docs/')).text();
    const loaded = [...page.matchAll(/(?:src|href|data-url)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(loaded.length).toBeGreaterThan(1);
    for (const path of loaded) {
      expect(path).toMatch(/^\/[^/]/);
      const answer = await get(path);
      expect(answer.status).toBe(200);
      await answer.body?.cancel();
    }
    const policy = (await get('/docs/')).headers.get('content-security-policy') ?? '';
    expect(policy.replace(server.url, '')).not.toMatch(/https?:/);
  });

  test('GET / says what this is', async () => {
    const answer = await get('/');
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(await answer.text()).toContain(`${server.url}/v1/images/generations`);
  });

  test('doc_url of an error leads to its page', async () => {
    const { error } = (await (await get('/nope')).json()) as { error: { doc_url: string } };
    const page = await fetch(error.doc_url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<h1><code>unknown_url</code></h1>');
    for (const code of Object.keys(errorTable)) expect((await get(`/errors/${code}`)).status).toBe(200);
  });
});

describe('health and metrics', () => {
  test('alive and ready', async () => {
    expect(await (await get('/healthz')).json()).toMatchObject({ status: 'ok' });
    expect(await (await get('/readyz')).json()).toEqual({ status: 'ready', checks: { database: 'ok' } });
  });

  test('metrics count requests by route and status, generations by model and outcome, and ask for their key', async () => {
    await makePicture();
    await (await get('/v1/models', { headers: { authorization: `Bearer ${testKeys.test}` } })).text();
    await (
      await post('/v1/images/generations', { model: 'seedream-4', prompt: 'x', simulate: 'content_policy' })
    ).text();
    expect((await get('/metrics')).status).toBe(401);
    const answer = await get('/metrics', { headers: { authorization: `Bearer ${METRICS_KEY}` } });
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(text).toMatch(/gesso_http_requests_total\{route="\/v1\/models",method="GET",status="200"\} [1-9]/);
    expect(text).toMatch(/gesso_generations_total\{model="gesso\/sketch",provider="gesso",outcome="success"\} [1-9]/);
    expect(text).toMatch(/gesso_generations_total\{.*outcome="content_policy_violation"\} 1/);
    expect(text).toMatch(/gesso_picture_bytes_total\{model="gesso\/sketch",provider="gesso"\} [1-9]/);
    expect(text).toMatch(/gesso_http_requests_in_flight [1-9]/);
    expect(text).toContain('process_resident_memory_bytes');
  });
});

describe('log', () => {
  test('has one line per request, with who, what, and how much', async () => {
    const answer = await post(
      '/v1/images/generations?key=sk-test-in-the-query',
      { model: 'gesso/sketch', prompt: 'a secret boat', size: '64x64' },
      { 'x-client-request-id': 'client-7' },
    );
    const id = answer.headers.get('x-request-id') ?? 'none';
    await answer.text();
    const lines = server
      .log()
      .split('\n')
      .filter((line) => line.includes(`"request_id":"${id}"`));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({
      request_id: id,
      client_request_id: 'client-7',
      method: 'POST',
      route: '/v1/images/generations',
      status: 200,
      duration_ms: expect.any(Number),
      key_id: expect.any(String),
      mode: 'test',
      model: 'gesso/sketch',
      provider: 'gesso',
      pictures: 1,
      cost_micros: 0,
    });
  });

  test('says in a sentence what was refused on purpose, as a warning without a stack', async () => {
    const answer = await post(
      '/v1/images/generations',
      { model: 'seedream-4', prompt: 'a boat' },
      { authorization: `Bearer ${testKeys.live}` },
    );
    expect(answer.status).toBe(503);
    await answer.text();
    const line = server
      .log()
      .split('\n')
      .find((one) => one.includes('no_provider_configured'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      level: 40,
      err: expect.stringMatching(/^No provider of .* has a key/),
    });
  });

  test('holds no key, no picture and no prompt, whatever happened', async () => {
    const url = `data:image/png;base64,${'iVBORw0KGgoAAAA'.repeat(40)}`;
    await (await post('/v1/images/edits', { model: 'gesso/sketch', prompt: 'a secret boat', image: url })).text();
    await (await post('/v1/images/edits', { model: url, prompt: 'a secret boat', image: url })).text();
    await (await get('/v1/models', { headers: { authorization: 'Bearer sk-live-stolen-key' } })).text();
    await (await get('/v1/models', { headers: { 'api-key': 'sk-live-stolen-key' } })).text();
    const log = server.log();
    expect(log.split('\n').length).toBeGreaterThan(10);
    for (const secret of [
      ...Object.values(testKeys),
      METRICS_KEY,
      'stolen-key',
      'in-the-query',
      'iVBORw0',
      'secret boat',
    ]) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('in-process', () => {
  const headers = { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' };
  const ask = async (fields: object, body?: AppRequest['body'], type?: string): Promise<string> => {
    const answer = await server.app.request({
      method: 'POST',
      path: body === undefined ? '/v1/images/generations' : '/v1/images/edits',
      headers: { ...headers, ...(type === undefined ? {} : { 'content-type': type }) },
      body: body ?? JSON.stringify({ model: 'gesso/sketch', prompt: 'a red boat', size: '64x64', ...fields }),
    });
    return `${answer.status} ${await text(answer.body)}`;
  };

  test('the same routes answer without a port', async () => {
    expect(await ask({ response_format: 'b64_json' })).toMatch(/^200 \{"created":\d+,"data":\[\{"b64_json":"iVBOR/);
    expect(await ask({ n: 0 })).toMatch(/^400 \{"error"/);
  });

  test('events stream', async () => {
    expect(await ask({ stream: true, partial_images: 1 })).toMatch(
      /^200 : ping\n\nevent: image_generation.partial_image\n.*completed/s,
    );
  });

  test('a form is read from a stream', async () => {
    const form = new FormData();
    form.append('image', new Blob([Uint8Array.from(await makeFile('png'))]), 'a.png');
    for (const [name, value] of Object.entries({ model: 'gesso/sketch', prompt: 'night', size: '64x64' }))
      form.append(name, value);
    const encoded = new Response(form);
    const type = encoded.headers.get('content-type') ?? '';
    const bytes = Buffer.from(await encoded.arrayBuffer());
    expect(await ask({}, Readable.from([bytes.subarray(0, 100), bytes.subarray(100)]), type)).toMatch(/^200 /);
    expect(await ask({}, Readable.from([bytes.subarray(0, 100)]), type)).toMatch(/^400 .*"invalid_multipart"/);
  });
});
