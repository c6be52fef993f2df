import { startReplicateServer } from '../servers/replicate-server.ts';
import { type AdapterCase, behavioursOf, describeAdapter } from './describe-adapter.ts';

const path = '/v1/models/bytedance/seedream-4/predictions';
const square = { prompt: 'a cat', size: '1K', aspect_ratio: '1:1' };

/** A second of `Prefer: wait` takes no longer than a test may. */
const startServer: AdapterCase['startServer'] = (options) => startReplicateServer({ ...options, second_ms: 5 });

const replicate: AdapterCase = {
  startServer,
  text: 'replicate/seedream-4',
  edit: 'replicate/seedream-4',
  several: { sequential_image_generation: 'auto', max_images: 3 },
  unfinished: { kind: 'ok', shape: 'starting' },
  expected: {
    // Stopped before it began, and free; stopped later, and charged.
    'aborted aborted': 'unavailable',
    'aborted canceled': 'outcome_unknown',
    // It was made and billed, and is gone.
    'expired data_removed': 'empty_billed',
    'invalid_request invalid_version': 'config',
  },
  bodies: [
    {
      name: 'text to image, waiting for it and ending with our own time',
      calls: [
        {
          path,
          body: { input: square },
          headers: {
            authorization: 'Bearer r8_test_key',
            'content-type': 'application/json',
            prefer: 'wait=60',
            'cancel-after': '600s',
          },
        },
      ],
      sizes: [[1024, 1024]],
    },
    {
      name: 'no longer than is left',
      deadline_ms: 20_000,
      calls: [{ path, body: { input: square }, headers: { prefer: 'wait=20', 'cancel-after': '20s' } }],
    },
    {
      name: 'an edit keeps the shape of its reference',
      references: 1,
      calls: [
        {
          path,
          body: {
            input: { prompt: 'a cat', size: 'custom', width: 1316, height: 1024, image_input: [{ $reference: 0 }] },
          },
        },
      ],
    },
    {
      name: 'several references',
      references: 2,
      raw: { aspect_ratio: '1:1' },
      calls: [{ path, body: { input: { ...square, image_input: [{ $reference: 0 }, { $reference: 1 }] } } }],
    },
    {
      name: 'n is that many predictions',
      raw: { n: 3 },
      calls: [1, 2, 3].map(() => ({ path, body: { input: square } })),
    },
    {
      name: 'a size of its own, without prompt rewriting',
      raw: { size: '1600x1200', enhance_prompt_mode: 'fast' },
      calls: [
        {
          path,
          body: { input: { prompt: 'a cat', size: 'custom', width: 1600, height: 1200, enhance_prompt: false } },
        },
      ],
      sizes: [[1600, 1200]],
    },
    {
      name: 'a set',
      raw: { sequential_image_generation: 'auto', max_images: 2 },
      calls: [{ path, body: { input: { ...square, sequential_image_generation: 'auto', max_images: 2 } } }],
    },
  ],
};

describeAdapter('replicate', replicate, await behavioursOf(startServer));
