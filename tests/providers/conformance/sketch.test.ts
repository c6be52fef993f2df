/** The built-in engine answers what it can be asked: it has no wire, so that nothing of the wire can go wrong. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProviderAdapter } from '../../../src/contracts/provider.ts';
import { decodeMask, decodePixels } from '../../../src/media/decode-pixels.ts';
import { createSketchAdapter } from '../../../src/providers/sketch.ts';
import { openStored } from '../../../src/services/open-stored.ts';
import { createSketchEngine } from '../../../src/sketch/engine.ts';
import { type AdapterWorld, type Ask, openAdapterWorld } from './adapter-world.ts';

const engine = createSketchEngine({ workers: 1 });
const nowhere = { base_url: 'http://127.0.0.1:1' };
let world: AdapterWorld;
let adapter: ProviderAdapter;

beforeAll(async () => {
  world = await openAdapterWorld();
  adapter = createSketchAdapter({
    engine,
    decode: async ({ blob_sha256 }) => decodePixels(await openStored(world.media, blob_sha256)),
    decodeMask: async ({ blob_sha256, width, height }) =>
      decodeMask(await openStored(world.media, blob_sha256), { width, height }),
  });
});
afterAll(async () => {
  await engine.close();
  await world.close();
});

const small = { size: '160x120' };
const ask = (asked: Ask) => world.ask(adapter, nowhere, 'gesso/sketch', asked);

describe('the sketch engine as an adapter', () => {
  it.each<readonly [string, Ask, readonly (readonly [number, number])[]]>([
    ['text to image', { raw: small }, [[160, 120]]],
    ['an edit', { raw: { ...small, prompt: 'make it night' }, references: 1 }, [[160, 120]]],
    ['several references', { raw: { ...small, prompt: 'put them side by side' }, references: 3 }, [[160, 120]]],
    ['a mask', { raw: { ...small, prompt: 'make it night' }, references: 1, masked: true }, [[160, 120]]],
    ['a size of its own', { raw: { size: '333x77' } }, [[333, 77]]],
    [
      'n pictures',
      { raw: { ...small, n: 3, seed: 7 } },
      [
        [160, 120],
        [160, 120],
        [160, 120],
      ],
    ],
  ])('%s', async (_, asked, sizes) => {
    const { outputs, missing } = await ask(asked);
    expect(outputs.map(({ width, height }) => [width, height])).toEqual(sizes);
    expect(new Set(outputs.map(({ blob_sha256 }) => blob_sha256)).size).toBe(sizes.length);
    expect(missing).toEqual([]);
  });

  it('draws the same picture twice, and another by another seed', async () => {
    const hashes = await Promise.all(
      [7, 7, 8].map(async (seed) => (await ask({ raw: { ...small, seed } })).outputs[0]?.blob_sha256),
    );
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
  });

  it('stops when the work is aborted', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(ask({ raw: small, signal: controller.signal })).rejects.toThrow();
  });
});
