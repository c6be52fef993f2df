import { expect, it } from 'vitest';
import { startStabilityServer } from '../servers/stability-server.ts';
import { openAdapterWorld } from './adapter-world.ts';
import { type AdapterCase, behavioursOf, describeAdapter, type FormRow } from './describe-adapter.ts';

const path = '/v2beta/stable-image/generate/sd3';
const headers = { accept: 'application/json', authorization: 'Bearer sk-stability-test-key' };

const form = (fields: Readonly<Record<string, string>>, ...files: readonly FormRow[]): readonly FormRow[] =>
  [...Object.entries(fields), ...files].toSorted(([a], [b]) => (a < b ? -1 : 1));
const text = { prompt: 'a cat', model: 'sd3.5-large', mode: 'text-to-image', aspect_ratio: '1:1' };
const image: FormRow = ['image', 'image.png', 'image/png', { $base64: 0 }];

const stability: AdapterCase = {
  startServer: startStabilityServer,
  text: 'stability/sd3.5-large',
  edit: 'stability/sd3.5-large-edit',
  several: null,
  unfinished: null,
  expected: {
    // Others read more languages.
    'invalid_request language': 'offer_limit',
  },
  bodies: [
    { name: 'text to image is a form too', calls: [{ path, headers, body: form(text) }], sizes: [[1024, 1024]] },
    {
      name: 'the nearest shape, a style, a format, what only this provider knows',
      raw: {
        aspect_ratio: '1.8:1',
        style: 'anime',
        output_format: 'webp',
        cfg_scale: 4.5,
        negative_prompt: 'dogs',
      },
      calls: [
        {
          path,
          body: form({
            ...text,
            aspect_ratio: '16:9',
            style_preset: 'anime',
            output_format: 'webp',
            cfg_scale: '4.5',
            negative_prompt: 'dogs',
          }),
        },
      ],
    },
    {
      name: 'n is that many calls, each with its seed',
      raw: { n: 3, seed: 4_294_967_293 },
      calls: ['4294967293', '4294967294', '1'].map((seed) => ({ path, body: form({ ...text, seed }) })),
    },
    {
      name: 'the seed 0 would mean any',
      raw: { seed: 0 },
      calls: [{ path, body: form({ ...text, seed: '4294967294' }) }],
    },
    {
      name: 'an edit: the reference is a file, and the shape is its own',
      pin: 'stability/sd3.5-large-edit',
      references: 1,
      raw: { strength: 0.4 },
      calls: [
        {
          path,
          body: form({ prompt: 'a cat', model: 'sd3.5-large', mode: 'image-to-image', strength: '0.4' }, image),
        },
      ],
    },
    {
      name: 'a mask goes to the route that paints within it',
      pin: 'stability/sd3.5-large-inpaint',
      references: 1,
      masked: true,
      raw: { grow_mask: 0, output_format: 'jpeg' },
      calls: [
        {
          path: '/v2beta/stable-image/edit/inpaint',
          body: form({ prompt: 'a cat', grow_mask: '0', output_format: 'jpeg' }, image, [
            'mask',
            'mask.png',
            'image/png',
            { $base64: 0 },
          ]),
        },
      ],
    },
  ],
};

describeAdapter('stability', stability, await behavioursOf(startStabilityServer));

it('leaves Stability alone for a minute after it locked us out', async () => {
  const [server, world] = await Promise.all([startStabilityServer(), openAdapterWorld()]);
  server.act('rate_limited');
  const asked = world.ask(world.adapterFor(server), server, stability.text);
  await expect(asked).rejects.toMatchObject({ fault: 'rate_limited', retry_after_ms: 60_000 });
  await Promise.all([server.close(), world.close()]);
});
