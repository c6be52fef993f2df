import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { StoredPicture } from '../contracts/media.ts';
import type { ProviderCall } from '../contracts/provider.ts';
import { createGuardedFetch } from '../net/guarded-fetch.ts';
import { createAdapter } from './replicate.ts';
import { createAdapterParts } from './shared/create-adapter-parts.ts';

/** What is true of uploads; everything else is in the conformance suite. */
describe('large references at Replicate', () => {
  let server: Server;
  const seen: { readonly path: string; readonly body: Buffer; readonly type: string }[] = [];
  afterEach(() => {
    seen.length = 0;
    server.closeAllConnections();
    server.close();
  });

  async function adapterAt(
    answer: (path: string, base: string) => { readonly status: number; readonly json: unknown },
  ) {
    let base = '';
    const listener: RequestListener = (req, res) => {
      void buffer(req).then((body) => {
        seen.push({ path: req.url ?? '', body, type: req.headers['content-type'] ?? '' });
        const { status, json } = answer(req.url ?? '', base);
        res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
      });
    };
    server = createServer(listener);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`; // It listens on a port.
    return createAdapter(
      createAdapterParts({
        provider: 'replicate',
        base_url: base,
        auth: {},
        guardedFetch: createGuardedFetch(),
        openPicture: async ({ bytes }) => Readable.from([Buffer.alloc(bytes, 7)]),
        clock: { now: () => 0 },
      }),
    );
  }

  const picture = (bytes: number): StoredPicture => ({
    blob_sha256: '',
    bytes,
    content_type: 'image/png',
    format: 'png',
    width: 1,
    height: 1,
    has_alpha: false,
  });
  // Only what the adapter reads of a call.
  const call = {
    offer: { endpoint: '/models/a/b/predictions', upstream_model: 'a/b', bills_empty: false },
    body: { input: { prompt: '{"$image":0}', image_input: [{ $image: 0 }, { $image: 1 }] } },
    n: 1,
    images: [picture(300_000), picture(3)],
    mask: null,
  } as unknown as ProviderCall;
  const context = {
    signal: new AbortController().signal,
    deadline_at: 60_000,
    job_first: false,
    onPartial: null,
    onJob: async () => undefined,
    keep: () => Promise.reject(new Error('nothing is kept')),
  };
  const prediction = (base: string) => ({
    id: 'p1',
    status: 'succeeded',
    output: ['https://replicate.delivery/1.jpg'],
    urls: { get: `${base}/predictions/p1`, cancel: `${base}/predictions/p1/cancel` },
  });

  it('are uploaded and named by link; small ones go inside the body', async () => {
    const adapter = await adapterAt((path, base) =>
      path === '/v1/files'
        ? { status: 201, json: { id: 'f1', urls: { get: `${base}/files/f1` } } }
        : { status: 201, json: prediction(base) },
    );
    const { pictures } = await adapter.run(call, context);
    expect(pictures).toEqual([{ kind: 'link', url: 'https://replicate.delivery/1.jpg' }]);
    const [upload, create] = seen;
    const form = await new Response(new Uint8Array(upload?.body ?? []), {
      headers: { 'content-type': upload?.type ?? '' },
    }).formData();
    const file = form.get('content') as File; // Sent with a file name.
    expect([file.name, file.size]).toEqual(['reference-0.png', 300_000]);
    expect(JSON.parse(create?.body.toString() ?? '')).toEqual({
      input: {
        prompt: '{"$image":0}',
        image_input: [expect.stringMatching(/\/v1\/files\/f1$/), 'data:image/png;base64,BwcH'],
      },
    });
  });

  it('stop the call before anything may cost when they cannot be uploaded', async () => {
    const adapter = await adapterAt(() => ({ status: 500, json: { detail: 'no' } }));
    await expect(adapter.run(call, context)).rejects.toMatchObject({ fault: 'server_error' });
    expect(seen.map(({ path }) => path)).toEqual(['/v1/files']);
  });
});
