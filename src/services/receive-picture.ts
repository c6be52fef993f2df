/** Takes a picture that came with a request: copied into the media store, then sniffed and measured by its own bytes. */
import type { StagedBlob, StoredPicture } from '../contracts/media.ts';
import type { PictureSource, Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { type ProbedPicture, probePicture } from '../media/probe-picture.ts';
import { decodeDataUrl } from '../net/data-url.ts';
import { fetchPicture } from '../net/fetch-picture.ts';
import { isKnownBlob, recordBlob } from '../store/media.ts';
import { openStored } from './open-stored.ts';
import type { ServiceParts } from './parts.ts';

type ReceiveParts = Pick<
  ServiceParts,
  'db' | 'clock' | 'media' | 'guardedFetch' | 'image_bytes_max' | 'image_pixels_max'
>;

/** How long a caller's URL may take to hand over its picture. */
const FETCH_TIMEOUT_MS = 30_000;

/** Throws invalid_image, invalid_image_url or payload_too_large, naming `param`. */
export async function receivePicture(
  parts: ReceiveParts,
  _principal: Principal,
  source: PictureSource,
  param: string,
): Promise<StoredPicture> {
  const blob = await storeSource(parts, source, param);
  const probed = await probeStored(parts, blob, param);
  const { format, content_type, width, height } = probed;
  await recordBlob(parts.db, {
    sha256: blob.sha256,
    bytes: blob.bytes,
    content_type,
    format,
    width,
    height,
    created_at: new Date(parts.clock.now()),
  });
  return {
    blob_sha256: blob.sha256,
    bytes: blob.bytes,
    content_type,
    format,
    width,
    height,
    has_alpha: probed.has_alpha,
  };
}

/** What is no picture is not kept, unless it is known already: the same bytes may be a hosted picture's. */
async function probeStored(
  { db, media, image_pixels_max: pixels_max }: ReceiveParts,
  { sha256 }: StagedBlob,
  param: string,
): Promise<ProbedPicture> {
  try {
    return await probePicture(await openStored(media, sha256), { pixels_max, param });
  } catch (error) {
    if (error instanceof GessoError) {
      if (!(await isKnownBlob(db, sha256))) await media.delete(sha256);
      throw error;
    }
    if (await media.has(sha256)) throw error;
    // Another request brought the same bytes at the same time, found that they are no picture, and took them away.
    throw new GessoError(
      'invalid_image',
      'The file is not a picture that can be read. Send a PNG, JPEG, WebP or GIF.',
      {
        param,
        cause: error,
      },
    );
  }
}

function storeSource(
  { media, guardedFetch, image_bytes_max: bytes_max }: ReceiveParts,
  source: PictureSource,
  param: string,
): Promise<StagedBlob> {
  switch (source.kind) {
    case 'upload':
      return media.put(source.stream, { bytes_max });
    case 'data':
      return media.put(decodeDataUrl(source.text, { bytes_max, param }).stream, { bytes_max });
    case 'url':
      return fetchPicture(guardedFetch, source.url, { bytes_max, timeout_ms: FETCH_TIMEOUT_MS, param }).then((stream) =>
        media.put(stream, { bytes_max }),
      );
  }
}
