import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { createApiClient, httpTransport } from './api-client.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown;

async function startServer(handle: Handler): Promise<string> {
  const server = createServer((req, res) => void handle(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // It listens on a port, not on a pipe.
}

function answer(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const clientOf = (url: string) => createApiClient(httpTransport(url, fetch), 'sk-test-abc', fetch);

test('sends method, path, key and body, and reads JSON', async () => {
  const url = await startServer(async (req, res) => {
    const { method, headers } = req;
    answer(res, 200, {
      method,
      path: req.url,
      key: headers.authorization,
      type: headers['content-type'],
      body: await text(req),
    });
  });
  const request = {
    method: 'POST',
    path: '/v1/x?y=1',
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
  } as const;
  expect(await clientOf(url).json(request)).toEqual({
    method: 'POST',
    path: '/v1/x?y=1',
    key: 'Bearer sk-test-abc',
    type: 'application/json',
    body: '{"a":1}',
  });
});

test('streams a body that is a stream', async () => {
  const url = await startServer(async (req, res) => answer(res, 200, { bytes: (await text(req)).length }));
  const body = Readable.from(['a'.repeat(70_000), 'b'.repeat(70_000)]);
  expect(await clientOf(url).json({ method: 'POST', path: '/', body })).toEqual({ bytes: 140_000 });
});

test.each(['', '/', '/v1', '/v1/'])('takes a base URL that ends in %j', async (end) => {
  const url = await startServer((req, res) => answer(res, 200, { path: req.url }));
  expect(await clientOf(url + end).json({ method: 'GET', path: '/v1/models' })).toEqual({ path: '/v1/models' });
});

test('an error of the API keeps its words, its details and its page, and gains a fix', async () => {
  const url = await startServer((_req, res) =>
    answer(res, 404, {
      error: {
        message: 'There is no model "x".',
        type: 'not_found',
        code: 'model_not_found',
        param: 'model',
        doc_url: 'http://host/errors/model_not_found',
        details: [
          { param: 'model', message: 'is not known', fix: 'Ask for another.' },
          { param: 'n', message: 'is 0' },
        ],
      },
    }),
  );
  await expect(clientOf(url).json({ method: 'GET', path: '/' })).rejects.toMatchObject({
    name: 'CliError',
    message: 'There is no model "x".',
    code: 'model_not_found',
    details: ['model: is not known Ask for another.', 'n: is 0'],
    doc: 'http://host/errors/model_not_found',
    fix: '`gesso models` lists what there is.',
    exit_code: 1,
  });
});

test('an answer that is not of Gesso says so', async () => {
  const url = await startServer((_req, res) => res.writeHead(502).end('<html>bad gateway</html>'));
  await expect(clientOf(url).json({ method: 'GET', path: '/' })).rejects.toThrow(/status 502 and no explanation/);
});

test('a server that is not there is told with its address', async () => {
  const url = await startServer(() => {});
  for (const close of closers.splice(0)) await close();
  await expect(clientOf(url).json({ method: 'GET', path: '/' })).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining(url),
  });
});

test('a hosted picture is fetched where we already talk, whatever PUBLIC_URL says, and with the key', async () => {
  const url = await startServer((req, res) => res.end(`${req.url} ${req.headers.authorization}`));
  const picture = await clientOf(url).download('https://pictures.example/gesso/media/img_1.png?w=64');
  expect(await text(picture)).toBe('/media/img_1.png?w=64 Bearer sk-test-abc');
});

test('a picture elsewhere is fetched there, without the key', async () => {
  const bucket = await startServer((req, res) => res.end(`${req.url} ${req.headers.authorization}`));
  const picture = await clientOf('http://127.0.0.1:1').download(`${bucket}/bucket/one.png?signature=2`);
  expect(await text(picture)).toBe('/bucket/one.png?signature=2 undefined');
});
