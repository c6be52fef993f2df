import { buffer } from 'node:stream/consumers';
import type { PictureFormat, Pixels, StagedBlob } from '../contracts/media.ts';
import type { PartialPicture } from '../contracts/services.ts';
import { convertPicture } from '../media/convert-picture.ts';
import { probePicture } from '../media/probe-picture.ts';
import { recordBlob } from '../store/media.ts';
import { openStored } from './open-stored.ts';
import type { ServiceParts } from './parts.ts';

type PartialParts = Pick<ServiceParts, 'db' | 'clock' | 'media' | 'image_pixels_max'>;

/** A state on the way, in the format of the finished picture. Small; what a provider sent of it is tidied away later. */
export async function encodePartial(
  parts: PartialParts,
  state: Pixels | StagedBlob,
  format: PictureFormat,
): Promise<Pick<PartialPicture, 'bytes' | 'format' | 'width' | 'height'>> {
  const { body, width, height } =
    'data' in state
      ? await convertPicture({ pixels: state }, { format, label: 'algorithmicMedia' })
      : await convertPicture(await openState(parts, state), { format, label: 'trainedAlgorithmicMedia' });
  const bytes =
    body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : await buffer(body);
  return { bytes, format, width, height };
}

/** Recorded without an owner, so that the chore that removes unreferenced bytes finds it. Throws `invalid_image`. */
async function openState(
  { db, clock, media, image_pixels_max }: PartialParts,
  { sha256, bytes }: StagedBlob,
): ReturnType<typeof openStored> {
  const source = await openStored(media, sha256);
  const { content_type, format, width, height } = await probePicture(source, { pixels_max: image_pixels_max });
  await recordBlob(db, { sha256, bytes, content_type, format, width, height, created_at: new Date(clock.now()) });
  return source;
}
