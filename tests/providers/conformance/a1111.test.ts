import type { JsonObject } from '../../../src/contracts/json.ts';
import { startA1111Server } from '../servers/a1111-server.ts';
import { type AdapterCase, behavioursOf, describeAdapter } from './describe-adapter.ts';
import { enginesFile } from './engines-file.ts';

const path = '/sdapi/v1/txt2img';
const usual = {
  prompt: 'a cat',
  width: 1024,
  height: 1024,
  n_iter: 1,
  seed: 7000,
  steps: 25,
  override_settings: { sd_model_checkpoint: 'sd_xl_base_1.0', return_grid: false },
};
const override_settings = { return_grid: false };
const without = (body: JsonObject, name: string): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([key]) => key !== name));
const headers = { authorization: `Basic ${Buffer.from('user:password').toString('base64')}` };

const a1111: AdapterCase = {
  startServer: (options) => startA1111Server({ ...options, basic: true }),
  engines_file: enginesFile,
  text: 'a1111/sdxl',
  edit: 'a1111/sdxl-edit',
  several: { n: 3 },
  unfinished: null,
  bodies: [
    {
      name: 'text to image names its checkpoint, its steps and a seed',
      calls: [{ path, headers, body: usual }],
      sizes: [[1024, 1024]],
    },
    {
      name: 'several pictures come one after another, without a sheet of them all',
      raw: { n: 3, seed: 9 },
      calls: [{ path, body: { ...usual, seed: 9, n_iter: 3 } }],
      sizes: [
        [1024, 1024],
        [1024, 1024],
        [1024, 1024],
      ],
    },
    {
      name: 'without a checkpoint of its own, what is loaded draws; fields of the operator go along',
      pin: 'a1111/loaded',
      raw: { negative_prompt: 'dogs', guidance_scale: 5 },
      calls: [
        {
          path,
          body: {
            ...usual,
            steps: 4,
            cfg_scale: 5,
            negative_prompt: 'dogs',
            sampler_name: 'Euler a',
            override_settings,
          },
        },
      ],
    },
    {
      name: 'what reads no n_iter is asked for a batch',
      pin: 'look-alike/batch',
      raw: { n: 2, seed: 3 },
      calls: [{ path, body: { ...without(usual, 'n_iter'), override_settings, seed: 3, batch_size: 2 } }],
    },
    {
      name: 'what makes one picture at a time is called for each',
      pin: 'kobold/one',
      raw: { n: 2, seed: 3 },
      calls: [3, 4].map((seed) => ({ path, body: { ...without(usual, 'n_iter'), override_settings, seed } })),
    },
    {
      name: 'an edit paints over its picture, within a mask whose white changes',
      pin: 'a1111/sdxl-edit',
      references: 1,
      masked: true,
      raw: { size: '1024x1024', strength: 0.4 },
      calls: [
        {
          path: '/sdapi/v1/img2img',
          body: { ...usual, denoising_strength: 0.4, init_images: [{ $base64: 0 }], mask: { $base64: 0 } },
        },
      ],
    },
  ],
};

describeAdapter('a1111', a1111, await behavioursOf(a1111.startServer));
