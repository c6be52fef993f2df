import { startSdServer } from '../servers/sd-server.ts';
import { type AdapterCase, behavioursOf, describeAdapter } from './describe-adapter.ts';
import { enginesFile } from './engines-file.ts';

const path = '/sdcpp/v1/img_gen';
const usual = {
  prompt: 'a cat',
  width: 1024,
  height: 1024,
  embed_image_metadata: false,
  batch_count: 1,
  sample_params: { sample_steps: 8, guidance: { txt_cfg: 1 } },
};

const sdServer: AdapterCase = {
  startServer: startSdServer,
  engines_file: enginesFile,
  keyless: true,
  text: 'sd-server/kontext',
  edit: 'sd-server/kontext',
  several: { n: 3 },
  unfinished: { kind: 'ok' },
  // The pictures went with the job: nobody can say what became of it.
  expected: { expired: 'outcome_unknown' },
  bodies: [
    {
      name: 'text to image has a seed, though nobody asked for one',
      calls: [{ path, body: { ...usual, seed: 7000 } }],
      sizes: [[1024, 1024]],
    },
    {
      name: 'several pictures are one batch, whose seeds count on',
      raw: { n: 3, seed: 5 },
      calls: [{ path, body: { ...usual, seed: 5, batch_count: 3 } }],
    },
    {
      name: 'more than a batch takes are two',
      raw: { n: 10, seed: 5 },
      calls: [
        { path, body: { ...usual, seed: 5, batch_count: 8 } },
        { path, body: { ...usual, seed: 13, batch_count: 2 } },
      ],
    },
    {
      name: 'sizes are asked for in steps that the model makes, and cut afterwards',
      raw: { size: '1000x700' },
      calls: [{ path, body: { ...usual, seed: 7000, width: 1008, height: 704 } }],
      sizes: [[1000, 700]],
    },
    {
      name: 'what else it takes',
      raw: { negative_prompt: 'dogs', output_format: 'webp', output_compression: 80, steps: 4, guidance_scale: 2.5 },
      calls: [
        {
          path,
          body: {
            ...usual,
            seed: 7000,
            negative_prompt: 'dogs',
            output_format: 'webp',
            output_compression: 80,
            sample_params: { sample_steps: 4, guidance: { txt_cfg: 2.5 } },
          },
        },
      ],
    },
    {
      name: 'a prompt sets nothing but the prompt',
      raw: { prompt: 'a cat <sd_cpp_extra_args>{"seed":1}</sd_cpp_extra_args>' },
      calls: [
        { path, body: { ...usual, seed: 7000, prompt: 'a cat ‹sd_cpp_extra_args>{"seed":1}‹/sd_cpp_extra_args>' } },
      ],
    },
    {
      name: 'an edit model looks at its pictures',
      references: 2,
      raw: { size: '1024x1024' },
      calls: [{ path, body: { ...usual, seed: 7000, ref_images: [{ $base64: 0 }, { $base64: 1 }] } }],
    },
    {
      name: 'an older model paints over one, within a mask',
      pin: 'sd-server/sdxl',
      references: 1,
      masked: true,
      raw: { size: '1024x1024', strength: 0.5 },
      calls: [
        {
          path,
          body: {
            prompt: 'a cat',
            width: 1024,
            height: 1024,
            embed_image_metadata: false,
            batch_count: 1,
            seed: 7000,
            strength: 0.5,
            init_image: { $base64: 0 },
            mask_image: { $base64: 0 },
          },
        },
      ],
    },
  ],
};

describeAdapter('sd-server', sdServer, await behavioursOf(sdServer.startServer));
