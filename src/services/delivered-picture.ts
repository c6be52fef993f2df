import type { DeliveredPicture } from '../contracts/services.ts';
import type { Admitted } from './admitted.ts';
import type { DeliveredOutput } from './calls.ts';
import type { ServiceParts } from './parts.ts';

/** The hosted form of a stored picture. */
export function deliveredPicture(
  { publicUrl }: Pick<ServiceParts, 'publicUrl'>,
  { expires_at }: Pick<Admitted, 'expires_at'>,
  { media_id, output }: DeliveredOutput,
): DeliveredPicture {
  const { blob_sha256, content_type, format, width, height, bytes, revised_prompt } = output;
  return {
    media_id,
    url: pictureUrl({ publicUrl }, media_id, content_type),
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

/** The end of the link is for people and programs that go by it; the id alone finds the picture. */
export function pictureUrl(
  { publicUrl }: Pick<ServiceParts, 'publicUrl'>,
  media_id: string,
  content_type: string,
): string {
  const format = content_type.slice('image/'.length);
  return `${publicUrl()}/media/${media_id}.${format === 'jpeg' ? 'jpg' : format}`;
}
