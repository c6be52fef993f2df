import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { asSharp, makeFile, makePixels } from '../../tests/media/make-pictures.ts';
import { decodeMask } from './decode-pixels.ts';
import { encodeMask } from './encode-mask.ts';

const size = { width: 16, height: 8 };
/** From left to right: change, change in part, keep. */
const alphaAt = (x: number) => (x < 5 ? 0 : x < 10 ? 64 : 255);
const seeThrough = () => makeFile('png', makePixels(16, 8, alphaAt));
const blackAndWhite = () =>
  asSharp(makePixels(16, 8, (x) => 255 - alphaAt(x)))
    .extractChannel('alpha')
    .jpeg({ quality: 100 })
    .toBuffer();

describe('encodeMask', () => {
  it.each([
    ['transparency', seeThrough],
    ['black and white', blackAndWhite],
  ])('makes white what is to change, 8-bit grey without alpha, of a mask in %s', async (_, file) => {
    const made = await encodeMask(await decodeMask(await file(), size), 'white');
    expect(await sharp(made).metadata()).toMatchObject({
      format: 'png',
      ...size,
      channels: 1,
      space: 'b-w',
      depth: 'uchar',
      hasAlpha: false,
    });
    const { data } = await sharp(made).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
    for (const [x, white] of [
      [0, 255],
      [7, 191],
      [15, 0],
    ] as const) {
      expect(Math.abs((data[3 * 16 + x] ?? -99) - white), `at ${x}`).toBeLessThanOrEqual(3);
    }
  });

  it.each([
    ['transparency', seeThrough],
    ['black and white', blackAndWhite],
  ])('makes transparent what is to change, of a mask in %s', async (_, file) => {
    const made = await encodeMask(await decodeMask(await file(), size), 'alpha');
    expect(await sharp(made).metadata()).toMatchObject({ format: 'png', ...size, hasAlpha: true });
    const { data } = await sharp(made).extractChannel('alpha').raw().toBuffer({ resolveWithObject: true });
    for (const x of [0, 7, 15]) expect(Math.abs((data[x] ?? -99) - alphaAt(x)), `at ${x}`).toBeLessThanOrEqual(3);
  });

  it('is read back as the same mask in either form', async () => {
    const mask = await decodeMask(await seeThrough(), size);
    for (const form of ['white', 'alpha'] as const) {
      const back = await decodeMask(Buffer.from(await encodeMask(mask, form)), size);
      expect(Buffer.from(back.data)).toEqual(Buffer.from(mask.data));
    }
  });
});
