/** Small pictures for tests, made on the spot: nothing binary is committed. */
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import type { PictureFormat, Pixels } from '../../src/contracts/media.ts';

/** A gradient with an edge in it, opaque unless `alpha` says otherwise. */
export function makePixels(width: number, height: number, alpha: (x: number, y: number) => number = () => 255): Pixels {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data.set([(x * 255) / width, (y * 255) / height, x > width / 2 ? 200 : 20, alpha(x, y)], (y * width + x) * 4);
    }
  }
  return { data, width, height };
}

/** A mask or plain area of one colour. */
export function plainPixels(width: number, height: number, rgba: readonly [number, number, number, number]): Pixels {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < data.length; i += 4) data.set(rgba, i);
  return { data, width, height };
}

export const asSharp = ({ data, width, height }: Pixels) => sharp(data, { raw: { width, height, channels: 4 } });

export function makeFile(format: PictureFormat, pixels: Pixels = makePixels(64, 48)): Promise<Buffer> {
  return asSharp(pixels).toFormat(format).toBuffer();
}

/** A PNG header that claims any size, followed by next to nothing: the cheapest bomb. */
export function claimPngSize(png: Buffer, width: number, height: number): Buffer {
  const claimed = Buffer.from(png);
  claimed.writeUInt32BE(width, 16);
  claimed.writeUInt32BE(height, 20);
  return claimed;
}

const manifest = Buffer.from('\0\0\0\x20jumb\0\0\0\x18jumdc2pa\0\x11\0\x10', 'latin1');

/** A C2PA manifest in name only, put where each format keeps it: enough for a file to be known by it. */
export const addC2pa: Readonly<Record<'png' | 'jpeg' | 'webp', (file: Buffer) => Buffer>> = {
  jpeg: (file) => {
    const payload = Buffer.concat([Buffer.from('JP\0\x01\0\0\0\x01', 'latin1'), manifest]);
    const head = Buffer.from([0xff, 0xeb, 0, payload.length + 2]);
    return Buffer.concat([file.subarray(0, 2), head, payload, file.subarray(2)]);
  },
  png: (file) => {
    const body = Buffer.concat([Buffer.from('caBX'), manifest]);
    const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(manifest.length);
    crc.writeUInt32BE(crc32(body));
    return Buffer.concat([file.subarray(0, 33), length, body, crc, file.subarray(33)]);
  },
  webp: (file) => {
    const head = Buffer.from('C2PA\0\0\0\0', 'latin1');
    head.writeUInt32LE(manifest.length, 4);
    const grown = Buffer.concat([file, head, manifest]);
    grown.writeUInt32LE(grown.length - 8, 4);
    return grown;
  },
};
