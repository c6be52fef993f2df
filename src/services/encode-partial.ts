import { buffer } from 'node:stream/consumers';
import type { PictureFormat, Pixels } from '../contracts/media.ts';
import type { PartialPicture } from '../contracts/services.ts';
import { convertPicture } from '../media/convert-picture.ts';

/** A state on the way, in the format of the finished picture. Small, and never stored. */
export async function encodePartial(
  pixels: Pixels,
  format: PictureFormat,
): Promise<Pick<PartialPicture, 'bytes' | 'format' | 'width' | 'height'>> {
  const { body, width, height } = await convertPicture({ pixels }, { format, label: 'algorithmicMedia' });
  const bytes =
    body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : await buffer(body);
  return { bytes, format, width, height };
}
