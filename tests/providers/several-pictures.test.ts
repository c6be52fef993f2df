/** What only shows where a request brings or wants more than one picture; each was found by the chaos test. */
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';
import { startFalServer } from './servers/fal-server.ts';
import type { ProviderServer } from './servers/kit.ts';
import { startReplicateServer } from './servers/replicate-server.ts';

interface Answer {
  readonly data: readonly unknown[];
  readonly metadata: { readonly provider: string; readonly cost_micros: number; readonly warnings: readonly string[] };
}

let fal: ProviderServer;
let replicate: ProviderServer;
let app: TestApp;
beforeAll(async () => {
  [fal, replicate] = await Promise.all([startFalServer({ polls_until_done: 0 }), startReplicateServer()]);
  app = await startTestApp({
    FAL_KEY: fal.key,
    FAL_BASE_URL: fal.base_url,
    REPLICATE_API_TOKEN: replicate.key,
    REPLICATE_BASE_URL: replicate.base_url,
  });
});
afterAll(async () => {
  await app.close();
  await Promise.all([fal.close(), replicate.close()]);
});

function post(path: string, key: string, body: object): Promise<Response> {
  return fetch(`${app.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

it('one picture of two is delivered and charged, and nobody else is asked for both', async () => {
  fal.act({ kind: 'partial', shape: 'fewer', delivered: 1 });
  const provider = { order: ['fal', 'replicate'] };
  const response = await post('/v1/images/generations', testKeys.live, {
    model: 'seedream-4',
    prompt: 'a cat',
    n: 2,
    size: '1024x1024',
    provider,
  });
  const { data, metadata } = (await response.json()) as Answer;
  expect([response.status, data.length, metadata.provider, metadata.cost_micros]).toEqual([200, 1, 'fal', 30_000]);
  expect(metadata.warnings).toEqual([expect.stringContaining('Picture 2 of 2 is missing')]);
  expect([fal.submitted(), replicate.submitted()]).toEqual([1, 0]);
});

it('requests that bring the same pictures in different orders do not stop each other', async () => {
  const files = await Promise.all(
    ['#f00', '#0f0', '#00f', '#ff0'].map((background) =>
      sharp({ create: { width: 64, height: 64, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  const images = files.map((file) => ({ image_url: `data:image/png;base64,${file.toString('base64')}` }));
  const asked = Array.from({ length: 16 }, (_, index) =>
    post('/v1/images/edits', testKeys.test, {
      model: 'gesso/sketch',
      prompt: 'black and white',
      size: '64x64',
      images: index % 2 === 0 ? images : images.toReversed(),
    }),
  );
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 200));
});
