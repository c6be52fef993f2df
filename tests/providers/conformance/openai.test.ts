import { startOpenaiServer } from '../servers/openai-server.ts';
import { type AdapterCase, behavioursOf, describeAdapter } from './describe-adapter.ts';

const path = '/v1/images/generations';
const base = { model: 'gpt-image-2', prompt: 'a cat', n: 1, size: '1024x1024', quality: 'medium' };
const followed = { stream: true, partial_images: 1 };

const openai: AdapterCase = {
  startServer: startOpenaiServer,
  text: 'openai/gpt-image-2',
  edit: 'openai/gpt-image-2-edit',
  several: { n: 3 },
  unfinished: null,
  asks: { 'cut before_completed': followed },
  bodies: [
    {
      name: 'text to image',
      calls: [
        {
          path,
          body: base,
          headers: { authorization: 'Bearer sk-test-key', 'content-type': 'application/json' },
        },
      ],
      sizes: [[1024, 1024]],
    },
    {
      name: 'n in one call, a size of its own, what only this provider knows',
      raw: { n: 3, size: '1920x1072', quality: 'hd', user: 'u1', moderation: 'low', background: 'opaque' },
      calls: [
        {
          path,
          body: {
            ...base,
            n: 3,
            size: '1920x1072',
            quality: 'high',
            safety_identifier: 'u1',
            moderation: 'low',
            background: 'opaque',
          },
        },
      ],
      sizes: [
        [1920, 1072],
        [1920, 1072],
        [1920, 1072],
      ],
    },
    {
      name: 'a format and how small; no seed, no style',
      pin: 'openai/gpt-image-2.6-flare',
      raw: {
        output_format: 'webp',
        output_compression: 60,
        seed: 7,
        style: 'vivid',
        quality: 'max',
        complexity: 'low',
      },
      calls: [
        {
          path,
          body: {
            ...base,
            model: 'gpt-image-2.6-flare',
            output_format: 'webp',
            output_compression: 60,
            quality: 'max',
            complexity: 'low',
          },
        },
      ],
    },
    {
      name: 'a size that is no multiple of 16 is made larger and reduced',
      raw: { size: '1000x800' },
      calls: [{ path, body: { ...base, size: '1008x800' } }],
      sizes: [[1000, 800]],
    },
    {
      name: 'rough states of a lone picture come as a stream',
      raw: followed,
      calls: [{ path, body: { ...base, ...followed } }],
      sizes: [[1024, 1024]],
    },
  ],
};

describeAdapter('openai', openai, await behavioursOf(startOpenaiServer));
