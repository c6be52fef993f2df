/** Whatever is sent, the answer is our envelope with the status in the table, and nothing is made, kept or broken. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorTable } from '../../src/core/errors.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';
import { type BadRequest, badRequests } from './bad-input-cases.ts';

const cases = await badRequests();

let server: TestApp;
beforeAll(async () => {
  server = await startTestApp();
});
afterAll(() => server.close());

function send({ method = 'POST', path, authorization, headers = {}, body }: BadRequest): Promise<Response> {
  const key = authorization === undefined ? `Bearer ${testKeys.test}` : authorization;
  return fetch(`${server.url}${path}`, {
    method,
    headers: { ...(key === null ? {} : { authorization: key }), ...headers },
    ...(body === undefined ? {} : { body: body instanceof Buffer ? Uint8Array.from(body) : body }),
  });
}

async function deliveredPictures(): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return [...text.matchAll(/^gesso_pictures_total\{.*\} (\d+)$/gm)].reduce((sum, match) => sum + Number(match[1]), 0);
}

async function expectGenerates(): Promise<void> {
  const answer = await fetch(`${server.url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gesso/sketch', prompt: 'a red boat', size: '64x64' }),
  });
  expect(answer.status).toBe(200);
}

test('there are at least 60 cases, each with its own name', () => {
  expect(cases.length).toBeGreaterThanOrEqual(60);
  expect(new Set(cases.map(({ name, path }) => `${name} ${path}`)).size).toBe(cases.length);
});

describe('bad input', () => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, bad) => {
    const answer = await send(bad);
    const text = await answer.text();
    expect({ status: answer.status, text }).toMatchObject({ status: bad.status });
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('x-request-id')).toMatch(/^(req|gen)_/);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    const { error } = JSON.parse(text) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ code: bad.code, type: errorTable[bad.code].type });
    expect(Object.keys(error)).toEqual(expect.arrayContaining(['message', 'type', 'code', 'param', 'doc_url']));
    if (bad.param !== undefined) expect(error.param).toBe(bad.param);
    expect(error.message).toMatch(/\w+.*[.?]$/s);
    expect(text.length).toBeLessThan(20_000);
    // What is inside stays inside.
    expect(text).not.toMatch(/node_modules|\.ts:\d|postgres|ENOENT|SELECT /);
  });

  test('afterwards the server works, and nothing of all this was made', async () => {
    expect(await deliveredPictures()).toBe(0);
    await expectGenerates();
    expect(await deliveredPictures()).toBe(1);
    expect(server.log()).not.toMatch(/"level":(50|60)/);
  });
});

describe('big bodies', () => {
  async function* endless(head: string, bytes: number): AsyncGenerator<Uint8Array> {
    const piece = Buffer.alloc(64 * 1024, 'QUJD');
    yield Buffer.from(head);
    for (let sent = 0; sent < bytes; sent += piece.length) yield piece;
    yield Buffer.from('"}');
  }

  test('a body of 100 MB is refused, and memory stays flat', async () => {
    const before = process.memoryUsage.rss();
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss() - before);
    }, 5);
    try {
      for (let round = 0; round < 4; round += 1) {
        const answer = await fetch(`${server.url}/v1/images/edits`, {
          method: 'POST',
          headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' },
          body: ReadableStream.from(endless('{"model":"gesso/sketch","prompt":"x","image":"', 100_000_000)),
          duplex: 'half',
        } as RequestInit);
        expect(answer.status).toBe(413);
        expect(await answer.json()).toMatchObject({ error: { code: 'payload_too_large' } });
      }
    } finally {
      clearInterval(watch);
    }
    // The client that makes the body runs in this process too.
    expect(peak).toBeLessThan(200_000_000);
    await expectGenerates();
  });

  test('a Content-Length beyond the limit is refused before the body is sent', async () => {
    const answer = await raw(
      `POST /v1/images/edits HTTP/1.1\r\nHost: gesso\r\nAuthorization: Bearer ${testKeys.test}\r\nContent-Type: application/json\r\nContent-Length: 999999999999\r\n\r\n{`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"payload_too_large"');
  });
});

/** What a socket answers to text that no HTTP client would send. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.setTimeout(5_000, () => socket.destroy(new Error(`no answer, only ${JSON.stringify(answer)}`)));
    socket.on('data', (chunk) => {
      answer += chunk.toString();
      if (/\r\n\r\n\{.*\}$/s.test(answer)) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

describe('a connection on which a body was refused', () => {
  const big = 'a b '.repeat(700_000);
  const refused: ReadonlyArray<readonly [string, string, number, string]> = [
    [
      'JSON that is too much',
      'application/json',
      413,
      JSON.stringify(Array.from({ length: 9 }, () => big.slice(0, 300_000))),
    ],
    ['JSON that breaks early', 'application/json', 400, `[${'['.repeat(100)}${big}`],
    ['a type that is not taken', 'text/plain', 415, big],
    [
      'a form without a picture in it',
      'multipart/form-data; boundary=b',
      400,
      `--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n${big}\r\n--b--\r\n`,
    ],
    ['a form that is none', 'multipart/form-data; boundary=b', 400, big],
  ];
  test.each(refused)('takes the next request: %s', async (_name, type, status, body) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const headers = { authorization: `Bearer ${testKeys.test}`, 'content-type': type };
      expect(await ask(agent, 'POST', '/v1/images/edits', headers, body)).toBe(status);
      expect(await ask(agent, 'GET', '/v1/models', headers)).toBe(200);
    } finally {
      agent.destroy();
    }
  });

  function ask(
    agent: Agent,
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      const req = request(`${server.url}${path}`, { agent, method, headers, timeout: 4_000 }, (res) => {
        res.resume();
        res.on('end', () => resolve(res.statusCode ?? 0));
      });
      req.on('timeout', () => req.destroy(new Error('no answer')));
      req.on('error', reject);
      req.end(body);
    });
  }
});

describe('what is hardly HTTP', () => {
  const texts: ReadonlyArray<readonly [string, string, number, string]> = [
    ['noise', 'hello\r\n\r\n', 400, 'invalid_value'],
    [
      'headers of 40 KB',
      `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    [
      'a header line that is folded into two',
      'GET /nope HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n',
      400,
      'invalid_value',
    ],
    [
      'two lengths',
      'POST /v1/models HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
      400,
      'invalid_value',
    ],
    [
      'a length and chunks',
      'POST /v1/models HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'invalid_value',
    ],
    ['a path with dot segments', 'GET /media/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n', 404, 'unknown_url'],
  ];
  test.each(texts)('%s', async (_name, text, status, code) => {
    const answer = await raw(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain(`"code":"${code}"`);
  });

  test('a line break in a value never becomes a header of the answer', async () => {
    const injected = 'x%0d%0aSet-Cookie:%20a=b';
    for (const path of [
      `/${injected}`,
      `/v1/models/${injected}`,
      `/media/${injected}.png`,
      `/errors/${injected}`,
      `/?${injected}`,
    ]) {
      const answer = await fetch(`${server.url}${path}`, {
        headers: { authorization: `Bearer ${testKeys.test}`, 'x-client-request-id': 'a b"c' },
      });
      expect(answer.headers.get('set-cookie')).toBeNull();
      await answer.body?.cancel();
    }
  });

  test('afterwards the server works', expectGenerates);
});

describe('pictures that are refused', () => {
  test('at the same time, with the same bytes: each is told', async () => {
    const bytes = Buffer.alloc(300_000, 'no picture ');
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const body = new FormData();
        body.append('model', 'gesso/sketch');
        body.append('prompt', 'x');
        body.append('image', new Blob([bytes]));
        const headers = { authorization: `Bearer ${testKeys.test}` };
        const answer = await fetch(`${server.url}/v1/images/edits`, { method: 'POST', headers, body });
        return `${answer.status} ${((await answer.json()) as { error: { code: string } }).error.code}`;
      }),
    );
    expect(new Set(answers)).toEqual(new Set(['400 invalid_image']));
  });

  test('take no hosted picture with the same bytes along', async () => {
    const strict = await startTestApp({ GESSO_IMAGE_PIXELS_MAX: '5000' });
    try {
      const headers = { authorization: `Bearer ${testKeys.test}` };
      const made = await fetch(`${strict.url}/v1/images/generations`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gesso/sketch', prompt: 'a red boat', size: '100x100' }),
      });
      const { data } = (await made.json()) as { data: { url: string }[] };
      const url = data[0]?.url ?? '';
      const body = new FormData();
      body.append('model', 'gesso/sketch');
      body.append('prompt', 'x');
      body.append('image', await (await fetch(url)).blob());
      const refused = await fetch(`${strict.url}/v1/images/edits`, { method: 'POST', headers, body });
      expect(refused.status).toBe(400);
      const hosted = await fetch(url);
      expect(hosted.status).toBe(200);
      expect((await hosted.arrayBuffer()).byteLength).toBe(Number(hosted.headers.get('content-length')));
    } finally {
      await strict.close();
    }
  });
});

describe('slow bodies', () => {
  test('a body that stops coming is given up with 408', async () => {
    const slow = await startTestApp({ GESSO_BODY_IDLE_TIMEOUT_MS: '60' });
    try {
      for (const type of ['application/json', 'multipart/form-data; boundary=b']) {
        const { hostname, port } = new URL(slow.url);
        const answer = await new Promise<string>((resolve, reject) => {
          const socket = connect(Number(port), hostname, () =>
            socket.write(
              `POST /v1/images/edits HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${testKeys.test}\r\nContent-Type: ${type}\r\nContent-Length: 500\r\n\r\n--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\nx`,
            ),
          );
          socket.once('data', (chunk) => {
            socket.destroy();
            resolve(chunk.toString());
          });
          socket.on('error', reject);
        });
        expect(answer).toMatch(/^HTTP\/1\.1 408 /);
        expect(answer).toContain('"request_timeout"');
      }
    } finally {
      await slow.close();
    }
  });
});
