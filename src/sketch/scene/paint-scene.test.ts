import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { vocabulary } from '../prompt/vocabulary.ts';
import type { SceneRequest } from './paint-scene.ts';
import { paintScene } from './paint-scene.ts';

const hashOf = (request: SceneRequest): string =>
  createHash('sha256').update(paintScene(request).pixels.data).digest('hex');

const size = { width: 96, height: 96 };

describe('paintScene', () => {
  it.each([
    'A beautiful sunset over mountains',
    'a cyberpunk cat at sunset, cinematic lighting',
    'oil painting of a lighthouse in a storm',
    'a glass cube on a wooden table',
    'words that mean nothing in particular',
  ])('gives the same bytes twice, and others for another seed: %s', (prompt) => {
    const first = hashOf({ prompt, seed: 7, ...size });
    expect(hashOf({ prompt, seed: 7, ...size })).toBe(first);
    expect(hashOf({ prompt, seed: 8, ...size })).not.toBe(first);
  });

  it('paints another picture when the prompt, the negative prompt or the place in a set changes', () => {
    const seen = new Set([
      hashOf({ prompt: 'a cat by the sea', seed: 1, ...size }),
      hashOf({ prompt: 'a dog by the sea', seed: 1, ...size }),
      hashOf({ prompt: 'a cat by the sea', negative_prompt: 'cat', seed: 1, ...size }),
      hashOf({ prompt: 'a cat by the sea', seed: 1, set: { index: 0, count: 2 }, ...size }),
      hashOf({ prompt: 'a cat by the sea', seed: 1, set: { index: 1, count: 2 }, ...size }),
    ]);
    expect(seen.size).toBe(5);
  });

  it('says what it understood', () => {
    const { understood } = paintScene({ prompt: 'two red balloons over the sea at dawn, "HELLO"', seed: 1, ...size });
    expect(understood).toEqual(['light: dawn', 'place: sea', 'balloon: 2, #d8352f', 'text: HELLO']);
  });

  it('shows every layer to the hook, in order, and stays opaque', () => {
    const steps: string[] = [];
    const { pixels } = paintScene(
      { prompt: 'a boat', seed: 1, ...size },
      { onLayer: (_canvas, done, total) => steps.push(`${done}/${total}`) },
    );
    expect(steps.length).toBeGreaterThan(2);
    expect(steps.at(-1)).toBe(`${steps.length}/${steps.length}`);
    expect(pixels.data.length).toBe(96 * 96 * 4);
    for (let i = 3; i < pixels.data.length; i += 4)
      if (pixels.data[i] !== 255) throw new Error(`pixel ${i >> 2} is not opaque`);
  });

  it('is as dark at night as people expect', () => {
    const lumaOf = (prompt: string): number => {
      const { data } = paintScene({ prompt, seed: 3, ...size }).pixels;
      return data.reduce((sum, value, i) => (i % 4 === 3 ? sum : sum + value), 0) / (96 * 96 * 3);
    };
    expect(lumaOf('mountains by day')).toBeGreaterThan(lumaOf('mountains at night') + 40);
  });
});

const frames = [
  [64, 64],
  [256, 100],
  [100, 1000],
] as const;

const entries = Object.entries(vocabulary).flatMap(([group, meanings]) =>
  Object.values(meanings).map((phrases: string) => [group, phrases.split(', ')[0] ?? ''] as const),
);

describe('every word of the vocabulary', () => {
  it.each(entries)('paints %s: %s in any shape of frame', (_group, phrase) => {
    for (const [width, height] of frames) {
      const { pixels } = paintScene({ prompt: phrase, seed: 1, width, height });
      expect(new Set(new Uint32Array(pixels.data.buffer)).size).toBeGreaterThan(8);
    }
  });

  it.each([
    [1024, 64],
    [64, 1024],
  ])('composes %i x %i', (width, height) => {
    for (const prompt of [
      'three cats on a street in rain',
      'infographic about tea: 1. Boil 2. Pour 3. Drink',
      'logo "A"',
      'menu',
      'portrait of a woman',
    ]) {
      expect(paintScene({ prompt, seed: 2, width, height }).pixels.width).toBe(width);
    }
  });
});
