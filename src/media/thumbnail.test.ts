import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFile, makePixels } from '../../tests/media/make-pictures.ts';
import { findLabel, labelPicture } from './label-picture.ts';
import { createThumbnailer, snapThumbnailWidth } from './thumbnail.ts';

const root = mkdtempSync(join(tmpdir(), 'gesso-thumbnail-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const newDirectory = () => mkdtempSync(join(root, 'cache-'));
const name = (digit: string) => digit.repeat(64);

describe('snapThumbnailWidth', () => {
  it.each([
    ['1', 64],
    ['64', 64],
    ['65', 128],
    ['1000', 1024],
    ['2048', 2048],
    ['99999', 2048],
  ])('%s gives %i', (text, width) => expect(snapThumbnailWidth(text)).toBe(width));

  it.each(['', '0', '-5', '1.5', 'abc', '1e3', '100000', '٣'])('refuses %j', (text) => {
    expect(() => snapThumbnailWidth(text)).toThrow(/whole number of pixels/);
  });
});

describe('createThumbnailer', () => {
  it('makes a thumbnail once for fifty at a time, and never again', async () => {
    const directory = newDirectory();
    const picture = await makeFile('png', makePixels(400, 200));
    let opened = 0;
    const open = async () => {
      opened += 1;
      return picture;
    };
    const thumbnailer = createThumbnailer({ directory, bytes_max: 1e6 });
    const request = { sha256: name('a'), width: 128, open };
    const all = await Promise.all(Array.from({ length: 50 }, () => thumbnailer.thumbnail(request)));
    const later = await createThumbnailer({ directory, bytes_max: 1e6 }).thumbnail(request);
    expect(opened).toBe(1);
    expect(new Set([...all, later].map(({ bytes }) => Buffer.from(bytes).toString('base64'))).size).toBe(1);
    expect(later).toMatchObject({ content_type: 'image/webp', tag: `${name('a')}-w128` });
    expect(await sharp(later.bytes).metadata()).toMatchObject({ format: 'webp', width: 128, height: 64 });
  });

  it('never enlarges', async () => {
    const thumbnailer = createThumbnailer({ directory: newDirectory(), bytes_max: 1e6 });
    const open = () => makeFile('png');
    const { bytes } = await thumbnailer.thumbnail({ sha256: name('b'), width: 512, open });
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 64, height: 48 });
  });

  it('narrows a standing strip until WebP can hold it', async () => {
    const thumbnailer = createThumbnailer({ directory: newDirectory(), bytes_max: 1e6 });
    const open = () => makeFile('png', makePixels(64, 16_384));
    const { bytes } = await thumbnailer.thumbnail({ sha256: name('e'), width: 64, open });
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', height: 16_383 });
  });

  it.each(['png', 'jpeg', 'gif', 'webp'] as const)('hands on the label of a %s', async (format) => {
    const thumbnailer = createThumbnailer({ directory: newDirectory(), bytes_max: 1e6 });
    const labelled = await buffer(await labelPicture(await makeFile(format), 'algorithmicMedia'));
    const made = await thumbnailer.thumbnail({ sha256: name('c'), width: 64, open: async () => labelled });
    const { xmp } = await sharp(made.bytes).metadata();
    expect(xmp && findLabel(xmp)).toBe('algorithmicMedia');
    const bare = await thumbnailer.thumbnail({ sha256: name('d'), width: 64, open: () => makeFile(format) });
    expect((await sharp(bare.bytes).metadata()).xmp).toBeUndefined();
  });

  it('makes room by dropping the least recently used', async () => {
    const directory = newDirectory();
    const open = () => makeFile('png', makePixels(300, 300));
    const probe = createThumbnailer({ directory: newDirectory(), bytes_max: 1e6 });
    const size = (await probe.thumbnail({ sha256: name('0'), width: 256, open })).bytes.length;
    const thumbnailer = createThumbnailer({ directory, bytes_max: size * 2.5 });
    for (const digit of ['0', '1', '0', '2']) await thumbnailer.thumbnail({ sha256: name(digit), width: 256, open });
    expect(readdirSync(directory).sort()).toEqual([`${name('0')}-w256.webp`, `${name('2')}-w256.webp`]);
    await thumbnailer.forget(name('0'));
    expect(readdirSync(directory)).toEqual([`${name('2')}-w256.webp`]);
  });

  it('starts over a half-written file, fails for a broken picture, and can try again', async () => {
    const directory = newDirectory();
    writeFileSync(join(directory, 'x.webp.partial'), 'half');
    const thumbnailer = createThumbnailer({ directory, bytes_max: 1e6 });
    const broken = { sha256: name('e'), width: 64, open: async () => Buffer.from('nothing') };
    await expect(thumbnailer.thumbnail(broken)).rejects.toMatchObject({ code: 'invalid_image' });
    await thumbnailer.thumbnail({ ...broken, open: () => makeFile('png') });
    expect(readdirSync(directory)).toEqual([`${name('e')}-w64.webp`]);
  });
});
