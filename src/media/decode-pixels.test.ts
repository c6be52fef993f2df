import { describe, expect, it } from 'vitest';
import { asSharp, makeFile, makePixels, plainPixels } from '../../tests/media/make-pictures.ts';
import { decodeMask, decodePixels, isOpaque } from './decode-pixels.ts';

describe('decodePixels', () => {
  it.each(['png', 'webp', 'gif'] as const)('gives RGBA of a see-through %s', async (format) => {
    const pixels = makePixels(64, 48, (x) => (x < 32 ? 0 : 255));
    const decoded = await decodePixels(await makeFile(format, pixels));
    expect(decoded).toMatchObject({ width: 64, height: 48 });
    expect(decoded.data.length).toBe(64 * 48 * 4);
    expect([decoded.data[3], decoded.data[63 * 4 + 3]]).toEqual([0, 255]);
  });

  it('gives back the very pixels of a PNG', async () => {
    const pixels = makePixels(33, 17, (x, y) => (x * y) % 256);
    expect(Buffer.from((await decodePixels(await makeFile('png', pixels))).data)).toEqual(Buffer.from(pixels.data));
  });

  it.each([
    ['grey', () => asSharp(makePixels(8, 8)).greyscale().removeAlpha().png()],
    ['16-bit', () => asSharp(makePixels(8, 8)).toColourspace('rgb16').png()],
    ['palette', () => asSharp(makePixels(8, 8)).png({ palette: true })],
    ['CMYK JPEG', () => asSharp(makePixels(8, 8)).toColourspace('cmyk').jpeg()],
  ])('gives 8-bit RGBA of a %s picture', async (_, make) => {
    const decoded = await decodePixels(await make().toBuffer());
    expect(decoded.data.length).toBe(8 * 8 * 4);
    expect(isOpaque(decoded.data)).toBe(true);
  });

  it('turns a JPEG upright', async () => {
    const turned = await asSharp(makePixels(64, 48)).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await decodePixels(turned)).toMatchObject({ width: 48, height: 64 });
  });

  it('applies an ICC profile', async () => {
    const red = plainPixels(8, 8, [255, 0, 0, 255]);
    const wide = await asSharp(red).withIccProfile('p3').png().toBuffer();
    const back = await decodePixels(wide);
    expect(back.data[0]).toBeGreaterThan(250);
    expect(back.data[1]).toBeLessThan(8);
  });

  it.each([
    ['fill', { width: 20, height: 20 }],
    ['cover', { width: 20, height: 20 }],
    ['inside', { width: 20, height: 15 }],
  ] as const)('resizes to %s', async (fit, size) => {
    const resize = { width: 20, height: 20, fit };
    expect(await decodePixels(await makeFile('png'), { resize })).toMatchObject(size);
  });

  it('opens no other format, even when nobody probed', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8"/></svg>');
    await expect(decodePixels(svg)).rejects.toMatchObject({ code: 'invalid_image' });
  });

  it('refuses damage and too many pixels', async () => {
    const png = await makeFile('png', makePixels(256, 256));
    await expect(decodePixels(png.subarray(0, png.length / 2))).rejects.toMatchObject({ code: 'invalid_image' });
    await expect(decodePixels(png, { pixels_max: 100 })).rejects.toMatchObject({ code: 'invalid_image' });
  });
});

describe('isOpaque', () => {
  it.each([0, 1, 2, 3])('sees one pixel that is not, at byte offset %i', (offset) => {
    const data = new Uint8Array(new ArrayBuffer(40 * 4 + offset), offset).fill(255);
    expect(isOpaque(data)).toBe(true);
    data[38 * 4] = 0;
    expect(isOpaque(data)).toBe(true);
    data[39 * 4 + 3] = 254;
    expect(isOpaque(data)).toBe(false);
  });
});

describe('decodeMask', () => {
  const size = { width: 4, height: 2 };
  const leftHalf = (x: number) => x < 2;
  /** Alpha of the first row. */
  const firstRow = (data: Uint8Array) => [data[3], data[7], data[11], data[15]];
  const black = (pixels: ReturnType<typeof makePixels>, white: (x: number) => boolean) => {
    for (let i = 0; i < pixels.data.length; i += 4) pixels.data.fill(white((i / 4) % 4) ? 255 : 0, i, i + 3);
    return pixels;
  };
  const seeThroughLeft = makePixels(4, 2, (x) => (leftHalf(x) ? 0 : 255));
  const whiteLeft = () => black(makePixels(4, 2), leftHalf);

  it.each([
    ['a see-through area', 'alpha', () => asSharp(seeThroughLeft).png(), [0, 0, 255, 255]],
    ['white on black without alpha', 'luminance', () => asSharp(whiteLeft()).removeAlpha().png(), [0, 0, 255, 255]],
    ['white on black with opaque alpha', 'luminance', () => asSharp(whiteLeft()).png(), [0, 0, 255, 255]],
    [
      'white on black, greyscale',
      'luminance',
      () => asSharp(whiteLeft()).greyscale().removeAlpha().png(),
      [0, 0, 255, 255],
    ],
    ['black all over', 'luminance', () => asSharp(plainPixels(4, 2, [0, 0, 0, 255])).png(), [255, 255, 255, 255]],
    ['half transparent', 'alpha', () => asSharp(plainPixels(4, 2, [0, 0, 0, 128])).png(), [128, 128, 128, 128]],
    ['mid grey', 'luminance', () => asSharp(plainPixels(4, 2, [128, 128, 128, 255])).png(), [127, 127, 127, 127]],
  ] as const)('reads %s by its %s', async (_, read_as, make, alpha) => {
    const mask = await decodeMask(await make().toBuffer(), size);
    expect(mask.read_as).toBe(read_as);
    expect(firstRow(mask.data)).toEqual(alpha);
    expect([...mask.data.slice(0, 3)]).toEqual([0, 0, 0]);
  });

  it('names both sizes of a mask that does not fit', async () => {
    const wrong = decodeMask(await makeFile('png'), { width: 100, height: 100 });
    await expect(wrong).rejects.toMatchObject({ code: 'invalid_value', param: 'mask' });
    await expect(wrong).rejects.toThrow(/64x48.*100x100/);
  });
});
