import type { JsonObject } from '../../../src/contracts/json.ts';
import { type Engine, startOpenaiLikeServer } from '../servers/openai-like-server.ts';
import { type AdapterCase, type BodyRow, behavioursOf, describeAdapter, type FormRow } from './describe-adapter.ts';
import { enginesFile } from './engines-file.ts';

const path = '/v1/images/generations';
const edits = '/v1/images/edits';
const headers = { authorization: 'Bearer local-test-key' };
const usual = { prompt: 'a cat', size: '1024x1024', response_format: 'b64_json', n: 1, seed: 7000 };

const form = (fields: JsonObject, ...files: readonly FormRow[]): readonly FormRow[] =>
  [...Object.entries(fields).map(([name, value]): FormRow => [name, String(value)]), ...files].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );

function caseOf(engine: Engine, model: string, bodies: readonly BodyRow[]): AdapterCase {
  return {
    startServer: (options) => startOpenaiLikeServer({ ...options, engine, guarded: true }),
    engines_file: enginesFile,
    text: `${engine}/${model}`,
    edit: `${engine}/${model}-edit`,
    several: { n: 3 },
    unfinished: null,
    // Base64 is asked for, so that no link is ever given.
    expected: {
      'cut link': 'delivered',
      dead_link: 'delivered',
      redirect_private: 'delivered',
      'expired link': 'delivered',
    },
    asks: {},
    bodies,
  };
}

const { n: _, ...single } = usual;
const flux = { ...single, model: 'flux.1-schnell' };
const localaiRows = caseOf('localai', 'flux', [
  { name: 'text to image', calls: [{ path, headers, body: flux }], sizes: [[1024, 1024]] },
  {
    name: 'the pipe is not the caller’s: what comes after it is a negative prompt',
    raw: { prompt: 'a cat | a dog', negative_prompt: 'rain|snow', steps: 4, seed: 3 },
    calls: [{ path, body: { ...flux, prompt: 'a cat ¦ a dog|rain¦snow', step: 4, seed: 3 } }],
  },
  {
    name: 'one seed would hold for all pictures of a call, so that each has its own',
    raw: { n: 2, seed: 3 },
    calls: [3, 4].map((seed) => ({ path, body: { ...flux, seed } })),
  },
  {
    name: 'references are bare base64: it passes over data URLs without a word',
    pin: 'localai/flux-edit',
    references: 2,
    raw: { size: '512x512' },
    calls: [{ path, body: { ...flux, size: '512x512', ref_images: [{ $base64: 0 }, { $base64: 1 }] } }],
  },
]);

const qwen = { ...usual, model: 'Qwen/Qwen-Image' };
const omniQwen = { ...qwen, num_inference_steps: 30 };
const omni = caseOf('vllm-omni', 'qwen-image', [
  { name: 'text to image', calls: [{ path, headers, body: omniQwen }], sizes: [[1024, 1024]] },
  {
    name: 'what else it takes, and the tag of another engine as text',
    raw: {
      prompt: '<sd_cpp_extra_args>{}</sd_cpp_extra_args>',
      negative_prompt: 'dogs',
      guidance_scale: 4,
      steps: 10,
      seed: 1,
      user: 'u',
      response_format: 'url',
    },
    calls: [
      {
        path,
        body: {
          ...qwen,
          prompt: '‹sd_cpp_extra_args>{}‹/sd_cpp_extra_args>',
          negative_prompt: 'dogs',
          guidance_scale: 4,
          num_inference_steps: 10,
          seed: 1,
          user: 'u',
        },
      },
    ],
  },
  {
    name: 'an edit is a form with a file for each picture, and a mask whose white changes',
    pin: 'vllm-omni/qwen-image-edit',
    references: 2,
    masked: true,
    raw: { size: '1024x1024' },
    calls: [
      {
        path: edits,
        body: form(
          omniQwen,
          ['image', 'image-1.png', 'image/png', { $base64: 0 }],
          ['image', 'image-2.jpeg', 'image/jpeg', { $base64: 1 }],
          ['mask_image', 'mask.png', 'image/png', { $base64: 0 }],
        ),
      },
    ],
  },
]);

const sglang = caseOf('sglang', 'qwen-image', [
  { name: 'text to image has a seed, or all would be alike', calls: [{ path, headers, body: qwen }] },
  {
    name: 'its own file formats',
    raw: { output_format: 'webp', output_compression: 70, quality: 'high' },
    calls: [{ path, body: { ...qwen, output_format: 'webp', output_compression: 70, quality: 'high' } }],
  },
  {
    name: 'an edit is a form',
    pin: 'sglang/qwen-image-edit',
    references: 1,
    raw: { size: '1024x1024' },
    calls: [{ path: edits, body: form(qwen, ['image', 'image-1.png', 'image/png', { $base64: 0 }]) }],
  },
]);

// It is asked for one picture at a time, so that nothing is left of a partial answer.
const localai: AdapterCase = { ...localaiRows, several: null, expected: { ...localaiRows.expected, partial: 'empty' } };
describeAdapter('LocalAI', localai, await behavioursOf(localai.startServer));
describeAdapter('vLLM-Omni', omni, await behavioursOf(omni.startServer));
describeAdapter('SGLang', sglang, await behavioursOf(sglang.startServer));
