/** Small pictures for tests, made on the spot: nothing binary is committed. */
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

/** A C2PA manifest in name only: enough for a file to be known by it. */
export function addC2pa(jpeg: Buffer): Buffer {
  const payload = Buffer.from('JP\0\x01\0\0\0\x01\0\0\0\x20jumb\0\0\0\x18jumdc2pa\0\x11\0\x10', 'latin1');
  const head = Buffer.from([0xff, 0xeb, 0, payload.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, payload, jpeg.subarray(2)]);
}
