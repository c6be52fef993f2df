import { afterAll, describe, expect, test } from 'vitest';
import type { SketchRequest, SketchResult } from '../contracts/engine.ts';
import type { Pixels } from '../contracts/media.ts';
import { drawSketch } from './draw-sketch.ts';
import { changedShare, editOf, landscape, statisticsOf } from './edit/test-pictures.ts';
import { createSketchEngine } from './engine.ts';

const engine = createSketchEngine({ workers: 2 });
afterAll(() => engine.close());

const scene = (more: Partial<SketchRequest> = {}): SketchRequest => ({
  prompt: 'A beautiful sunset over mountains',
  seed: 1,
  width: 128,
  height: 96,
  images: [],
  marked: false,
  ...more,
});

const empty = new Uint8Array(0);

/** Bytes are compared as such: printing how two pictures differ would take minutes. */
function expectSame(a: SketchResult, b: SketchResult): void {
  expect(Buffer.compare(a.pixels.data, b.pixels.data)).toBe(0);
  expect([a.pixels.width, a.pixels.height, a.understood]).toEqual([b.pixels.width, b.pixels.height, b.understood]);
}

describe('the sketch engine', () => {
  test('draws what the painter draws on this thread, to the byte', async () => {
    for (const request of [scene(), editOf('make it night', [landscape()])]) {
      const result = await engine.draw(request);
      expectSame(
        result,
        drawSketch(request, 0, () => {}),
      );
      // The pixels own their memory: they were handed over, not cut from a message.
      expect(result.pixels.data.buffer.byteLength).toBe(result.pixels.data.length);
    }
  });

  test('draws several at a time, each its own', async () => {
    const seeds = [1, 2, 3, 1];
    const results = await Promise.all(seeds.map((seed) => engine.draw(scene({ seed }))));
    const [first, second, , again] = results.map(({ pixels }) => pixels.data);
    expect(Buffer.compare(first ?? empty, again ?? empty)).toBe(0);
    expect(Buffer.compare(first ?? empty, second ?? empty)).not.toBe(0);
  });

  test('the references of the caller stay whole, also when they are a view of something larger', async () => {
    const image = landscape();
    const larger = new Uint8Array(image.data.length + 100);
    larger.set(image.data, 50);
    const view: Pixels = { ...image, data: larger.subarray(50, 50 + image.data.length) };
    const whole = await engine.draw(editOf('sepia', [image]));
    expectSame(await engine.draw(editOf('sepia', [view])), whole);
    expect(image).toEqual(landscape());
  });

  test.each([0, 1, 2, 3])('sends %i rough pictures before the result', async (partials) => {
    const rough: { readonly pixels: Pixels; readonly index: number }[] = [];
    const options = { partials, onPartial: (pixels: Pixels, index: number) => void rough.push({ pixels, index }) };
    for (const request of [scene({ width: 640, height: 640 }), editOf('night', [landscape()])]) {
      rough.length = 0;
      await engine.draw(request, options);
      expect(rough.map(({ index }) => index)).toEqual([0, 1, 2].slice(0, partials));
      for (const { pixels } of rough) {
        expect(pixels.data.length).toBe(pixels.width * pixels.height * 4);
        expect(Math.max(pixels.width, pixels.height)).toBeLessThanOrEqual(512);
      }
    }
  });

  test('an aborted drawing rejects with the reason, and the engine draws on', async () => {
    const abort = new AbortController();
    const drawing = engine.draw(scene({ width: 3000, height: 3000 }), { signal: abort.signal });
    abort.abort(new Error('no longer wanted'));
    await expect(drawing).rejects.toThrow('no longer wanted');
    expect((await engine.draw(scene())).pixels.width).toBe(128);
  });

  test.each<[string, Partial<SketchRequest>]>([
    ['width', { width: 63 }],
    ['width', { width: 100.5 }],
    ['height', { height: 16_385 }],
    ['size', { width: 4097, height: 4096 }],
    ['height', { height: Number.NaN }],
    ['seed', { seed: -1 }],
    ['images[0]', { images: [{ data: new Uint8Array(3), width: 1, height: 1 }] }],
    ['mask', { images: [landscape()], mask: { data: new Uint8Array(0), width: 0, height: 0 } }],
  ])('refuses a wrong %s', async (param, more) => {
    await expect(engine.draw(scene(more))).rejects.toMatchObject({ name: 'GessoError', param });
  });

  test.each([64, 192, 1024])('marks test pictures of %i px in the lower left only', async (side) => {
    const request = scene({ width: side, height: side });
    const bare = drawSketch(request, 0, () => {}).pixels;
    const marked = drawSketch({ ...request, marked: true }, 0, () => {}).pixels;
    const share = changedShare(bare, marked);
    expect(share).toBeGreaterThan(0.001);
    expect(share).toBeLessThan(0.14);
    const right = { left: 0.65, top: 0, right: 1, bottom: 1 };
    expect(statisticsOf(marked, right)).toEqual(statisticsOf(bare, right));
    const upper = { left: 0, top: 0, right: 1, bottom: 0.65 };
    expect(statisticsOf(marked, upper)).toEqual(statisticsOf(bare, upper));
  });
});
