/** Takes a picture that came with a request: copied into the media store, then sniffed and measured by its own bytes. */
import type { PutOptions, StagedBlob, StoredPicture } from '../contracts/media.ts';
import type { PictureSource, Principal } from '../contracts/services.ts';
import { type ProbedPicture, probePicture } from '../media/probe-picture.ts';
import { decodeDataUrl } from '../net/data-url.ts';
import { fetchPicture } from '../net/fetch-picture.ts';
import { recordBlob } from '../store/media.ts';
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
  const { blob, probed } = await storeProbed(parts, source, param);
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

/** What is no picture is refused before its bytes have a name, so that nobody else can come to rely on them. */
async function storeProbed(
  parts: ReceiveParts,
  source: PictureSource,
  param: string,
): Promise<{ readonly blob: StagedBlob; readonly probed: ProbedPicture }> {
  const found: { probed?: ProbedPicture } = {};
  const blob = await storeSource(parts, source, param, async (bytes) => {
    found.probed = await probePicture(bytes, { pixels_max: parts.image_pixels_max, param });
  });
  if (found.probed === undefined) throw new Error('the media store took bytes without letting them be looked at');
  return { blob, probed: found.probed };
}

function storeSource(
  { media, guardedFetch, image_bytes_max: bytes_max }: ReceiveParts,
  source: PictureSource,
  param: string,
  inspect: NonNullable<PutOptions['inspect']>,
): Promise<StagedBlob> {
  switch (source.kind) {
    case 'upload':
      return media.put(source.stream, { bytes_max, inspect });
    case 'data':
      return media.put(decodeDataUrl(source.text, { bytes_max, param }).stream, { bytes_max, inspect });
    case 'url':
      return fetchPicture(guardedFetch, source.url, { bytes_max, timeout_ms: FETCH_TIMEOUT_MS, param }).then((stream) =>
        media.put(stream, { bytes_max, inspect }),
      );
  }
}
