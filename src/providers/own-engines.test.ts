/** Answers of engines that no test server gives by itself: recorded shapes, read by the real adapters over a real connection. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { JsonObject } from '../contracts/json.ts';
import type { ProviderAdapter, ProviderAnswer, ProviderCall } from '../contracts/provider.ts';
import type { FaultClass } from '../core/routing/outcomes.ts';
import { createGuardedFetch } from '../net/guarded-fetch.ts';
import { adapterModules } from './registry.generated.ts';
import { createAdapterParts } from './shared/create-adapter-parts.ts';

type Answers = Readonly<Record<string, readonly [status: number, body: unknown]>>;

/** An adapter for an engine that gives each path its one answer, and the paths that were asked, in order. */
async function engine(
  name: string,
  answers: Answers,
  options: JsonObject = {},
): Promise<{ readonly adapter: ProviderAdapter; readonly asked: string[]; readonly base_url: string }> {
  const asked: string[] = [];
  const server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url}`);
    const [status, body] = answers[req.url ?? ''] ?? [404, { detail: 'Not Found' }];
    req.resume();
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const guardedFetch = createGuardedFetch();
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await guardedFetch.close();
  });
  const base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // It listens on a port.
  const parts = createAdapterParts({
    provider: 'someone',
    base_url,
    auth: {},
    guardedFetch,
    openPicture: async () => Promise.reject(new Error('there are no pictures')),
    clock: { now: () => 0 },
  });
  const module = adapterModules[name];
  if (module === undefined) throw new Error(`no adapter ${name}`);
  return { adapter: module.createAdapter({ ...parts, options }), asked, base_url };
}

/** The bytes of each picture as text; null where it is missing. */
async function run(adapter: ProviderAdapter, n = 1): Promise<{ answer: ProviderAnswer; kept: string[] }> {
  const kept: string[] = [];
  const call = {
    offer: { endpoint: '/draw', upstream_model: 'm', bills_empty: false },
    body: { prompt: 'a cat' },
    prompt: 'a cat',
    negative_prompt: null,
    n,
    images: [],
    mask: null,
    seeds: [1],
  } as unknown as ProviderCall; // Adapters read no more of it.
  const answer = await adapter.run(call, {
    signal: new AbortController().signal,
    deadline_at: 10_000,
    job_first: false,
    onPartial: null,
    onJob: async () => undefined,
    keep: async (bytes: Readable) => {
      kept.push((await buffer(bytes)).toString());
      return { sha256: String(kept.length), bytes: 1 };
    },
  });
  return { answer, kept };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const pictures = ['sheet', 'one', 'two'].map(base64);

describe('A1111 and its look-alikes', () => {
  it.each<[string, unknown]>([
    ['says where the first picture stands', JSON.stringify({ index_of_first_image: 1 })],
    ['says nothing', ''],
    ['leaves info out', undefined],
    ['gives info as an object', { index_of_first_image: 1 }],
  ])('the sheet before the pictures is left out: the engine %s', async (_, info) => {
    const { adapter } = await engine('a1111', { '/draw': [200, { images: pictures, parameters: {}, info }] });
    expect((await run(adapter, 2)).kept.sort()).toEqual(['one', 'two']);
  });

  it('a sheet does not stand in for a picture that is missing', async () => {
    const info = JSON.stringify({ index_of_first_image: 1 });
    const { adapter } = await engine('a1111', { '/draw': [200, { images: pictures.slice(0, 2), info }] });
    const { answer, kept } = await run(adapter, 2);
    expect(kept).toEqual(['one']);
    expect(answer.pictures).toHaveLength(1);
  });

  it('an empty picture in a 200 is none (koboldcpp)', async () => {
    const { adapter } = await engine('a1111', { '/draw': [200, { images: [''], parameters: {}, info: '' }] });
    await expect(run(adapter)).rejects.toMatchObject({ fault: 'empty' });
  });

  it.each<[number, unknown, FaultClass]>([
    [404, { detail: 'Sampler not found' }, 'invalid_request'],
    [404, { detail: 'Not Found' }, 'config'],
    [422, { detail: [{ loc: ['body', 'steps'], msg: 'ensure this value is less', type: 'x' }] }, 'invalid_request'],
    [500, { error: 'OutOfMemoryError', detail: '', body: '', errors: 'CUDA out of memory' }, 'unavailable'],
    [500, { error: 'RuntimeError', detail: '', body: '', errors: 'No checkpoints found.' }, 'config'],
    [503, { detail: { msg: 'Server is busy; please try again later.' } }, 'overloaded'],
  ])('%i %j is %s', async (status, body, fault) => {
    const { adapter } = await engine('a1111', { '/draw': [status, body] });
    await expect(run(adapter)).rejects.toMatchObject({ fault });
  });
});

describe('OpenAI-compatible servers', () => {
  it.each<[string, unknown]>([
    ['data with base64', { data: [{ b64_json: base64('one') }] }],
    ['images with data URLs', { images: [`data:image/png;base64,${base64('one')}`] }],
    ['images with a field of their own', { images: [{ image: base64('one') }] }],
  ])('pictures are found as %s', async (_, body) => {
    const { adapter } = await engine('openai-compatible', { '/draw': [200, body] });
    expect((await run(adapter)).kept).toEqual(['one']);
  });

  it('the prompt as it came is no revised one (SGLang)', async () => {
    const body = { data: [{ b64_json: base64('one'), revised_prompt: 'a cat', file_path: null }] };
    const { adapter } = await engine('openai-compatible', { '/draw': [200, body] });
    expect((await run(adapter)).answer.pictures[0]).not.toHaveProperty('revised_prompt');
  });

  it('a link without a host is the server’s own', async () => {
    const body = { data: [{ url: '/generated-images/1.png', revised_prompt: 'a tabby' }] };
    const { adapter, base_url } = await engine('openai-compatible', { '/draw': [200, body] });
    expect((await run(adapter)).answer.pictures).toEqual([
      { kind: 'link', url: `${base_url}/generated-images/1.png`, revised_prompt: 'a tabby' },
    ]);
  });

  it.each<[number, unknown, FaultClass, string | null]>([
    [400, { error: { code: 'content_policy_violation', message: 'Not this.' } }, 'content_policy', 'Not this.'],
    [400, { error: { message: 'size is wrong', type: 'invalid_request_error' } }, 'invalid_request', 'size is wrong'],
    [400, { detail: 'size is wrong' }, 'invalid_request', 'size is wrong'],
    [400, { error: 'size is wrong' }, 'invalid_request', 'size is wrong'],
    [422, { detail: [{ loc: ['body', 'n'], msg: 'too many' }] }, 'invalid_request', 'n: too many'],
    [429, { error: { code: 'insufficient_quota', message: 'Top up.' } }, 'account', null],
    [429, { error: { message: 'Slow down.' } }, 'rate_limited', null],
    [503, { detail: 'busy' }, 'overloaded', null],
    [500, { error: { message: 'boom' } }, 'unavailable', null],
    [200, { error: { message: 'boom' } }, 'server_error', null],
    [200, { error: { code: 'moderation_blocked', message: 'Not this.' } }, 'content_policy', 'Not this.'],
    [200, { data: [] }, 'empty', 'The provider answered without a picture.'],
  ])('%i %j is %s', async (status, body, fault, public_message) => {
    const { adapter } = await engine('openai-compatible', { '/draw': [status, body] });
    await expect(run(adapter)).rejects.toMatchObject({ fault, public_message });
  });

  it('the text of an error is read where the operator says', async () => {
    const body = { problem: { why: 'size is wrong' } };
    const options = { error_path: 'problem.why' };
    const { adapter } = await engine('openai-compatible', { '/draw': [400, body] }, options);
    await expect(run(adapter)).rejects.toMatchObject({ public_message: 'size is wrong' });
  });
});

describe('ComfyUI', () => {
  const job = { id: '0b8b8f0e-0000-4000-8000-000000000000', handle: {} };

  it('stops one run, never whatever runs', async () => {
    const { adapter, asked } = await engine('comfyui', { [`/api/jobs/${job.id}/cancel`]: [200, {}] });
    await adapter.cancel?.(job);
    expect(asked).toEqual([`POST /api/jobs/${job.id}/cancel`]);
  });

  it('an older one is only asked to take it out of the queue', async () => {
    const { adapter, asked } = await engine('comfyui', { '/queue': [200, {}] });
    await adapter.cancel?.(job);
    expect(asked).toEqual([`POST /api/jobs/${job.id}/cancel`, 'POST /queue']);
  });
});
