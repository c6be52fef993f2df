import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { addC2pa, asSharp, claimPngSize, makeFile, makePixels } from '../../tests/media/make-pictures.ts';
import { GessoError } from '../core/errors.ts';
import { probePicture } from './probe-picture.ts';

const root = mkdtempSync(join(tmpdir(), 'gesso-probe-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const half = (x: number) => (x < 10 ? 0 : 255);

describe('probePicture: what is taken', () => {
  const pixels = makePixels(64, 48);
  const seeThrough = makePixels(64, 48, half);
  const cases: [string, () => Promise<Buffer>, object][] = [
    ['PNG', () => makeFile('png', seeThrough), { format: 'png', content_type: 'image/png', has_alpha: true }],
    ['interlaced PNG', () => asSharp(pixels).png({ progressive: true }).toBuffer(), { format: 'png' }],
    ['JPEG', () => makeFile('jpeg'), { format: 'jpeg', content_type: 'image/jpeg', has_alpha: false, has_icc: false }],
    ['progressive JPEG', () => asSharp(pixels).jpeg({ progressive: true }).toBuffer(), { format: 'jpeg' }],
    ['JPEG with a profile', () => asSharp(pixels).withIccProfile('p3').jpeg().toBuffer(), { has_icc: true }],
    ['JPEG with a manifest', async () => addC2pa.jpeg(await makeFile('jpeg')), { has_c2pa: true }],
    ['PNG with a manifest', async () => addC2pa.png(await makeFile('png')), { has_c2pa: true }],
    ['WebP with a manifest', async () => addC2pa.webp(await makeFile('webp')), { has_c2pa: true }],
    ['lossy WebP', () => makeFile('webp'), { format: 'webp', content_type: 'image/webp', has_c2pa: false }],
    ['lossless WebP', () => asSharp(pixels).webp({ lossless: true }).toBuffer(), { format: 'webp' }],
    ['WebP with alpha', () => makeFile('webp', seeThrough), { format: 'webp', has_alpha: true }],
    ['GIF', () => makeFile('gif'), { format: 'gif', content_type: 'image/gif', pages: 1 }],
  ];
  it.each(cases)('%s, as bytes and as a file', async (name, make, expected) => {
    const bytes = await make();
    const path = join(root, name.replaceAll(' ', '-'));
    writeFileSync(path, bytes);
    const probed = await probePicture(bytes);
    expect(probed).toMatchObject({ width: 64, height: 48, orientation: 1, ...expected });
    expect(await probePicture({ path })).toEqual(probed);
  });

  it('measures a turned JPEG as a viewer shows it', async () => {
    const turned = await asSharp(pixels).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await probePicture(turned)).toMatchObject({ width: 48, height: 64, orientation: 6 });
  });

  it('counts the frames of an animation and takes the first', async () => {
    const frames = await Promise.all([0, 128, 255].map((red) => makeFrame(red)));
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect(await probePicture(gif)).toMatchObject({ width: 20, height: 20, pages: 3 });
  });
});

const makeFrame = (red: number) =>
  sharp({ create: { width: 20, height: 20, channels: 3, background: { r: red, g: 0, b: 0 } } })
    .png()
    .toBuffer();

describe('probePicture: what is refused, and how it is named', () => {
  const text = (value: string) => async () => Buffer.from(value, 'latin1');
  const cut = (format: 'png' | 'jpeg' | 'webp' | 'gif', share: number) => async () => {
    const whole = await makeFile(format, makePixels(256, 256));
    return whole.subarray(0, Math.floor(whole.length * share));
  };
  const cases: [string, () => Promise<Buffer>, RegExp][] = [
    ['an empty file', text(''), /an empty file/],
    ['text', text('Hello, this is not a picture.\n'), /seems to be text.*PNG, JPEG, WebP or GIF/],
    ['JSON', text('{"error":"not found"}'), /JSON/],
    ['HTML', text('<!DOCTYPE html><html></html>'), /HTML/],
    ['SVG', text('<svg xmlns="http://www.w3.org/2000/svg"><image href="http://10.0.0.1/"/></svg>'), /SVG/],
    ['SVG behind a prologue', text('<?xml version="1.0"?>\n<!-- x -->\n<svg width="1"></svg>'), /SVG/],
    ['HEIC', text('\0\0\0\x18ftypheic\0\0\0\0mif1heic'), /HEIC/],
    ['AVIF', () => makeFile('avif'), /AVIF/],
    ['MP4', text('\0\0\0\x18ftypisom\0\0\0\0'), /video/],
    [
      'TIFF',
      () =>
        sharp(makePixels(8, 8).data, { raw: { width: 8, height: 8, channels: 4 } })
          .tiff()
          .toBuffer(),
      /TIFF/,
    ],
    ['BMP', text('BM\x36\0\0\0\0\0\0\0\x36\0\0\0'), /BMP/],
    ['PDF', text('%PDF-1.7'), /PDF/],
    ['ZIP', text('PK\x03\x04rest'), /ZIP/],
    ['noise', text('\x01\x02\x03\x04\x05\x06'), /unknown data/],
    ['a PNG signature alone', text('\x89PNG\r\n\x1a\n'), /PNG file is cut short/],
    ['a JPEG marker alone', text('\xff\xd8\xff'), /JPEG file is cut short/],
    ['a GIF signature alone', text('GIF89a'), /GIF file is cut short/],
    ['a WebP signature alone', text('RIFF\x10\0\0\0WEBP'), /WEBP file is cut short/],
    ['a JPEG without a size', text('\xff\xd8\xff\xd9'), /JPEG file is cut short/],
    ['a PNG of no width', async () => claimPngSize(await makeFile('png'), 0, 48), /PNG file is cut short/],
    ['a PNG that claims more rows', async () => claimPngSize(await makeFile('png'), 64, 4000), /damaged/],
    ['half a PNG', cut('png', 0.5), /cut short or damaged/],
    ['nearly a PNG', cut('png', 0.95), /cut short or damaged/],
    ['half a JPEG', cut('jpeg', 0.5), /cut short or damaged/],
    ['nearly a JPEG', cut('jpeg', 0.95), /cut short or damaged/],
    ['half a WebP', cut('webp', 0.5), /cut short or damaged/],
    ['half a GIF', cut('gif', 0.5), /cut short or damaged/],
  ];
  it.each(cases)('%s', async (_, make, message) => {
    const refused = probePicture(await make(), { param: 'image[1]' });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_image', param: 'image[1]' });
    await expect(refused).rejects.toThrow(message);
  });

  it.each([
    [30_000, 30_000],
    [4_294_967_295, 4_294_967_295],
    [8192, 8193],
  ])('a PNG that claims %ix%i, by its header alone', async (width, height) => {
    const bomb = claimPngSize(await makeFile('png'), width, height);
    await expect(probePicture(bomb)).rejects.toThrow(`The picture is ${width}x${height}`);
  });

  it.each(['jpeg', 'webp', 'gif'] as const)('a %s above a smaller limit', async (format) => {
    const picture = await makeFile(format);
    await expect(probePicture(picture, { pixels_max: 64 * 48 - 1 })).rejects.toThrow(/64x48/);
    await expect(probePicture(picture, { pixels_max: 64 * 48 })).resolves.toBeDefined();
  });

  it('a real bomb of 30,000 x 30,000 in no time and no memory', async () => {
    const bomb = await sharp({
      create: { width: 30_000, height: 3000, channels: 3, background: 'red' },
      limitInputPixels: false,
    })
      .png()
      .toBuffer();
    const before = process.resourceUsage().maxRSS;
    await expect(probePicture(claimPngSize(bomb, 30_000, 30_000))).rejects.toThrow(/900.0 megapixels/);
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(8 * 1024);
  });
});

describe('probePicture: files damaged anywhere', () => {
  it.each(['png', 'jpeg', 'webp', 'gif'] as const)('measures a damaged %s or says invalid_image', async (format) => {
    const whole = await makeFile(format, makePixels(33, 21, half));
    const anywhere = fc.record({ at: fc.nat(whole.length - 1), value: fc.nat(255) });
    const damage = fc.record({ bytes: fc.array(anywhere, { maxLength: 4 }), keep: fc.nat(whole.length) });
    await fc.assert(
      fc.asyncProperty(damage, async ({ bytes, keep }) => {
        const damaged = Buffer.from(whole);
        for (const { at, value } of bytes) damaged[at] = value;
        const result = await probePicture(damaged.subarray(0, keep)).catch((error: unknown) => error);
        if (result instanceof GessoError) expect(result.code).toBe('invalid_image');
        else expect(result).toMatchObject({ width: expect.any(Number), height: expect.any(Number) });
      }),
      { numRuns: 100 },
    );
  });
});
