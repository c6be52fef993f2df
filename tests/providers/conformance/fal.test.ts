import { startFalServer } from '../servers/fal-server.ts';
import { type AdapterCase, behavioursOf, describeAdapter } from './describe-adapter.ts';

const text = '/fal-ai/bytedance/seedream/v4/text-to-image';
const edit = '/fal-ai/bytedance/seedream/v4/edit';
const square = { width: 1024, height: 1024 };

const fal: AdapterCase = {
  startServer: startFalServer,
  text: 'fal/seedream-4',
  edit: 'fal/seedream-4-edit',
  several: { n: 3 },
  unfinished: { kind: 'slow', shape: 'job' },
  expected: {
    'job_lost status': 'outcome_unknown',
    'job_lost result': 'outcome_unknown',
    // Somebody stopped it at the provider: it is not begun again.
    aborted: 'outcome_unknown',
  },
  bodies: [
    {
      name: 'text to image, with what is left of the time as the time to begin',
      calls: [
        {
          path: text,
          body: { prompt: 'a cat', image_size: square, num_images: 1 },
          headers: {
            authorization: 'Key fal-test-id:fal-test-secret',
            'content-type': 'application/json',
            'x-fal-request-timeout': '600',
          },
        },
      ],
      sizes: [[1024, 1024]],
    },
    {
      name: 'an edit goes to its own endpoint, with one reference in a list',
      pin: 'fal/seedream-4-edit',
      references: 1,
      calls: [
        {
          path: edit,
          body: {
            prompt: 'a cat',
            image_size: { width: 1161, height: 903 },
            num_images: 1,
            image_urls: [{ $reference: 0 }],
          },
        },
      ],
    },
    {
      name: 'several references',
      pin: 'fal/seedream-4-edit',
      references: 3,
      raw: { size: '1024x1024' },
      calls: [
        {
          path: edit,
          body: {
            prompt: 'a cat',
            image_size: square,
            num_images: 1,
            image_urls: [{ $reference: 0 }, { $reference: 1 }, { $reference: 2 }],
          },
        },
      ],
    },
    {
      name: 'n above six is split, each part with its seed',
      raw: { n: 8, seed: 7 },
      calls: [
        { path: text, body: { prompt: 'a cat', image_size: square, num_images: 6, seed: 7 } },
        { path: text, body: { prompt: 'a cat', image_size: square, num_images: 2, seed: 13 } },
      ],
    },
    {
      name: 'a size of its own and what only fal knows',
      raw: { size: '1600x900', enable_safety_checker: true, enhance_prompt_mode: 'fast' },
      calls: [
        {
          path: text,
          body: {
            prompt: 'a cat',
            image_size: { width: 1600, height: 900 },
            num_images: 1,
            enable_safety_checker: true,
            enhance_prompt_mode: 'fast',
          },
        },
      ],
      sizes: [[1600, 900]],
    },
    {
      name: 'pictures inside the answer',
      raw: { sync_mode: true, n: 2 },
      calls: [{ path: text, body: { prompt: 'a cat', image_size: square, num_images: 2, sync_mode: true } }],
      sizes: [
        [1024, 1024],
        [1024, 1024],
      ],
    },
  ],
};

describeAdapter('fal', fal, await behavioursOf(startFalServer));
