import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { addC2pa, asSharp, makeFile, makePixels, plainPixels } from '../../tests/media/make-pictures.ts';
import type { PictureFormat } from '../contracts/media.ts';
import { type ConvertedPicture, convertPicture } from './convert-picture.ts';
import { findLabel, labelPicture } from './label-picture.ts';

const root = mkdtempSync(join(tmpdir(), 'gesso-convert-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const formats: readonly PictureFormat[] = ['png', 'jpeg', 'gif', 'webp', 'avif'];
const label = 'trainedAlgorithmicMedia' as const;
const bytesOf = async (picture: ConvertedPicture) =>
  picture.body instanceof Readable ? buffer(picture.body) : Buffer.from(picture.body);
const rgba = (bytes: Buffer) => sharp(bytes).ensureAlpha().raw().toBuffer();

/** Reads the label back as another program would: through the decoder, or for GIF by its place in the file. */
async function labelIn(bytes: Buffer) {
  const { xmp, format } = await sharp(bytes).metadata();
  if (format === 'gif') return bytes.includes('!\xff\x0bXMP DataXMP', 0, 'latin1') ? findLabel(bytes) : null;
  return xmp ? findLabel(xmp) : null;
}

describe('convertPicture from pixels', () => {
  it.each(formats)('writes a labelled %s of the same size', async (format) => {
    const picture = await convertPicture({ pixels: makePixels(65, 47) }, { format, label });
    const bytes = await bytesOf(picture);
    expect(picture).toMatchObject({ width: 65, height: 47, content_type: `image/${format}`, how: 'encoded' });
    expect(await labelIn(bytes)).toBe(label);
    const metadata = await sharp(bytes, { failOn: 'warning' }).metadata();
    expect(metadata).toMatchObject({ format: format === 'avif' ? 'heif' : format, width: 65, height: 47 });
    expect((await rgba(bytes)).length).toBe(65 * 47 * 4);
  });

  it.each(formats)('strips a %s when no label is asked for', async (format) => {
    const bytes = await bytesOf(await convertPicture({ pixels: makePixels(64, 64) }, { format, label: null }));
    expect(await labelIn(bytes)).toBeNull();
    const { exif, icc } = await sharp(bytes).metadata();
    expect({ exif, icc }).toEqual({});
  });

  it('says algorithmicMedia of what a procedure drew', async () => {
    const spec = { format: 'png', label: 'algorithmicMedia' } as const;
    expect(await labelIn(await bytesOf(await convertPicture({ pixels: makePixels(8, 8) }, spec)))).toBe(spec.label);
  });

  it('keeps every pixel of a PNG, see-through ones too', async () => {
    const pixels = makePixels(40, 30, (x) => x * 5);
    const bytes = await bytesOf(await convertPicture({ pixels }, { format: 'png', label }));
    expect(await rgba(bytes)).toEqual(Buffer.from(pixels.data));
  });

  it('gives the same bytes for the same pixels', async () => {
    for (const format of formats) {
      const spec = { format, label } as const;
      const [a, b] = [makePixels(64, 64), makePixels(64, 64)];
      const first = await bytesOf(await convertPicture({ pixels: a }, spec));
      expect(first.equals(await bytesOf(await convertPicture({ pixels: b }, spec)))).toBe(true);
    }
  });

  it('lays a see-through picture on white for JPEG', async () => {
    const picture = await convertPicture({ pixels: plainPixels(16, 16, [0, 0, 0, 0]) }, { format: 'jpeg', label });
    expect((await rgba(await bytesOf(picture))).every((value) => value > 250)).toBe(true);
  });

  it.each(['jpeg', 'webp', 'avif'] as const)('takes compression for %s as quality, 100 best', async (format) => {
    const sizes = [];
    for (const compression of [0, 50, 100]) {
      const spec = { format, compression, label };
      sizes.push((await bytesOf(await convertPicture({ pixels: makePixels(256, 256) }, spec))).length);
    }
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    expect(new Set(sizes).size).toBe(3);
  });

  it('reduces to the exact size', async () => {
    const spec = { format: 'webp', label, reduce_to: { width: 31, height: 17 } } as const;
    const picture = await convertPicture({ pixels: makePixels(64, 36) }, spec);
    expect(picture).toMatchObject(spec.reduce_to);
    expect(await sharp(await bytesOf(picture)).metadata()).toMatchObject(spec.reduce_to);
  });
});

describe('convertPicture from files', () => {
  const sameFormat = ['png', 'jpeg', 'gif', 'webp'] as const;
  const variants: [string, PictureFormat, () => Promise<Buffer>][] = [
    ...sameFormat.map((format): [string, PictureFormat, () => Promise<Buffer>] => [
      format,
      format,
      () => makeFile(format),
    ]),
    [
      'webp with alpha',
      'webp',
      () =>
        makeFile(
          'webp',
          makePixels(64, 48, (x) => x * 3),
        ),
    ],
    [
      'lossless webp',
      'webp',
      () =>
        asSharp(makePixels(64, 48, (x) => x * 3))
          .webp({ lossless: true })
          .toBuffer(),
    ],
    ['png with a profile', 'png', () => asSharp(makePixels(64, 48)).withIccProfile('p3').png().toBuffer()],
    ['jpeg with a profile', 'jpeg', () => asSharp(makePixels(64, 48)).withIccProfile('p3').jpeg().toBuffer()],
    ['png with foreign XMP', 'png', () => asSharp(makePixels(64, 48)).withXmp('<old/>').png().toBuffer()],
    ['jpeg with foreign XMP', 'jpeg', () => asSharp(makePixels(64, 48)).withXmp('<old/>').jpeg().toBuffer()],
    ['webp with foreign XMP', 'webp', () => asSharp(makePixels(64, 48)).withXmp('<old/>').webp().toBuffer()],
  ];
  it.each(variants)('labels a %s without touching its pixels', async (name, format, make) => {
    const original = await make();
    const path = join(root, name.replaceAll(' ', '-'));
    writeFileSync(path, original);
    const picture = await convertPicture({ path }, { format, label });
    const bytes = await bytesOf(picture);
    expect(picture).toMatchObject({ width: 64, height: 48, how: 'labelled' });
    expect(await labelIn(bytes)).toBe(label);
    expect(bytes.includes('<old/>')).toBe(false);
    expect(await rgba(bytes)).toEqual(await rgba(original));
    expect((await sharp(bytes).metadata()).icc).toEqual((await sharp(original).metadata()).icc);
    expect(await bytesOf(await convertPicture(original, { format, label }))).toEqual(bytes);
  });

  it('labels once, however often', async () => {
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const once = await buffer(await labelPicture(await makeFile(format), 'algorithmicMedia'));
      const twice = await buffer(await labelPicture(once, label));
      expect(await labelIn(twice)).toBe(label);
      expect(twice.includes('/algorithmicMedia')).toBe(false);
    }
  });

  it.each(sameFormat.flatMap((from) => formats.filter((to) => to !== from).map((to) => [from, to] as const)))(
    'converts %s to %s',
    async (from, to) => {
      const picture = await convertPicture(await makeFile(from), { format: to, label });
      const bytes = await bytesOf(picture);
      expect(picture).toMatchObject({ width: 64, height: 48, content_type: `image/${to}`, how: 'encoded' });
      expect(await labelIn(bytes)).toBe(label);
    },
  );

  it.each(['png', 'jpeg', 'webp'] as const)('passes a %s with C2PA on byte for byte', async (format) => {
    const original = addC2pa[format](await makeFile(format));
    const path = join(root, `c2pa.${format}`);
    writeFileSync(path, original);
    for (const source of [original, { path }]) {
      const picture = await convertPicture(source, { format, label });
      expect(picture.how).toBe('passed');
      expect((await bytesOf(picture)).equals(original)).toBe(true);
    }
    for (const spec of [
      { format, label: null },
      { format: 'gif', label },
      { format, label, reduce_to: { width: 32, height: 24 } },
    ] as const) {
      expect((await convertPicture(original, spec)).how).toBe('encoded');
    }
  });

  it('keeps the profile, applies the orientation and drops the rest when it encodes', async () => {
    const exif = { IFD0: { Copyright: 'someone' } };
    const camera = asSharp(makePixels(64, 48)).withIccProfile('p3').withExif(exif);
    const original = await camera.withMetadata({ orientation: 6 }).withIccProfile('p3').jpeg().toBuffer();
    const picture = await convertPicture(original, { format: 'jpeg', label });
    const metadata = await sharp(await bytesOf(picture)).metadata();
    expect(picture).toMatchObject({ width: 48, height: 64, how: 'encoded' });
    expect(metadata.icc).toEqual((await sharp(original).metadata()).icc);
    expect(metadata.exif).toBeUndefined();
    expect(metadata.orientation).toBeUndefined();
  });

  it('strips a file of the same format when no label is asked for, of its profile too', async () => {
    const marked = asSharp(makePixels(64, 48))
      .withExif({ IFD0: { Copyright: 'x' } })
      .withXmp('<old/>');
    const original = await marked.withIccProfile('p3').png().toBuffer();
    const { body } = await convertPicture(original, { format: 'png', label: null });
    const { exif, xmp, icc } = await sharp(body instanceof Readable ? await buffer(body) : body).metadata();
    expect({ exif, xmp, icc }).toEqual({});
  });

  it('says invalid_image of a file that does not decode', async () => {
    const png = await makeFile('png', makePixels(256, 256));
    const half = png.subarray(0, png.length / 2);
    await expect(convertPicture(half, { format: 'jpeg', label })).rejects.toMatchObject({ code: 'invalid_image' });
  });
});
