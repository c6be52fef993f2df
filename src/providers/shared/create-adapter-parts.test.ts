import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredPicture } from '../../contracts/media.ts';
import type { AdapterParts, ProviderRequest } from '../../contracts/provider.ts';
import { GessoError } from '../../core/errors.ts';
import { createGuardedFetch } from '../../net/guarded-fetch.ts';
import { createAdapterParts } from './create-adapter-parts.ts';
import { KeptPicture } from './kept-picture.ts';

interface Seen {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly url: string;
  readonly body: Buffer;
}

const guardedFetch = createGuardedFetch();
const servers: Server[] = [];
const kept: Buffer[] = [];
let seen: Seen[] = [];

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer((req, res) => {
    void buffer(req).then((body) => {
      seen.push({ headers: req.headers, url: req.url ?? '', body });
      answer(req, res);
    });
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // It listens on a port.
}

const files: Readonly<Record<string, Buffer>> = {
  first: Buffer.from(Array.from({ length: 100_001 }, (_, index) => (index * 31) % 256)),
  second: Buffer.from('second'),
};
const picture = (name: string, content_type = 'image/png'): StoredPicture => ({
  blob_sha256: name,
  bytes: files[name]?.length ?? 0,
  content_type,
  format: 'png',
  width: 1,
  height: 1,
  has_alpha: false,
});

function partsFor(base_url: string, takesKey?: (url: URL) => boolean): AdapterParts {
  return createAdapterParts({
    provider: 'someone',
    base_url,
    auth: { authorization: 'Bearer secret' },
    ...(takesKey === undefined ? {} : { takesKey }),
    guardedFetch,
    // In pieces of odd lengths, as a file may come.
    openPicture: async ({ blob_sha256 }) => {
      const file = files[blob_sha256] ?? Buffer.alloc(0);
      return Readable.from([file.subarray(0, 1), file.subarray(1, 40_001), file.subarray(40_001)]);
    },
    clock: { now: () => 0 },
  });
}

const context = {
  signal: new AbortController().signal,
  keep: async (bytes: Readable) => {
    const whole = await buffer(bytes);
    if (whole.length > 5_000_000) throw new GessoError('payload_too_large');
    kept.push(whole);
    return { sha256: String(kept.length), bytes: whole.length };
  },
};

const post = (rest: Partial<ProviderRequest> = {}): ProviderRequest => ({
  method: 'POST',
  url: '/draw',
  timeout_ms: 2_000,
  may_bill: true,
  ...rest,
});

const json =
  (text: string): RequestListener =>
  (_, res) =>
    res.writeHead(200, { 'content-type': 'application/json' }).end(text);

beforeEach(() => {
  seen = [];
  kept.length = 0;
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

describe('what is sent', () => {
  it('streams JSON with pictures as data URLs and says its length', async () => {
    const { send } = partsFor(await serve(json('{}')));
    const body = { prompt: 'ä "x"', image: [{ $image: 0 }, { $image: 1 }], mask: { $mask: true }, n: 2, o: {}, l: [] };
    const pictures = { images: [picture('first'), picture('second', 'image/jpeg')], mask: picture('second') };
    await (await send(post({ json: body, pictures: { ...pictures, as: 'data_url' } }), context)).json();
    const [request] = seen;
    expect(JSON.parse(request?.body.toString() ?? '')).toEqual({
      ...body,
      image: [
        `data:image/png;base64,${files.first?.toString('base64')}`,
        `data:image/jpeg;base64,${files.second?.toString('base64')}`,
      ],
      mask: `data:image/png;base64,${files.second?.toString('base64')}`,
    });
    expect(request?.headers['content-length']).toBe(String(request?.body.length));
    expect(request?.headers.authorization).toBe('Bearer secret');
  });

  it('sends bare base64 where asked, and leaves alone what only looks like a picture', async () => {
    const { send } = partsFor(await serve(json('{}')));
    const pictures = { images: [picture('second')], mask: null, as: 'base64' as const };
    const body = { image: { $image: 0 }, missing: { $image: 7 }, other: { $image: 0, more: 1 }, mask: { $mask: true } };
    await (await send(post({ json: body, pictures }), context)).json();
    expect(JSON.parse(seen[0]?.body.toString() ?? '')).toEqual({ ...body, image: files.second?.toString('base64') });
  });

  it('streams forms, small fields first, with names that cannot break out', async () => {
    const { send } = partsFor(await serve(json('{}')));
    const form = [
      { name: 'image[]', file: picture('first'), file_name: 'a"\r\nb.png' },
      { name: 'prompt', value: 'ä' },
    ];
    await (await send(post({ form }), context)).json();
    const [request] = seen;
    const headers = { 'content-type': String(request?.headers['content-type']) };
    const parsed = await new Response(new Uint8Array(request?.body ?? []), { headers }).formData();
    expect([...parsed.keys()]).toEqual(['prompt', 'image[]']);
    expect(parsed.get('prompt')).toBe('ä');
    const file = parsed.get('image[]') as File; // Sent with a file name.
    expect([file.name, file.type]).toEqual(['a"\r\nb.png', 'image/png']);
    expect(Buffer.from(await file.arrayBuffer())).toEqual(files.first);
    expect(request?.headers['content-length']).toBe(String(request?.body.length));
  });
});

describe('the key', () => {
  it('goes to the base URL and to whole URLs of its origin alone', async () => {
    const base = await serve(json('{}'));
    const { send } = partsFor(`${base}/v1`);
    await (await send(post(), context)).json();
    await (await send(post({ url: `${base}/jobs/1` }), context)).json();
    expect(seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/v1/draw', 'Bearer secret'],
      ['/jobs/1', 'Bearer secret'],
    ]);
  });

  it('does not follow an answer to another private host, nor does the request', async () => {
    const other = await serve(json('{}'));
    const { send } = partsFor(await serve(json('{}')), () => true);
    await expect(send(post({ url: `${other}/jobs/1` }), context)).rejects.toMatchObject({
      fault: expect.stringMatching(/unreachable|config/),
    });
    expect(seen).toEqual([]);
  });

  it('does not follow a redirect', async () => {
    const other = await serve(json('{}'));
    const { send } = partsFor(await serve((_, res) => res.writeHead(307, { location: other }).end()));
    await expect(send(post(), context)).rejects.toMatchObject({ fault: 'config' });
    expect(seen).toHaveLength(1);
  });
});

describe('silence', () => {
  const hang: RequestListener = () => undefined;
  const cut: RequestListener = (_, res) => {
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    res.write('{"a":', () => res.destroy());
  };
  const reset: RequestListener = (req) => req.socket.destroy();

  it.each([
    ['no answer', hang, true, 'outcome_unknown'],
    ['no answer', hang, false, 'unavailable'],
    ['a reset', reset, true, 'outcome_unknown'],
    ['a reset', reset, false, 'unavailable'],
    ['a cut body', cut, true, 'outcome_unknown'],
    ['a cut body', cut, false, 'unavailable'],
    ['a page', ((_, res) => res.end('<html>')) as RequestListener, true, 'server_error'],
    ['an empty body', ((_, res) => res.end()) as RequestListener, true, 'server_error'],
    ['half of a JSON', json('{"a":'), true, 'outcome_unknown'],
    ['half of a JSON', json('{"a":'), false, 'server_error'],
  ])('%s is a fault of its class (may bill: %3$s)', async (_name, answer, may_bill, fault) => {
    const { send } = partsFor(await serve(answer));
    const asked = async () =>
      (await send(post({ may_bill, timeout_ms: answer === hang ? 60 : 2_000 }), context)).json();
    await expect(asked()).rejects.toMatchObject({ fault });
  });

  it('knows that nothing was sent where nobody listens', async () => {
    await expect(partsFor('http://127.0.0.1:1').send(post(), context)).rejects.toMatchObject({ fault: 'unreachable' });
  });

  it('ends when the work is aborted', async () => {
    const controller = new AbortController();
    const { send } = partsFor(await serve(() => controller.abort()));
    await expect(send(post(), { ...context, signal: controller.signal })).rejects.toMatchObject({
      fault: 'outcome_unknown',
    });
  });
});

describe('what comes back', () => {
  const large = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));

  it('keeps base64 and data URLs as their bytes, and drops what was only sent back', async () => {
    const answer = {
      created: 1,
      input: { image: `data:image/png;base64,${large.toString('base64')}` },
      data: [
        { b64_json: large.toString('base64') },
        { url: `data:image/png;base64,${large.toString('base64')}` },
        { url: 'https://x' },
      ],
    };
    const { send } = partsFor(await serve(json(JSON.stringify(answer))));
    const got = await (await send(post(), context)).json();
    const held = new KeptPicture({ sha256: '1', bytes: large.length });
    expect(got).toEqual({
      created: 1,
      input: { image: new KeptPicture(null) },
      data: [{ b64_json: held }, { url: new KeptPicture({ sha256: '2', bytes: large.length }) }, { url: 'https://x' }],
    });
    expect(kept).toEqual([large, large]);
  });

  it('goes on after a picture that is too large', async () => {
    const huge = Buffer.alloc(6_000_000, 1).toString('base64');
    const { send } = partsFor(await serve(json(JSON.stringify({ data: [huge, large.toString('base64')] }))));
    expect(await (await send(post(), context)).json()).toEqual({
      data: [new KeptPicture(null), new KeptPicture({ sha256: '1', bytes: large.length })],
    });
  });

  const sse =
    (pieces: readonly (string | Buffer)[]): RequestListener =>
    (_, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const piece of pieces) res.write(piece);
      res.end();
    };

  it('reads events in order, with their pictures', async () => {
    const first = `event: one\r\ndata: {"type":"one","b64_json":"${large.toString('base64')}"}\r\n\r\n`;
    const rest =
      ': still here\n\ndata:{"n":1}\n\nid: 7\nevent: two\ndata: {"n":2}\n\ndata: [DONE]\n\ndata: {"n":3}\n\n';
    const pieces = [first.slice(0, 3), first.slice(3, 30), first.slice(30, 50_000), first.slice(50_000), ...rest];
    const { send } = partsFor(await serve(sse(pieces)));
    const got: unknown[] = [];
    for await (const event of (await send(post(), context)).events()) got.push(event);
    expect(got).toEqual([
      { event: 'one', data: { type: 'one', b64_json: new KeptPicture({ sha256: '1', bytes: large.length }) } },
      { event: 'message', data: { n: 1 } },
      { event: 'two', data: { n: 2 } },
    ]);
    expect(kept).toEqual([large]);
  });

  it('takes an empty event for a sign of life, and one that is no JSON for work that has begun', async () => {
    const { send } = partsFor(await serve(sse(['data:\n\ndata: \r\n\r\n', 'data: {"n":1}\n\n', 'data: oops\n\n'])));
    const got: unknown[] = [];
    const read = async () => {
      for await (const { data } of (await send(post(), context)).events()) got.push(data);
    };
    await expect(read()).rejects.toMatchObject({ fault: 'outcome_unknown' });
    expect(got).toEqual([{ n: 1 }]);
  });

  it('tells a broken stream after what had come', async () => {
    const { send } = partsFor(
      await serve((_, res) => {
        res.writeHead(200, { 'content-type': 'text/event-stream' });
        res.write('data: {"n":1}\n\ndata: {"n', () => res.destroy());
      }),
    );
    const got: unknown[] = [];
    const read = async () => {
      for await (const { data } of (await send(post(), context)).events()) got.push(data);
    };
    await expect(read()).rejects.toMatchObject({ fault: 'outcome_unknown' });
    expect(got).toEqual([{ n: 1 }]);
  });
});
