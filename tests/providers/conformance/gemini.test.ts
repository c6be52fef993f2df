import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startGeminiServer } from '../servers/gemini-server.ts';
import type { ProviderServer } from '../servers/kit.ts';
import { type AdapterWorld, openAdapterWorld } from './adapter-world.ts';
import { type AdapterCase, behavioursOf, describeAdapter } from './describe-adapter.ts';
import { runOnce } from './run-once.ts';

const pathOf = (model: string) => `/v1beta/models/${model}:generateContent`;
const contents = (...parts: readonly ({ text: string } | ReturnType<typeof inline>)[]) => [{ role: 'user', parts }];
const text = { text: 'a cat' };
const inline = (index: number, mimeType = 'image/png') => ({ inlineData: { mimeType, data: { $base64: index } } });
const config = (imageConfig: { aspectRatio: string; imageSize?: string }, rest = {}) => ({
  responseModalities: ['IMAGE'],
  imageConfig,
  ...rest,
});
const square = { aspectRatio: '1:1', imageSize: '1K' };

const gemini: AdapterCase = {
  startServer: startGeminiServer,
  text: 'gemini/nano-banana-pro',
  edit: 'gemini/nano-banana-pro',
  several: null,
  unfinished: null,
  bodies: [
    {
      name: 'text to image',
      calls: [
        {
          path: pathOf('gemini-3-pro-image'),
          body: { contents: contents(text), generationConfig: config(square) },
          headers: { 'x-goog-api-key': 'AIza-test-key', 'content-type': 'application/json' },
        },
      ],
      sizes: [[1024, 1024]],
    },
    {
      name: 'an edit: bare base64 with its type, the reference keeps its shape',
      references: 1,
      calls: [
        {
          path: pathOf('gemini-3-pro-image'),
          body: {
            contents: contents(text, inline(0)),
            generationConfig: config({ aspectRatio: '5:4', imageSize: '1K' }),
          },
        },
      ],
    },
    {
      name: 'several references, each of its type, no mask',
      references: 3,
      masked: true,
      raw: { size: '1:1' },
      calls: [
        {
          path: pathOf('gemini-3-pro-image'),
          body: {
            contents: contents(text, inline(0), inline(1, 'image/jpeg'), inline(2)),
            generationConfig: config(square),
          },
        },
      ],
    },
    {
      name: 'n is that many calls, each with its seed',
      raw: { n: 3, seed: 2_147_483_646 },
      calls: [2_147_483_646, 2_147_483_647, 0].map((seed) => ({
        path: pathOf('gemini-3-pro-image'),
        body: { contents: contents(text), generationConfig: config(square, { seed }) },
      })),
    },
    {
      name: 'a size is made from the nearest shape and tier',
      raw: { size: '1920x1080' },
      calls: [
        {
          path: pathOf('gemini-3-pro-image'),
          body: { contents: contents(text), generationConfig: config({ aspectRatio: '16:9', imageSize: '2K' }) },
        },
      ],
      sizes: [[1920, 1080]],
    },
    {
      name: 'a model of one scale is told none',
      pin: 'gemini/nano-banana',
      raw: { resolution: '4K', aspect_ratio: '3:2' },
      calls: [
        {
          path: pathOf('gemini-2.5-flash-image'),
          body: { contents: contents(text), generationConfig: config({ aspectRatio: '3:2' }) },
        },
      ],
      sizes: [[1248, 832]],
    },
    {
      name: 'thinking, long shapes, what is to be avoided in the prompt',
      pin: 'gemini/nano-banana-2.1',
      raw: { thinking_level: 'high', aspect_ratio: '7:1', negative_prompt: 'dogs', user: 'u1' },
      calls: [
        {
          path: pathOf('gemini-nano-banana-2.1'),
          body: {
            contents: contents({ text: 'a cat\n\nAvoid: dogs' }),
            generationConfig: config(
              { aspectRatio: '8:1', imageSize: '1K' },
              { thinkingConfig: { thinkingLevel: 'high' } },
            ),
          },
        },
      ],
    },
  ],
};

describeAdapter('gemini', gemini, await behavioursOf(startGeminiServer));

const shaOf = ({ pictures }: ProviderServer) => pictures.at(-1)?.sha256;

describe('what Gemini says beside its picture', () => {
  let world: AdapterWorld;
  let server: ProviderServer;
  beforeAll(async () => {
    world = await openAdapterWorld();
  });
  afterAll(() => world.close());
  afterEach(() => server.close());

  it.each([
    ['gemini/nano-banana-pro', 'ok', 134_416],
    // 300 tokens of thinking are billed as text.
    ['gemini/nano-banana-pro', 'thoughts', 138_016],
    ['gemini/nano-banana-2.1', 'thoughts', undefined],
    ['gemini/nano-banana', 'ok', 38_703],
  ])('%s %s is billed by its tokens', async (pin, shape, billed_micros) => {
    server = await startGeminiServer();
    server.act({ kind: 'ok', shape });
    const { answer } = await runOnce(world, server, pin);
    expect(answer.billed_micros).toBe(billed_micros);
    expect(answer.request_id).toMatch(/^response-/);
    // The last picture that is no thought, and no other.
    expect(answer.pictures).toEqual([{ kind: 'kept', blob: expect.objectContaining({ sha256: shaOf(server) }) }]);
  });

  it('is shown the key in one header alone', async () => {
    server = await startGeminiServer();
    await runOnce(world, server, 'gemini/nano-banana-pro');
    const [request] = server.requests;
    expect(request?.query).toEqual({});
    expect(Object.entries(request?.headers ?? {}).filter(([, value]) => value.includes(server.key))).toEqual([
      ['x-goog-api-key', server.key],
    ]);
  });

  it.each([
    ['refused_input', 'PROHIBITED_CONTENT', { stage: 'input', public_message: 'Reason: PROHIBITED_CONTENT.' }],
    [
      'refused_output',
      'IMAGE_RECITATION',
      { stage: 'output', public_message: 'Reason: IMAGE_RECITATION. No image was generated.' },
    ],
    ['empty', 'NO_IMAGE', { fault: 'empty', public_message: 'Gemini made no picture (NO_IMAGE).' }],
    ['rate_limited', 'retry_info', { retry_after_ms: 34_400 }],
    ['rate_limited', 'without_hint', { retry_after_ms: null }],
  ] as const)('%s %s', async (kind, shape, fault) => {
    server = await startGeminiServer();
    server.act({ kind, shape });
    await expect(runOnce(world, server, 'gemini/nano-banana-pro')).rejects.toMatchObject(fault);
  });
});
