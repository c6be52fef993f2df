import { startArkServer } from '../servers/ark-server.ts';
import { type AdapterCase, behavioursOf, describeAdapter } from './describe-adapter.ts';

const path = '/api/v3/images/generations';
const base = { model: 'seedream-4-0-250828', prompt: 'a cat', watermark: false, response_format: 'url' };
const set = { sequential_image_generation: 'auto', max_images: 3 };
const setBody = {
  sequential_image_generation: 'auto',
  sequential_image_generation_options: { max_images: 3 },
  stream: true,
};

const byteplus: AdapterCase = {
  startServer: startArkServer,
  text: 'byteplus/seedream-4',
  edit: 'byteplus/seedream-4',
  several: set,
  unfinished: null,
  expected: {
    // What had come before the stream broke is billed, and ours.
    'cut before_completed': 'delivered',
  },
  asks: { 'cut before_completed': set },
  bodies: [
    {
      name: 'text to image',
      calls: [
        {
          path,
          body: { ...base, size: '1024x1024' },
          headers: { authorization: 'Bearer ark-test-key', 'content-type': 'application/json' },
        },
      ],
      sizes: [[1024, 1024]],
    },
    {
      name: 'an edit: one reference by itself',
      references: 1,
      calls: [{ path, body: { ...base, size: '1161x903', image: { $reference: 0 } } }],
    },
    {
      name: 'several references in a list',
      references: 3,
      raw: { size: '1024x1024' },
      calls: [
        {
          path,
          body: { ...base, size: '1024x1024', image: [{ $reference: 0 }, { $reference: 1 }, { $reference: 2 }] },
        },
      ],
    },
    {
      name: 'a mask is not sent',
      references: 1,
      masked: true,
      raw: { size: '1024x1024' },
      calls: [{ path, body: { ...base, size: '1024x1024', image: { $reference: 0 } } }],
    },
    {
      name: 'n is that many calls, each with its seed',
      raw: { n: 3, seed: 7 },
      calls: [7, 8, 9].map((seed) => ({ path, body: { ...base, size: '1024x1024', seed } })),
    },
    {
      name: 'a size of its own, a mark, the prompt as it stands',
      raw: { size: '1600x900', watermark: true, enhance_prompt_mode: 'fast' },
      calls: [
        { path, body: { ...base, size: '1600x900', watermark: true, optimize_prompt_options: { mode: 'fast' } } },
      ],
      sizes: [[1600, 900]],
    },
    {
      name: 'a set comes as a stream',
      raw: set,
      calls: [{ path, body: { ...base, size: '1024x1024', ...setBody } }],
      sizes: [
        [1024, 1024],
        [1024, 1024],
        [1024, 1024],
      ],
    },
  ],
};

describeAdapter('byteplus', byteplus, await behavioursOf(startArkServer));
