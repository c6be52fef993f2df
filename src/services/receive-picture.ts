/** Takes a picture that came with a request: copied into the media store, then sniffed and measured by its own bytes. */
import type { PutOptions, StagedBlob, StoredPicture } from '../contracts/media.ts';
import type { PictureSource, Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { type ProbedPicture, probePicture } from '../media/probe-picture.ts';
import { decodeDataUrl } from '../net/data-url.ts';
import { fetchPicture } from '../net/fetch-picture.ts';
import { findFile } from '../store/files.ts';
import { recordBlob } from '../store/media.ts';
import { openStored } from './open-stored.ts';
import type { ServiceParts } from './parts.ts';
import { visibleModes } from './visible-modes.ts';

type ReceiveParts = Pick<
  ServiceParts,
  'db' | 'clock' | 'media' | 'guardedFetch' | 'image_bytes_max' | 'image_pixels_max'
>;

/** How long a caller's URL may take to hand over its picture. */
const FETCH_TIMEOUT_MS = 30_000;

/** Throws invalid_image, invalid_image_url or payload_too_large, and not_found for a file, naming `param`. */
export async function receivePicture(
  parts: ReceiveParts,
  principal: Principal,
  source: PictureSource,
  param: string,
): Promise<StoredPicture> {
  if (source.kind === 'file')
    return recordPicture(parts, await findPictureFile(parts, principal, source, param), param);
  const { blob, probed } = await storeProbed(parts, source, param);
  return record(parts, blob, probed);
}

/** Looks at bytes that lie in the store already. Throws `invalid_image` and `payload_too_large`. */
export async function recordPicture(
  parts: Pick<ReceiveParts, 'db' | 'clock' | 'media' | 'image_bytes_max' | 'image_pixels_max'>,
  { sha256, bytes }: StagedBlob,
  param: string,
): Promise<StoredPicture> {
  if (bytes > parts.image_bytes_max) {
    const message = `A picture has ${parts.image_bytes_max} bytes at most, and this one has ${bytes}: send a smaller one.`;
    throw new GessoError('payload_too_large', message, { param });
  }
  const stored = await openStored(parts.media, sha256);
  const probed = await probePicture(stored, { pixels_max: parts.image_pixels_max, param });
  return record(parts, { sha256, bytes }, probed);
}

/** The file that a request names; its bytes are a picture, which was seen when it came. */
async function findPictureFile(
  { db, clock }: Pick<ReceiveParts, 'db' | 'clock'>,
  principal: Principal,
  { file_id }: Extract<PictureSource, { kind: 'file' }>,
  param: string,
): Promise<StagedBlob> {
  const { account_id } = principal;
  const filter = { account_id, modes: visibleModes(principal), now: new Date(clock.now()) };
  const file = await findFile(db, filter, file_id);
  if (file === undefined) {
    const message = `There is no file ${file_id.slice(0, 100)}, or no longer: upload the picture to /v1/files, or send it here.`;
    throw new GessoError('not_found', message, { param });
  }
  if (file.purpose === 'vision') return file;
  const message = `The file ${file.id} was uploaded with purpose "${file.purpose}": pictures are uploaded with purpose "vision".`;
  throw new GessoError('invalid_value', message, { param });
}

async function record(
  parts: Pick<ReceiveParts, 'db' | 'clock'>,
  blob: StagedBlob,
  probed: ProbedPicture,
): Promise<StoredPicture> {
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

/** Bytes that are not in the store yet. */
type FreshSource = Exclude<PictureSource, { kind: 'file' }>;

/** What is no picture is refused before its bytes have a name, so that nobody else can come to rely on them. */
async function storeProbed(
  parts: ReceiveParts,
  source: FreshSource,
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
  source: FreshSource,
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
