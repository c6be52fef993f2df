import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { FormData } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FetchFault } from './fetch-fault.ts';
import { fetchPicture } from './fetch-picture.ts';
import type { ResolvedAddress } from './guarded-agent.ts';
import { createGuardedFetch, type FetchRequest } from './guarded-fetch.ts';
import { netSettings } from './settings.ts';

const limits = { bytes_max: 100_000, timeout_ms: 5000 } as const;
const asUser: FetchRequest = { origin: 'user', ...limits };

/** Names of the tests; what is not here does not exist. */
const names: Record<string, ResolvedAddress[]> = {
  'good.test': [{ address: '127.0.0.1', family: 4 }],
  'other.test': [{ address: '127.0.0.1', family: 4 }],
  'private.test': [{ address: '10.0.0.7', family: 4 }],
  'metadata.test': [{ address: '169.254.169.254', family: 4 }],
  'six.test': [{ address: 'fd00:ec2::254', family: 6 }],
  'mapped.test': [{ address: '::ffff:10.0.0.1', family: 6 }],
  'mixed.test': [
    { address: '8.8.8.8', family: 4 },
    { address: '192.168.0.1', family: 4 },
  ],
  'empty.test': [],
  localhost: [{ address: '127.0.0.1', family: 4 }],
};
const resolve = async (hostname: string) => {
  const found = names[hostname];
  if (!found) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' });
  return found;
};

describe('guarded fetch: URLs of callers that are refused before anything is sent', () => {
  const guarded = createGuardedFetch({ resolve });
  afterAll(() => guarded.close());

  it.each([
    // Loopback in every notation
    ['http://127.0.0.1/', 'private_address'],
    ['http://127.1/', 'private_address'],
    ['http://127.0.1/', 'private_address'],
    ['http://2130706433/', 'private_address'],
    ['http://0x7f000001/', 'private_address'],
    ['http://0x7f.0x0.0x0.0x1/', 'private_address'],
    ['http://0177.0.0.1/', 'private_address'],
    ['http://017700000001/', 'private_address'],
    ['http://0/', 'private_address'],
    ['http://0.0.0.0/', 'private_address'],
    ['http://127.0.0.1.:80/', 'private_address'],
    ['http://１２７.０.０.１/', 'private_address'],
    ['http://127。0。0。1/', 'private_address'],
    ['http://%31%32%37.0.0.1/', 'private_address'],
    ['http://localhost/', 'private_address'],
    ['http://LOCALHOST:8080/', 'private_address'],
    ['https://127.0.0.1:8443/', 'private_address'],
    // Private and special ranges
    ['http://10.0.0.1/', 'private_address'],
    ['http://10.1/', 'private_address'],
    ['http://172.16.0.1/', 'private_address'],
    ['http://192.168.1.1/', 'private_address'],
    ['http://100.64.0.1/', 'private_address'],
    ['http://169.254.169.254/latest/meta-data/', 'private_address'],
    ['http://0xa9fea9fe/', 'private_address'],
    ['http://2852039166/', 'private_address'],
    ['http://0251.0376.0251.0376/', 'private_address'],
    ['http://168.63.129.16/machine', 'private_address'],
    ['http://224.0.0.1/', 'private_address'],
    ['http://255.255.255.255/', 'private_address'],
    ['http://198.18.0.1/', 'private_address'],
    // IPv6
    ['http://[::1]/', 'private_address'],
    ['http://[0:0:0:0:0:0:0:1]:8080/', 'private_address'],
    ['http://[::]/', 'private_address'],
    ['http://[::ffff:127.0.0.1]/', 'private_address'],
    ['http://[::ffff:7f00:1]/', 'private_address'],
    ['http://[::ffff:169.254.169.254]/', 'private_address'],
    ['http://[::127.0.0.1]/', 'private_address'],
    ['http://[64:ff9b::10.0.0.1]/', 'private_address'],
    ['http://[2002:7f00:1::]/', 'private_address'],
    ['http://[fe80::1]/', 'private_address'],
    ['http://[fd00:ec2::254]/', 'private_address'],
    ['http://[ff02::1]/', 'private_address'],
    // Names that lead inside
    ['http://private.test/', 'private_address'],
    ['https://private.test/', 'private_address'],
    ['http://metadata.test/', 'private_address'],
    ['http://six.test/', 'private_address'],
    ['http://mapped.test/', 'private_address'],
    ['http://mixed.test/', 'private_address'],
    ['http://good.test/', 'private_address'],
    // Names that lead nowhere
    ['http://empty.test/', 'unreachable'],
    ['http://nowhere.test/', 'unreachable'],
    // Credentials, ports, schemes, parser tricks
    ['http://user:secret@8.8.8.8/', 'bad_url'],
    ['http://user@8.8.8.8/', 'bad_url'],
    ['http://8.8.8.8@127.0.0.1/', 'bad_url'],
    ['http://8.8.8.8:22/', 'bad_url'],
    ['http://8.8.8.8:25/', 'bad_url'],
    ['https://8.8.8.8:6379/', 'bad_url'],
    ['http://8.8.8.8:0/', 'bad_url'],
    ['http://8.8.8.8:99999/', 'bad_url'],
    ['file:///etc/passwd', 'bad_url'],
    ['data:text/plain,hello', 'bad_url'],
    ['gopher://127.0.0.1:6379/_INFO', 'bad_url'],
    ['ftp://8.8.8.8/x.png', 'bad_url'],
    ['javascript:alert(1)', 'bad_url'],
    ['unix:/var/run/docker.sock', 'bad_url'],
    ['//8.8.8.8/x.png', 'bad_url'],
    ['http:8.8.8.8/', 'bad_url'],
    ['http:///8.8.8.8/', 'bad_url'],
    ['http://8.8.8.8\\@127.0.0.1/', 'bad_url'],
    ['http://8.8.8.8/\r\nHost: 127.0.0.1', 'bad_url'],
    [' http://8.8.8.8/', 'bad_url'],
    ['http://8.8.8.8\t/', 'bad_url'],
    ['http://[::1', 'bad_url'],
    ['http://[fe80::1%25eth0]/', 'bad_url'],
    ['http://256.256.256.256/', 'bad_url'],
    [`http://8.8.8.8/${'a'.repeat(9000)}`, 'bad_url'],
    ['', 'bad_url'],
  ])('%s', async (url, kind) => {
    for (const origin of ['user', 'upstream'] as const) {
      const refused = guarded(url, { ...asUser, origin });
      await expect(refused).rejects.toBeInstanceOf(FetchFault);
      await expect(refused).rejects.toMatchObject({ kind, sent: false });
    }
  });
});

/** What the test server was asked for, newest last. */
const seen: IncomingMessage[] = [];

const routes: Record<string, (res: ServerResponse, req: IncomingMessage) => void> = {
  '/plain': (res) => res.end('hello'),
  '/status': (res) => res.writeHead(404).end('gone'),
  '/echo': (res, req) => req.pipe(res),
  '/gzip': (res) => res.setHeader('content-encoding', 'gzip').end(gzipSync('hello')),
  '/deflate': (res) => res.setHeader('content-encoding', 'deflate').end(deflateSync('hello')),
  '/brotli': (res) => res.setHeader('content-encoding', 'br').end(brotliCompressSync('hello')),
  '/twice': (res) => res.setHeader('content-encoding', 'gzip, gzip').end(gzipSync(gzipSync('hello'))),
  '/not-gzip': (res) => res.setHeader('content-encoding', 'gzip').end('hello'),
  '/bomb': (res) => res.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(50_000_000))),
  '/announced': (res) => res.setHeader('content-length', 200_000).end(Buffer.alloc(200_000)),
  '/endless': (res) => {
    Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(65_536);
      })(),
    )
      .on('error', () => {})
      .pipe(res);
  },
  '/drip': (res) => {
    const timer = setInterval(() => res.write('.'), 20);
    res.on('close', () => clearInterval(timer));
  },
  '/silent': () => {},
  '/half-silent': (res) => res.write('half'),
  '/cut': (res) => {
    res.setHeader('content-length', 1000);
    res.write('half', () => res.destroy());
  },
  '/reset': (res) => res.destroy(),
  '/loop': (res) => res.writeHead(302, { location: '/loop' }).end(),
  '/to-plain': (res) => res.writeHead(302, { location: '/plain' }).end(),
  '/chain-3': (res) => res.writeHead(301, { location: '/chain-2' }).end(),
  '/chain-2': (res) => res.writeHead(307, { location: '/chain-1' }).end(),
  '/chain-1': (res) => res.writeHead(308, { location: '/plain' }).end(),
  '/to-other': (res, req) => {
    const port = req.headers.host?.split(':')[1];
    res.writeHead(302, { location: `http://other.test:${port}/plain` }).end();
  },
  '/307-echo': (res) => res.writeHead(307, { location: '/echo' }).end(),
  '/303-plain': (res) => res.writeHead(303, { location: '/plain' }).end(),
};

const server = createServer((req, res) => {
  seen.push(req);
  const redirect = /^\/redirect\?to=(.*)$/.exec(req.url ?? '');
  if (redirect) res.writeHead(302, { location: decodeURIComponent(redirect[1] ?? '') }).end();
  else routes[req.url ?? '']?.(res, req);
});
let port = 0;
let base = '';
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  port = (server.address() as AddressInfo).port; // a TCP server has no other kind of address
  base = `http://good.test:${port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** A guard whose only allowances are loopback addresses and the server's port: names and redirects stay checked. */
const guard = () => createGuardedFetch({ resolve, allow_hosts: ['127.0.0.1/32'], ports: [80, port] });
const read = async (path: string, request: Partial<FetchRequest> = {}) => {
  const response = await guard()(base + path, { ...asUser, ...request });
  return { ...response, text: await text(response.body) };
};

describe('guarded fetch: answers', () => {
  it('gives status, headers, body and address', async () => {
    expect(await read('/plain')).toMatchObject({ status: 200, text: 'hello', url: `${base}/plain` });
    expect(await read('/status')).toMatchObject({ status: 404, text: 'gone' });
  });

  it('sends bodies and headers', async () => {
    const sent = await read('/echo', { method: 'POST', body: 'ping', headers: { 'x-test': 'yes' } });
    expect(sent.text).toBe('ping');
    expect(seen.at(-1)?.headers).toMatchObject({ 'x-test': 'yes', 'accept-encoding': 'gzip, deflate, br' });
    expect(seen.at(-1)?.headers['user-agent']).toMatch(/^Gesso/);
  });

  it('sends forms', async () => {
    const form = new FormData();
    form.append('prompt', 'a lighthouse');
    form.append('image', new Blob(['bytes'], { type: 'image/png' }), 'a.png');
    expect((await read('/echo', { method: 'POST', body: form })).text).toMatch(/"prompt".*lighthouse.*"a\.png"/s);
  });

  it('says that nothing was sent when a header cannot be', async () => {
    const headers = { authorization: 'Bearer key\r\nx: y' };
    const refused = guard()(`${base}/plain`, { ...asUser, headers });
    await expect(refused).rejects.toMatchObject({ kind: 'bad_request', sent: false });
    await expect(refused).rejects.not.toThrow(/key/);
  });

  it.each(['/gzip', '/deflate', '/brotli'])('decodes %s', async (path) => {
    expect((await read(path)).text).toBe('hello');
  });

  it.each([
    ['/twice', 'bad_encoding'],
    ['/not-gzip', 'bad_encoding'],
    ['/bomb', 'too_large'],
    ['/announced', 'too_large'],
    ['/endless', 'too_large'],
    ['/cut', 'cut'],
    ['/reset', 'cut'],
    ['/loop', 'redirected'],
  ])('%s is %s', async (path, kind) => {
    await expect(read(path)).rejects.toMatchObject({ name: 'FetchFault', kind, sent: true });
  });

  it.each([
    ['/drip', { timeout_ms: 150 }],
    ['/silent', { timeout_ms: 100 }],
    ['/silent', { idle_ms: 100 }],
    ['/half-silent', { idle_ms: 100 }],
    ['/half-silent', { timeout_ms: 100 }],
  ])('%s with %o is too slow', async (path, request) => {
    await expect(read(path, request)).rejects.toMatchObject({ kind: 'too_slow', sent: true });
  });

  it('can be given up, before and during', async () => {
    await expect(read('/plain', { signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'aborted' });
    const controller = new AbortController();
    const response = await guard()(`${base}/drip`, { ...asUser, signal: controller.signal });
    const reading = text(response.body);
    controller.abort();
    await expect(reading).rejects.toMatchObject({ kind: 'aborted' });
  });

  it('lets go of an answer that nobody reads', async () => {
    const response = await guard()(`${base}/endless`, asUser);
    const closed = new Promise((resolve) => seen.at(-1)?.socket.once('close', resolve));
    response.body.destroy();
    await closed;
  });

  it('says that nothing was sent when nobody listens', async () => {
    const config = createGuardedFetch({ resolve });
    const refused = config('http://127.0.0.1:1/', { ...asUser, origin: 'config' });
    await expect(refused).rejects.toMatchObject({ kind: 'unreachable', sent: false });
  });
});

describe('guarded fetch: redirects', () => {
  it('follows three, and no more than asked', async () => {
    expect(await read('/chain-3')).toMatchObject({ status: 200, url: `${base}/plain` });
    await expect(read('/chain-3', { redirects_max: 2 })).rejects.toMatchObject({ kind: 'redirected' });
    await expect(read('/to-plain', { redirects_max: 0 })).rejects.toMatchObject({ kind: 'redirected' });
  });

  it.each([
    ['http://10.0.0.1/', 'private_address'],
    ['http://127.1.1.1/', 'private_address'],
    ['http://169.254.169.254/', 'private_address'],
    ['http://[::1]/', 'private_address'],
    ['//private.test/', 'private_address'],
    ['http://metadata.test/', 'private_address'],
    ['http://user:secret@good.test/', 'bad_url'],
    ['http://good.test:22/', 'bad_url'],
    ['file:///etc/passwd', 'bad_url'],
    ['data:image/png;base64,AAAA', 'bad_url'],
    ['gopher://good.test/', 'bad_url'],
  ])('to %s are refused', async (location, kind) => {
    const path = `/redirect?to=${encodeURIComponent(location)}`;
    await expect(read(path)).rejects.toMatchObject({ kind });
    if (kind === 'private_address') {
      // An address from the configuration may lead anywhere, but not send us anywhere.
      await expect(read(path, { origin: 'config' })).rejects.toMatchObject({ kind });
    }
  });

  const credentials = { authorization: 'Bearer x', cookie: 'a=b', 'x-key': 'secret', accept: 'image/png' };
  it('keep credentials on the same host and drop them on another', async () => {
    await read('/to-plain', { headers: credentials });
    expect(seen.at(-1)?.headers).toMatchObject(credentials);
    await read('/to-other', { headers: credentials });
    expect(seen.at(-1)?.headers).toMatchObject({ host: `other.test:${port}`, accept: 'image/png' });
    for (const name of ['authorization', 'cookie', 'x-key']) expect(seen.at(-1)?.headers).not.toHaveProperty(name);
  });

  it('repeat a body where they say so, and only a body that can be', async () => {
    expect((await read('/307-echo', { method: 'POST', body: 'ping' })).text).toBe('ping');
    const stream = () => Readable.from([Buffer.from('ping')], { objectMode: false });
    await expect(read('/307-echo', { method: 'POST', body: stream() })).rejects.toMatchObject({ kind: 'redirected' });
    expect((await read('/303-plain', { method: 'POST', body: 'ping' })).text).toBe('hello');
    expect(seen.at(-1)?.method).toBe('GET');
  });
});

describe('guarded fetch: who may go where', () => {
  it('resolves a name once, so that a second answer cannot lead elsewhere', async () => {
    const answers = [['127.0.0.1'], ['10.0.0.1']];
    let asked = 0;
    const rebinding = createGuardedFetch({
      resolve: async () => (answers[asked++] ?? []).map((address) => ({ address, family: 4 })),
      allow_hosts: ['127.0.0.1/32'],
      ports: [port],
    });
    const first = await rebinding(`${base}/plain`, asUser);
    expect(await text(first.body)).toBe('hello');
    expect(asked).toBe(1);
    const otherName = rebinding(`http://again.test:${port}/plain`, asUser);
    await expect(otherName).rejects.toMatchObject({ kind: 'private_address' });
  });

  it('lets the configuration go anywhere', async () => {
    const response = await createGuardedFetch()(`http://127.0.0.1:${port}/plain`, { ...asUser, origin: 'config' });
    expect(await text(response.body)).toBe('hello');
  });

  it('never lends a connection that the configuration opened to a caller', async () => {
    const shared = createGuardedFetch({ ports: [port] });
    const url = `http://127.0.0.1:${port}/plain`;
    await text((await shared(url, { ...asUser, origin: 'config' })).body);
    await expect(shared(url, asUser)).rejects.toMatchObject({ kind: 'private_address' });
  });

  it.each([
    ['host and port', () => [`good.test:${port}`], true],
    ['host', () => ['good.test'], true],
    ['another port', () => ['good.test:1'], false],
    ['another host', () => ['other.test'], false],
    ['nothing', () => [], false],
  ])('lets one call reach a private host by %s', async (_, allow_private, reached) => {
    const call = createGuardedFetch({ resolve })(`${base}/plain`, {
      ...asUser,
      origin: 'upstream',
      allow_private: allow_private(),
    });
    if (reached) expect((await call).status).toBe(200);
    else await expect(call).rejects.toBeInstanceOf(FetchFault);
  });

  it('reads the list of allowed hosts, naming an entry that is none', () => {
    const { schema } = netSettings.GESSO_FETCH_ALLOW_HOSTS;
    expect(schema.parse(' 10.0.0.0/8, minio.local:9000 ,,[::1]:80')).toEqual([
      '10.0.0.0/8',
      'minio.local:9000',
      '[::1]:80',
    ]);
    expect(schema.safeParse('http://x').error?.issues[0]?.message).toContain('"http://x" is neither');
  });
});

describe('fetchPicture', () => {
  const options = { ...limits, param: 'images[0].image_url' };
  it('streams what is there', async () => {
    expect(await text(await fetchPicture(guard(), `${base}/plain`, options))).toBe('hello');
  });

  it.each([
    ['/status', /status 404/],
    ['/loop', /too many redirects/],
    ['/endless', /larger than/],
    ['/cut', /connection broke/],
  ])('explains %s to its sender', async (path, message) => {
    const fetched = fetchPicture(guard(), base + path, options).then((body) => text(body));
    await expect(fetched).rejects.toMatchObject({ code: 'invalid_image_url', param: options.param });
    await expect(fetched).rejects.toThrow(message);
  });

  it('tells nothing of what lies inside', async () => {
    const fetched = fetchPicture(guard(), 'http://metadata.test/', options);
    await expect(fetched).rejects.toThrow(/not public/);
    await expect(fetched).rejects.not.toThrow(/169\.254/);
  });
});
