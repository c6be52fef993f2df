/** What is particular to one provider's protocol: jobs, streams, refusals, links and what they forget. */
import sharp from 'sharp';
import { afterEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/contracts/json.ts';
import { startA1111Server } from './a1111-server.ts';
import { startArkServer } from './ark-server.ts';
import { type Answer, type Ask, ask, stringsIn } from './ask.ts';
import { startBflServer } from './bfl-server.ts';
import { startComfyuiServer } from './comfyui-server.ts';
import { startFalServer } from './fal-server.ts';
import { startGeminiServer } from './gemini-server.ts';
import type { ProviderServer } from './kit.ts';
import { startOpenaiServer } from './openai-server.ts';
import { startReplicateServer } from './replicate-server.ts';
import { graph, samples } from './samples.ts';
import { startSdServer } from './sd-server.ts';
import { startStabilityServer } from './stability-server.ts';
import { startXaiServer } from './xai-server.ts';

const open: ProviderServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function opened(starting: Promise<ProviderServer>) {
  const server = await starting;
  open.push(server);
  const auth = samples[server.provider]?.auth(server.key) ?? {};
  return { server, send: (call: Ask) => ask(server, { ...call, headers: { ...auth, ...call.headers } }) };
}

/** A clock that a test moves. */
function movable() {
  const clock = { at: 1_760_000_000_000, now: () => clock.at };
  return clock;
}

const hour_ms = 3_600_000;
const string = (answer: Answer, name: string): string => String(answer.json[name]);
const eventsOf = (answer: Answer): JsonObject[] =>
  answer.bytes
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)));
const firstLink = (answer: Answer): string => stringsIn(answer.json).find((one) => one.includes('/files/')) ?? '';

describe('links', () => {
  const xai: Ask = { path: '/images/generations', json: { model: 'grok-imagine-image', prompt: 'a fox' } };

  test.each([
    ['dead_link', undefined, 404, ''],
    ['dead_link', 'empty', 200, ''],
    ['expired', undefined, 403, 'Request has expired'],
    ['redirect_private', undefined, 302, ''],
    ['not_an_image', 'page', 200, 'not a picture'],
    ['not_an_image', 'text_as_picture', 200, 'not a picture'],
    ['cut', 'link', 0, ''],
  ] as const)('%s %s', async (kind, shape, status, text) => {
    const { server, send } = await opened(startXaiServer());
    server.act({ kind, ...(shape && { shape }) });
    const answer = await ask(server, { path: firstLink(await send(xai)) });
    expect(answer.status).toBe(status);
    expect(answer.bytes.toString()).toContain(text);
    if (kind === 'redirect_private') expect(answer.headers.get('location')).toMatch(/^http:\/\/169\.254\.169\.254\//);
    expect(server.pictures).toHaveLength(0);
  });

  test('ask for no key, and lead elsewhere when told to', async () => {
    const { server, send } = await opened(startXaiServer());
    const picture = await ask(server, { path: firstLink(await send(xai)) });
    expect(picture.headers.get('content-type')).toBe('image/jpeg');
    expect(server.requests.map(({ role }) => role)).toEqual(['submit', 'link']);
    const other = await opened(startXaiServer({ output_base_url: 'http://127.0.0.1:1' }));
    expect(firstLink(await other.send(xai))).toMatch(/^http:\/\/127\.0\.0\.1:1\/files\//);
  });
});

describe('byteplus', () => {
  const call = (rest: JsonObject = {}): Ask => ({
    path: '/images/generations',
    json: { model: 'seedream-4-0-250828', prompt: 'a fox', size: '1152x864', ...rest },
  });
  const set = { sequential_image_generation: 'auto', sequential_image_generation_options: { max_images: 3 } };

  test('answers with sizes and usage, and a link that lives for 24 hours', async () => {
    const clock = movable();
    const { server, send } = await opened(startArkServer({ now: clock.now }));
    const answer = await send(call());
    expect(answer.json).toMatchObject({
      model: 'seedream-4-0-250828',
      created: 1_760_000_000,
      data: [{ size: '1152x864' }],
      usage: { generated_images: 1, output_tokens: 3888, total_tokens: 3888 },
    });
    clock.at += 24 * hour_ms - 1;
    expect((await ask(server, { path: firstLink(answer) })).status).toBe(200);
    clock.at += 1;
    expect((await ask(server, { path: firstLink(answer) })).status).toBe(403);
  });

  test('puts a refusal into the set, or at the top of a 200', async () => {
    const { server, send } = await opened(startArkServer());
    server.act(
      { kind: 'partial', shape: 'refused_element' },
      { kind: 'refused_output', shape: 'in_200' },
      'refused_input',
    );
    const code = 'OutputImageSensitiveContentDetected';
    const partial = await send(call({ ...set, response_format: 'b64_json' }));
    expect(partial.json).toMatchObject({
      data: [{ size: '1152x864' }, {}, { error: { code } }],
      usage: { generated_images: 2 },
    });
    const refused = await send(call());
    expect([refused.status, refused.json]).toMatchObject([200, { data: [], error: { code } }]);
    const status = await send(call());
    expect([status.status, status.json]).toMatchObject([400, { error: { code: 'InputTextSensitiveContentDetected' } }]);
    expect([server.submitted(), server.mayBeBilled(), server.pictures.length]).toEqual([3, 2, 2]);
  });

  test('streams a set, skips what failed, and can break off before the end', async () => {
    const { server, send } = await opened(startArkServer());
    server.act({ kind: 'partial', delivered: 1 }, { kind: 'cut', shape: 'before_completed' });
    const answer = await send(call({ ...set, stream: true }));
    expect(eventsOf(answer)).toMatchObject([
      { type: 'image_generation.partial_succeeded', image_index: 0, size: '1152x864' },
      { type: 'image_generation.partial_failed', image_index: 1, error: {} },
      { type: 'image_generation.partial_failed', image_index: 2, error: {} },
      { type: 'image_generation.completed', usage: { generated_images: 1 } },
    ]);
    expect(answer.bytes.toString()).toMatch(
      /^event: image_generation\.partial_succeeded\ndata: .*data: \[DONE\]\n\n$/s,
    );
    expect((await send(call({ stream: true }))).status).toBe(0);
    server.act({ kind: 'error_in_200', shape: 'stream_error' });
    expect(eventsOf(await send(call({ stream: true })))).toMatchObject([
      { type: 'error', error: { code: 'InternalServiceError' } },
    ]);
  });
});

describe('fal', () => {
  const submit: Ask = {
    path: '/fal-ai/bytedance/seedream/v4/edit',
    json: { prompt: 'a fox', image_urls: ['https://a.example/1.png'] },
  };

  test('queues, runs and completes at the addresses that it returns', async () => {
    const { server, send } = await opened(startFalServer());
    const first = await send({ ...submit, path: `${submit.path}?fal_webhook=https://a.example/hook` });
    expect(first.json).toMatchObject({ status: 'IN_QUEUE', queue_position: 0 });
    const [status_url, response_url] = [string(first, 'status_url'), string(first, 'response_url')];
    expect(new URL(status_url).pathname).toBe(`/fal-ai/bytedance/requests/${string(first, 'request_id')}/status`);
    expect((await send({ path: response_url })).status).toBe(400);
    const states: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      const { status, json } = await send({ path: status_url });
      states.push([status, json.status]);
    }
    expect(states).toEqual([
      [202, 'IN_QUEUE'],
      [202, 'IN_PROGRESS'],
      [200, 'COMPLETED'],
    ]);
    const result = await send({ path: response_url });
    expect(result.json).toMatchObject({ images: [{ width: 2048, height: 2048, content_type: 'image/jpeg' }] });
    expect(result.headers.get('x-fal-billable-units')).toBe('1');
    // Asked again, the same result: nothing is made twice.
    expect((await send({ path: response_url })).json).toEqual(result.json);
    expect(server.pictures).toHaveLength(1);
    const rebuilt = `/fal-ai/bytedance/seedream/v4/edit/requests/${string(first, 'request_id')}`;
    expect((await send({ path: rebuilt })).status).toBe(404);
  });

  test('fails in the result or in the status, though COMPLETED', async () => {
    const { server, send } = await opened(startFalServer({ polls_until_done: 0 }));
    server.act('refused_input', { kind: 'unavailable', shape: 'runner_disconnected' }, 'account');
    const refused = await send(submit);
    expect((await send({ path: string(refused, 'status_url') })).json).toMatchObject({ status: 'COMPLETED' });
    const result = await send({ path: string(refused, 'response_url') });
    expect([result.status, result.json]).toMatchObject([422, { detail: [{ type: 'content_policy_violation' }] }]);
    const broken = await send(submit);
    const status = await send({ path: string(broken, 'status_url') });
    expect(status.json).toMatchObject({ status: 'COMPLETED', error_type: 'runner_disconnected' });
    const locked = await send(submit);
    expect([locked.status, locked.json]).toMatchObject([403, { detail: expect.stringContaining('Exhausted balance') }]);
  });

  test('cancels what waits, and only signals to what runs', async () => {
    const { send } = await opened(startFalServer());
    const cancel = (first: Answer) => send({ path: string(first, 'cancel_url'), method: 'PUT' });
    const waiting = await send(submit);
    expect((await cancel(waiting)).json).toEqual({ status: 'OK' });
    expect((await send({ path: string(waiting, 'response_url') })).status).toBe(499);
    const running = await send(submit);
    for (let i = 0; i < 2; i++) await send({ path: string(running, 'status_url') });
    expect((await cancel(running)).json).toEqual({ status: 'CANCELLATION_REQUESTED' });
    await send({ path: string(running, 'status_url') });
    expect((await cancel(running)).status).toBe(400);
    expect((await send({ path: string(running, 'response_url') })).status).toBe(200);
  });

  test('uses the last ten references, scales small edits up and passes over what it does not know', async () => {
    const { server, send } = await opened(startFalServer({ polls_until_done: 0 }));
    const image_urls = Array.from({ length: 12 }, (_, i) => `https://a.example/${i}.png`);
    const json = { prompt: 'a fox', image_urls, image_size: { width: 640, height: 480 }, watermark: false };
    const first = await send({ ...submit, json });
    expect(server.requests[0]?.ignored).toEqual(['watermark', 'image_urls[0]', 'image_urls[1]']);
    await send({ path: string(first, 'status_url') });
    expect((await send({ path: string(first, 'response_url') })).json).toMatchObject({
      images: [{ width: 1109, height: 832 }],
    });
  });
});

describe('replicate', () => {
  const create = (headers = {}, input = {}): Ask => ({
    path: '/models/bytedance/seedream-4/predictions',
    json: { input: { prompt: 'a fox', aspect_ratio: '16:9', ...input } },
    headers,
  });

  test('waits when asked to, and not for longer', async () => {
    const { server, send } = await opened(startReplicateServer({ second_ms: 10 }));
    server.act('ok', { kind: 'slow', ms: 60_000 });
    const done = await send(create({ prefer: 'wait' }));
    expect([done.status, done.json]).toMatchObject([
      201,
      { status: 'succeeded', output: [expect.stringContaining('/files/')] },
    ]);
    const late = await send(create({ prefer: 'wait=2' }));
    expect([late.status, late.json]).toMatchObject([202, { status: 'processing', output: null, data_removed: false }]);
  });

  test('starts, runs and succeeds without a wait', async () => {
    const { send } = await opened(startReplicateServer());
    const first = await send(create());
    expect(first.json).toMatchObject({ status: 'starting', output: null, error: null });
    const get = stringsIn(first.json.urls).find((one) => one.endsWith(string(first, 'id'))) ?? '';
    const states = [];
    for (let i = 0; i < 3; i++) states.push((await send({ path: get })).json.status);
    expect(states).toEqual(['starting', 'processing', 'succeeded']);
  });

  test('ends by its deadline: free before the start, charged after', async () => {
    const clock = movable();
    const { send } = await opened(startReplicateServer({ now: clock.now }));
    const waiting = await send(create({ 'cancel-after': '1m30s' }));
    expect(waiting.json.deadline).toBe(new Date(clock.at + 90_000).toISOString());
    const running = await send(create({ 'cancel-after': '90' }));
    for (let i = 0; i < 2; i++) await send({ path: `/predictions/${string(running, 'id')}` });
    clock.at += 90_000;
    expect((await send({ path: `/predictions/${string(waiting, 'id')}` })).json.status).toBe('aborted');
    expect((await send({ path: `/predictions/${string(running, 'id')}` })).json.status).toBe('canceled');
  });

  test('forgets its outputs after an hour', async () => {
    const clock = movable();
    const { server, send } = await opened(startReplicateServer({ now: clock.now }));
    const done = await send(create({ prefer: 'wait' }));
    clock.at += hour_ms;
    const gone = await send({ path: `/predictions/${string(done, 'id')}` });
    expect(gone.json).toMatchObject({ status: 'succeeded', output: null, input: {}, data_removed: true });
    expect((await ask(server, { path: firstLink(done) })).status).toBe(403);
  });

  test('fails with its own code, with the words of ModelArk, or for want of credit', async () => {
    const { server, send } = await opened(startReplicateServer());
    server.act('refused_output', { kind: 'refused_output', shape: 'ark_json' }, 'account', 'rate_limited');
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await send(create({ prefer: 'wait' })));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 402, 429]);
    expect(answers[0]?.json).toMatchObject({
      status: 'failed',
      output: null,
      error: expect.stringContaining('(E005)'),
    });
    expect(JSON.parse(String(answers[1]?.json.error))).toMatchObject({
      error: { code: 'OutputImageSensitiveContentDetected' },
    });
    expect(answers[3]?.json).toMatchObject({ retry_after: 10, status: 429 });
    expect(answers[3]?.headers.get('retry-after')).toBe('10');
  });

  test('keeps uploaded files', async () => {
    const { send } = await opened(startReplicateServer());
    const file = await send({ path: '/files', form: [['content', Buffer.from('a picture')]] });
    expect([file.status, file.json]).toMatchObject([201, { size: 9, content_type: 'image/png' }]);
    expect((await send({ path: `/files/${string(file, 'id')}` })).json).toEqual(file.json);
  });

  test('cancels', async () => {
    const { send } = await opened(startReplicateServer());
    const first = await send(create());
    const cancelled = await send({ path: `/predictions/${string(first, 'id')}/cancel`, method: 'POST' });
    expect(cancelled.json.status).toBe('canceled');
  });
});

describe('bfl', () => {
  const submit: Ask = { path: '/v1/flux-2-pro', json: { prompt: 'a fox', width: 640, height: 480 } };

  test('is polled where it says, with the key; its link lives for ten minutes', async () => {
    const clock = movable();
    const { server, send } = await opened(startBflServer({ now: clock.now }));
    const first = await send(submit);
    expect(first.json).toMatchObject({ cost: 3, output_mp: 0.31 });
    const path = string(first, 'polling_url');
    expect((await ask(server, { path })).status).toBe(401);
    const states = [];
    for (let i = 0; i < 3; i++) states.push((await send({ path })).json.status);
    expect(states).toEqual(['Pending', 'Pending', 'Ready']);
    const ready = await send({ path });
    clock.at += 600_000;
    expect((await ask(server, { path: firstLink(ready) })).status).toBe(403);
  });

  test('refuses in two stages, loses tasks, and takes 24 at once', async () => {
    const { server, send } = await opened(startBflServer({ polls_until_done: 0 }));
    server.act('refused_input', 'refused_output', 'job_lost');
    const words = [];
    for (let i = 0; i < 3; i++) {
      const path = string(await send(submit), 'polling_url');
      words.push((await send({ path })).json.status);
    }
    expect(words).toEqual(['Request Moderated', 'Content Moderated', 'Task not found']);
    const statuses = await Promise.all(Array.from({ length: 25 }, async () => (await send(submit)).status));
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
  });
});

describe('openai', () => {
  test('streams partial pictures and the last one', async () => {
    const { server, send } = await opened(startOpenaiServer());
    const json = { model: 'gpt-image-2', prompt: 'a fox', size: '1024x1024', stream: true, partial_images: 2 };
    const events = eventsOf(await send({ path: '/images/generations', json }));
    expect(events.map(({ type }) => type)).toEqual([
      'image_generation.partial_image',
      'image_generation.partial_image',
      'image_generation.completed',
    ]);
    expect(events[2]).toMatchObject({ size: '1024x1024', output_format: 'png', usage: { input_tokens: 20 } });
    expect(server.pictures).toHaveLength(1);
  });

  test('tells a spent quota from a rate limit, and a refusal by its stage', async () => {
    const { server, send } = await opened(startOpenaiServer());
    server.act('account', 'rate_limited', 'refused_output');
    const json = { model: 'gpt-image-2', prompt: 'a fox' };
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await send({ path: '/images/generations', json }));
    expect(answers.map(({ status, json }) => [status, json.error])).toMatchObject([
      [429, { code: 'insufficient_quota' }],
      [429, { code: 'rate_limit_exceeded' }],
      [
        400,
        {
          code: 'moderation_blocked',
          type: 'image_generation_user_error',
          moderation_details: { moderation_stage: 'output' },
        },
      ],
    ]);
    expect(answers[1]?.headers.get('retry-after')).toBe('12');
  });
});

describe('gemini', () => {
  const call: Ask = {
    path: '/v1beta/models/gemini-2.5-flash-image:generateContent',
    json: { contents: [{ parts: [{ text: 'a fox' }] }] },
  };

  test('thinks in pictures before it answers, and refuses with 200', async () => {
    const { server, send } = await opened(startGeminiServer());
    server.act({ kind: 'ok', shape: 'thoughts' }, 'refused_input', 'refused_output', 'rate_limited');
    expect((await send(call)).json).toMatchObject({
      candidates: [
        {
          content: {
            parts: [
              { thought: true },
              { thought: true, inlineData: {} },
              { text: 'A first version.' },
              { inlineData: {} },
              { text: 'Here you are.' },
              { inlineData: {} },
              { thought: true, inlineData: {} },
            ],
          },
          finishReason: 'STOP',
        },
      ],
      usageMetadata: { candidatesTokenCount: 1290 },
    });
    expect(server.pictures).toMatchObject([{ width: 1024, height: 1024, url: null }]);
    expect((await send(call)).json).toMatchObject({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } });
    expect((await send(call)).json).toMatchObject({ candidates: [{ finishReason: 'IMAGE_SAFETY' }] });
    const limited = await send(call);
    expect([limited.status, stringsIn(limited.json)]).toMatchObject([429, expect.arrayContaining(['34.4s'])]);
  });
});

describe('xai', () => {
  test('passes over a picture sent to generations, and bills', async () => {
    const { server, send } = await opened(startXaiServer());
    const json = { model: 'grok-imagine-image', prompt: 'a fox', n: 2, image: { url: 'https://a.example/1.png' } };
    expect((await send({ path: '/images/generations', json })).json).toMatchObject({
      usage: { cost_in_usd_ticks: 400_000_000 },
    });
    expect(server.requests[0]?.ignored).toEqual(['image']);
    server.act('refused_output', { kind: 'refused_input', shape: 'text' });
    expect((await send({ path: '/images/generations', json })).json).toMatchObject({
      data: [{ respect_moderation: false }, { respect_moderation: false }],
      usage: { cost_in_usd_ticks: 400_000_000 },
    });
    const refused = await send({ path: '/images/generations', json });
    expect([refused.status, refused.json]).toEqual([400, { error: 'Generated image rejected by content moderation.' }]);
  });
});

describe('stability', () => {
  test('answers with bytes or JSON, as asked, and marks what it filtered', async () => {
    const { server, send } = await opened(startStabilityServer());
    const call: Ask = {
      path: '/v2beta/stable-image/generate/sd3',
      form: [
        ['prompt', 'a fox'],
        ['seed', '7'],
        ['output_format', 'jpeg'],
      ],
    };
    const bytes = await send({ ...call, headers: { accept: 'image/*' } });
    expect([bytes.headers.get('finish-reason'), bytes.headers.get('seed')]).toEqual(['SUCCESS', '7']);
    expect((await sharp(bytes.bytes).metadata()).format).toBe('jpeg');
    server.act({ kind: 'refused_output', shape: 'CONTENT_FILTERED' }, 'refused_input');
    expect((await send(call)).json).toMatchObject({ finish_reason: 'CONTENT_FILTERED', image: expect.any(String) });
    expect(server.pictures).toHaveLength(1);
    const refused = await send(call);
    expect([refused.status, refused.json.name]).toEqual([403, 'content_moderation']);
  });
});

describe('local engines', () => {
  test('sd-server cancels only what waits, and forgets', async () => {
    const clock = movable();
    const { send } = await opened(startSdServer({ now: clock.now }));
    const submit: Ask = { path: '/sdcpp/v1/img_gen', json: { prompt: 'a fox', batch_count: 2 } };
    const waiting = await send(submit);
    expect([waiting.status, waiting.json.status]).toEqual([202, 'queued']);
    const path = string(waiting, 'poll_url');
    expect((await send({ path: `${path}/cancel`, method: 'POST' })).status).toBe(200);
    const running = string(await send(submit), 'poll_url');
    for (let i = 0; i < 2; i++) await send({ path: running });
    expect((await send({ path: `${running}/cancel`, method: 'POST' })).status).toBe(409);
    expect((await send({ path: running })).json).toMatchObject({
      status: 'completed',
      result: { images: [{ index: 0 }, { index: 1 }] },
    });
    clock.at += 600_001;
    expect((await send({ path: running })).status).toBe(410);
  });

  test('ComfyUI makes nothing for a graph that it has run before', async () => {
    const { send } = await opened(startComfyuiServer({ polls_until_done: 0 }));
    const prompt = graph();
    const outputs = [];
    for (let i = 0; i < 2; i++) {
      const id = `00000000-0000-4000-8000-00000000000${i}`;
      expect(string(await send({ path: '/prompt', json: { prompt, prompt_id: id } }), 'prompt_id')).toBe(id);
      outputs.push((await send({ path: `/history/${id}` })).json[id]);
    }
    expect(outputs).toMatchObject([
      { outputs: { '9': { images: [{ type: 'output' }] } } },
      { outputs: {}, status: { completed: true } },
    ]);
  });

  test('AUTOMATIC1111 puts a grid first unless it is turned off', async () => {
    const { server, send } = await opened(startA1111Server({ basic: true }));
    const call = (rest: JsonObject): Ask => ({
      path: '/sdapi/v1/txt2img',
      json: { prompt: 'a fox', n_iter: 2, seed: 5, ...rest },
    });
    const answer = await send(call({}));
    expect(answer.json.images).toHaveLength(3);
    expect(JSON.parse(string(answer, 'info'))).toMatchObject({ seed: 5, all_seeds: [5, 6] });
    expect((await send(call({ override_settings: { return_grid: false } }))).json.images).toHaveLength(2);
    expect(server.pictures).toHaveLength(4);
  });
});
