import type { PictureFormat } from '../contracts/media.ts';
import { findMedia } from '../store/media.ts';
import type { ServiceParts } from './parts.ts';

export interface HostedPicture {
  readonly blob_sha256: string;
  readonly bytes: number;
  readonly content_type: string;
  readonly format: PictureFormat;
  /** Milliseconds since the epoch; null = kept until deleted. */
  readonly expires_at: number | null;
}

/**
 * The id is the capability: whoever knows it may see the picture. Null when there is none, or it has expired, or it came
 * with a request: references are never hosted.
 */
export async function findHostedMedia(
  { db, clock }: Pick<ServiceParts, 'db' | 'clock'>,
  id: string,
): Promise<HostedPicture | null> {
  const media = await findMedia(db, id);
  if (media === undefined || media.role !== 'output') return null;
  const expires_at = media.expires_at?.getTime() ?? null;
  if (expires_at !== null && expires_at <= clock.now()) return null;
  const { blob_sha256, bytes, content_type, format } = media;
  return { blob_sha256, bytes, content_type, format, expires_at };
}
