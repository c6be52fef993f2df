import { describe, expect, it } from 'vitest';
import type { ProviderJob } from '../../../src/contracts/provider.ts';
import { takesKey } from '../../../src/providers/bfl.ts';
import { startBflServer } from '../servers/bfl-server.ts';
import { openAdapterWorld } from './adapter-world.ts';
import { type AdapterCase, behavioursOf, describeAdapter } from './describe-adapter.ts';

const path = '/v1/flux-2-pro';
const square = { prompt: 'a cat', width: 1024, height: 1024 };

const bfl: AdapterCase = {
  startServer: startBflServer,
  text: 'bfl/flux-2-pro',
  edit: 'bfl/flux-2-pro',
  several: null,
  unfinished: { kind: 'ok' },
  bodies: [
    {
      name: 'text to image',
      calls: [{ path, body: square, headers: { 'x-key': 'bfl-test-key', 'content-type': 'application/json' } }],
      sizes: [[1024, 1024]],
    },
    {
      name: 'an edit keeps the shape of its reference, which goes along as bare base64',
      references: 1,
      calls: [{ path, body: { prompt: 'a cat', width: 1168, height: 896, input_image: { $base64: 0 } } }],
      sizes: [[1168, 896]],
    },
    {
      name: 'several references have numbers from the second on',
      references: 3,
      raw: { size: '1024x1024' },
      calls: [
        {
          path,
          body: {
            ...square,
            input_image: { $base64: 0 },
            input_image_2: { $base64: 1 },
            input_image_3: { $base64: 2 },
          },
        },
      ],
    },
    {
      name: 'a mask is not sent where the model takes none',
      references: 1,
      masked: true,
      raw: { size: '1024x1024' },
      calls: [{ path, body: { ...square, input_image: { $base64: 0 } } }],
    },
    {
      name: 'n is that many tasks, each with its seed',
      raw: { n: 3, seed: 4_294_967_294 },
      calls: [4_294_967_294, 4_294_967_295, 0].map((seed) => ({ path, body: { ...square, seed } })),
    },
    {
      name: 'a size of its own, a format, and what only this provider knows',
      raw: { size: '1600x912', output_format: 'png', safety_tolerance: 5, disable_pup: true },
      calls: [
        {
          path,
          body: {
            prompt: 'a cat',
            width: 1600,
            height: 912,
            output_format: 'png',
            safety_tolerance: 5,
            disable_pup: true,
          },
        },
      ],
      sizes: [[1600, 912]],
    },
    {
      name: 'a size between the steps is made larger and reduced',
      raw: { size: '1000x700' },
      calls: [{ path, body: { prompt: 'a cat', width: 1008, height: 704 } }],
      sizes: [[1000, 700]],
    },
    {
      name: 'Kontext takes a shape, and its own name for prompt rewriting',
      pin: 'bfl/flux-kontext-pro',
      references: 1,
      raw: { aspect_ratio: '16:9', enhance_prompt: false, negative_prompt: 'dogs' },
      calls: [
        {
          path: '/v1/flux-kontext-pro',
          body: {
            prompt: 'a cat\n\nAvoid: dogs',
            aspect_ratio: '16:9',
            prompt_upsampling: false,
            input_image: { $base64: 0 },
          },
        },
      ],
    },
    {
      name: 'FLUX 3 takes a shape and a tier',
      pin: 'bfl/flux-3-image-klein',
      raw: { aspect_ratio: '7:3', resolution: '2K' },
      calls: [{ path: '/v1/flux-3-image-klein', body: { prompt: 'a cat', aspect_ratio: '21:9', resolution: '2k' } }],
    },
    {
      name: 'Fill paints where the mask says so',
      pin: 'bfl/flux-pro-1.0-fill',
      references: 1,
      masked: true,
      raw: { steps: 30, seed: 3 },
      calls: [
        {
          path: '/v1/flux-pro-1.0-fill',
          body: { prompt: 'a cat', seed: 3, steps: 30, image: { $base64: 0 }, mask: { $base64: 0 } },
        },
      ],
    },
  ],
};

describeAdapter('bfl', bfl, await behavioursOf(startBflServer));

it('tells what a task costs, also when it is asked for again', async () => {
  const [server, world] = await Promise.all([startBflServer(), openAdapterWorld()]);
  const adapter = world.adapterFor(server);
  const jobs: ProviderJob[] = [];
  await world.ask(adapter, server, bfl.text, { onJob: async (job) => void jobs.push(job) });
  const [job] = jobs;
  const [call] = world.calls(bfl.text).calls;
  if (job === undefined || call === undefined) throw new Error('no job');
  // Three credits of one cent.
  expect(await world.resume(adapter, job, call)).toMatchObject({ billed_micros: 30_000, request_id: job.id });
  await Promise.all([server.close(), world.close()]);
});

describe('the key', () => {
  const own = 'https://api.bfl.ai/v1';

  it.each([
    ['https://api.eu.bfl.ai/v1/get_result?id=1', own, true],
    ['https://api.us2.bfl.ai/v1/get_result?id=1', own, true],
    ['https://bfl.ai.example.com/v1/get_result', own, false],
    ['https://evilbfl.ai/v1/get_result', own, false],
    ['https://delivery.example.com/bfl.ai', own, false],
    // The key of somebody's proxy is none of theirs.
    ['https://api.eu.bfl.ai/v1/get_result?id=1', 'https://proxy.example.com/bfl', false],
  ])('is taken at %s by who sends to %s: %s', (url, base, taken) => {
    expect(takesKey(new URL(url), new URL(base))).toBe(taken);
  });
});
