import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ProviderServer } from '../servers/kit.ts';
import { startXaiServer } from '../servers/xai-server.ts';
import { type AdapterWorld, openAdapterWorld } from './adapter-world.ts';
import { type AdapterCase, behavioursOf, describeAdapter } from './describe-adapter.ts';
import { runOnce } from './run-once.ts';

const generations = '/v1/images/generations';
const edits = '/v1/images/edits';
const base = { model: 'grok-imagine-image', prompt: 'a cat', response_format: 'url' };
const square = { resolution: '1k', aspect_ratio: '1:1' };
const reference = (index: number) => ({ type: 'image_url', url: { $reference: index } });

const xai: AdapterCase = {
  startServer: startXaiServer,
  text: 'xai/grok-imagine-image',
  edit: 'xai/grok-imagine-image-edit',
  several: { n: 3 },
  unfinished: null,
  bodies: [
    {
      name: 'text to image',
      calls: [
        {
          path: generations,
          body: { ...base, ...square, n: 1 },
          headers: { authorization: 'Bearer xai-test-key', 'content-type': 'application/json' },
        },
      ],
      sizes: [[1024, 1024]],
    },
    {
      name: 'an edit by its own route, one picture a call',
      pin: 'xai/grok-imagine-image-edit',
      references: 1,
      raw: { aspect_ratio: '4:3', n: 2 },
      calls: [1, 2].map(() => ({
        path: edits,
        body: { ...base, resolution: '1k', aspect_ratio: '4:3', images: [reference(0)] },
      })),
    },
    {
      name: 'several references, no mask',
      pin: 'xai/grok-imagine-image-quality-edit',
      references: 3,
      masked: true,
      raw: { size: '1:1' },
      calls: [
        {
          path: edits,
          body: {
            ...base,
            ...square,
            model: 'grok-imagine-image-quality',
            images: [reference(0), reference(1), reference(2)],
          },
        },
      ],
    },
    {
      name: 'n in one call; who asks is told, seed, quality and size are not',
      raw: { n: 3, user: 'u1', seed: 7, quality: 'high', size: '2048x1024' },
      calls: [{ path: generations, body: { ...base, n: 3, user: 'u1', resolution: '2k', aspect_ratio: '2:1' } }],
    },
    {
      name: 'the nearest shape, what is to be avoided in the prompt',
      raw: { aspect_ratio: '21:9', resolution: '4K', negative_prompt: 'dogs' },
      calls: [
        {
          path: generations,
          body: { ...base, n: 1, prompt: 'a cat\n\nAvoid: dogs', resolution: '2k', aspect_ratio: '20:9' },
        },
      ],
    },
  ],
};

describeAdapter('xai', xai, await behavioursOf(startXaiServer));

describe('what xAI says beside its pictures', () => {
  let world: AdapterWorld;
  let server: ProviderServer;
  beforeAll(async () => {
    world = await openAdapterWorld();
  });
  afterAll(() => world.close());
  afterEach(() => server.close());

  it('tells what it bills in ticks, and which request it was', async () => {
    server = await startXaiServer();
    const { answer } = await runOnce(world, server, 'xai/grok-imagine-image', { raw: { n: 3 } });
    expect(answer).toMatchObject({ billed_micros: 60_000, request_id: expect.stringMatching(/^x-/) });
    expect(answer.pictures.map(({ kind }) => kind)).toEqual(['link', 'link', 'link']);
  });

  it('marks the pictures that were refused among others', async () => {
    server = await startXaiServer();
    server.act({ kind: 'partial', shape: 'moderated', delivered: 1 });
    const { answer } = await runOnce(world, server, 'xai/grok-imagine-image', { raw: { n: 3 } });
    const refused = { kind: 'missing', refused: true };
    expect(answer.pictures).toMatchObject([{ kind: 'link' }, refused, refused]);
  });

  const withheld = "xAI's moderation withheld this picture.";
  it.each([
    ['refused_input', 'object', { stage: 'input', public_message: 'Generated image rejected by content moderation.' }],
    ['refused_output', 'respect_moderation', { stage: 'output', public_message: withheld }],
    ['refused_output', 'empty_data', { stage: 'output', public_message: withheld }],
    ['rate_limited', 'retry_after', { retry_after_ms: 1000 }],
    ['rate_limited', '429', { retry_after_ms: null }],
  ] as const)('%s %s', async (kind, shape, fault) => {
    server = await startXaiServer();
    server.act({ kind, shape });
    await expect(runOnce(world, server, 'xai/grok-imagine-image')).rejects.toMatchObject(fault);
  });
});
