/** What is asked for is what is delivered: pixels, formats, seeds. */
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startTestApp();
});
afterAll(() => server.close());

async function draw(fields: object): Promise<{ readonly bytes: Buffer; readonly answer: ImagesAnswer }> {
  const response = await fetch(`${server.url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gesso/sketch', prompt: 'a lighthouse by the sea', seed: 11, ...fields }),
  });
  const answer = (await response.json()) as ImagesAnswer; // The shape is what this file asserts on.
  expect(response.status, JSON.stringify(answer)).toBe(200);
  const picture = await fetch(answer.data[0]?.url ?? '');
  return { bytes: Buffer.from(await picture.arrayBuffer()), answer };
}

interface ImagesAnswer {
  readonly data: readonly {
    readonly url: string;
    readonly width: number;
    readonly height: number;
    readonly content_type: string;
  }[];
  readonly metadata: { readonly applied: readonly { readonly param: string; readonly behaviour: string }[] };
}

const formats = ['png', 'jpeg', 'webp', 'avif', 'gif'] as const;
const sizes = ['64x64', '333x777', '1024x1024', '1280x720', '720x1280', '2048x512'] as const;
/** GIF at this size takes 20 s and AVIF some; they are in the benchmark. */
const large = [
  ['4096x4096', 'png'],
  ['4096x4096', 'jpeg'],
  ['4096x4096', 'webp'],
  ['4096x1024', 'avif'],
  ['1024x4096', 'png'],
] as const;

const table = [...sizes.flatMap((size) => formats.map((format) => [size, format] as const)), ...large];

describe('pixels asked for are pixels delivered', () => {
  test.each(table)('%s as %s', async (size, output_format) => {
    const { bytes, answer } = await draw({ size, output_format });
    const { width, height, format } = await sharp(bytes).metadata();
    expect(`${width}x${height}`).toBe(size);
    expect(format === 'heif' ? 'avif' : format).toBe(output_format);
    expect(`${answer.data[0]?.width}x${answer.data[0]?.height}`).toBe(size);
    expect(answer.data[0]?.content_type).toBe(`image/${output_format}`);
  });

  test('a strip of seedream-4 is drawn in test mode as wide as the offer makes it', async () => {
    const { bytes } = await draw({ model: 'seedream-4', aspect_ratio: '7:1' });
    const { width, height } = await sharp(bytes).metadata();
    expect(width).toBeGreaterThan(4096);
    expect(width / height).toBeCloseTo(7, 1);
  });

  test.each([
    ['640x480', 'below the least area of every offer'],
    ['512x512', 'as clients that know only small sizes ask'],
  ])('%s of seedream-4 (%s) is made larger and reduced, and told so', async (size) => {
    const { bytes, answer } = await draw({ model: 'seedream-4', size });
    const { width, height } = await sharp(bytes).metadata();
    expect(`${width}x${height}`).toBe(size);
    expect(answer.metadata.applied).toContainEqual(expect.objectContaining({ param: 'size', behaviour: 'emulated' }));
  });

  test('a size larger than any offer makes is 400 and names one that works', async () => {
    const response = await fetch(`${server.url}/v1/images/generations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'seedream-4', prompt: 'x', size: '6000x6000' }),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/4096x4096/);
  });
});

describe('seeds', () => {
  test.each(formats)(
    'the same seed gives the same bytes as %s, another seed another picture',
    async (output_format) => {
      const fields = { size: '256x256', output_format };
      const first = await draw(fields);
      const again = await draw(fields);
      const other = await draw({ ...fields, seed: 12 });
      expect(again.bytes.equals(first.bytes)).toBe(true);
      expect(other.bytes.equals(first.bytes)).toBe(false);
    },
  );

  test('n pictures differ, and each is the picture of its own seed', async () => {
    const { answer } = await draw({ size: '128x128', n: 3, seed: 40 });
    const bytes = await Promise.all(
      answer.data.map(async ({ url }) => Buffer.from(await (await fetch(url)).arrayBuffer())),
    );
    const third = await draw({ size: '128x128', seed: 42 });
    expect(new Set(bytes.map((one) => one.toString('base64'))).size).toBe(3);
    expect(bytes[2]?.equals(third.bytes)).toBe(true);
  });

  test('without a seed, two pictures differ', async () => {
    const first = await draw({ size: '128x128', seed: null });
    const second = await draw({ size: '128x128', seed: null });
    expect(first.bytes.equals(second.bytes)).toBe(false);
  });
});

test('output_compression makes a smaller file of the same pixels', async () => {
  const best = await draw({ size: '512x512', output_format: 'jpeg', output_compression: 95 });
  const small = await draw({ size: '512x512', output_format: 'jpeg', output_compression: 20 });
  expect(small.bytes.length).toBeLessThan(best.bytes.length / 2);
});

test('every picture says that it was made by a machine', async () => {
  const { bytes } = await draw({ size: '128x128' });
  expect(bytes.toString('latin1')).toContain('digitalsourcetype/algorithmicMedia');
});
