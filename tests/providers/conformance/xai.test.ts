import { startXaiServer } from '../servers/xai-server.ts';
import { type AdapterCase, behavioursOf, describeAdapter } from './describe-adapter.ts';

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
