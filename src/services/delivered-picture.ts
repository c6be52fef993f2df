import type { PictureFormat } from '../contracts/media.ts';
import type { DeliveredPicture } from '../contracts/services.ts';
import type { Admitted } from './generate.ts';
import type { ServiceParts } from './parts.ts';
import type { DeliveredOutput } from './run-calls.ts';

const extensions: Readonly<Record<PictureFormat, string>> = {
  png: 'png',
  jpeg: 'jpg',
  gif: 'gif',
  webp: 'webp',
  avif: 'avif',
};

/** The hosted form of a stored picture. */
export function deliveredPicture(
  { publicUrl }: Pick<ServiceParts, 'publicUrl'>,
  { expires_at }: Pick<Admitted, 'expires_at'>,
  { media_id, output }: DeliveredOutput,
): DeliveredPicture {
  const { blob_sha256, content_type, format, width, height, bytes, revised_prompt } = output;
  return {
    media_id,
    url: `${publicUrl()}/media/${media_id}.${extensions[format]}`,
    blob_sha256,
    content_type,
    format,
    width,
    height,
    bytes,
    expires_at: expires_at?.getTime() ?? null,
    ...(revised_prompt === undefined ? {} : { revised_prompt }),
  };
}
