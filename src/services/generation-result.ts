/** The answer to a generation, made anew from what was written down when it ended. */
import type { PictureFormat } from '../contracts/media.ts';
import type { DeliveredPicture, GenerationResult } from '../contracts/services.ts';
import type { AttemptRow, GenerationRow, MediaRow } from '../store/tables.ts';
import { pictureUrl } from './delivered-picture.ts';
import { endedAttempt } from './get-generation.ts';
import type { ServiceParts } from './parts.ts';

export type ResultParts = Pick<ServiceParts, 'clock' | 'catalog' | 'publicUrl'>;

/**
 * Of a completed one; null where pictures that it delivered were deleted or have expired. `media` are its pictures that were
 * not deleted, in order.
 */
export function generationResult(
  parts: ResultParts,
  row: GenerationRow,
  attempts: readonly AttemptRow[],
  media: readonly MediaRow[],
): GenerationResult | null {
  const now = parts.clock.now();
  const living = media.filter(({ expires_at }) => expires_at === null || expires_at.getTime() > now);
  if (row.payloads_dropped_at !== null || living.length < row.pictures) return null;
  const provider = row.provider ?? '';
  return {
    id: row.id,
    kind: row.kind,
    mode: row.mode,
    created: Math.floor(row.created_at.getTime() / 1000),
    model: row.model,
    executed_model: row.executed_model ?? row.model,
    provider,
    provider_name: parts.catalog.providers.get(provider)?.name ?? provider,
    cost_micros: row.cost_micros,
    attempts: attempts
      .toSorted((one, other) => one.started_at.getTime() - other.started_at.getTime())
      .flatMap(endedAttempt),
    applied: row.applied,
    warnings: row.warnings,
    labels: row.labels,
    pictures: living.map((one) => pictureOf(one, pictureUrl(parts, one.id, one.content_type))),
  };
}

function pictureOf(
  { id, blob_sha256, content_type, width, height, bytes, expires_at, revised_prompt }: MediaRow,
  url: string,
): DeliveredPicture {
  return {
    media_id: id,
    url,
    // Media that was not deleted has its bytes: the database sees to it.
    blob_sha256: blob_sha256 ?? '',
    content_type,
    // Stored under the content type of its format.
    format: content_type.slice('image/'.length) as PictureFormat,
    width,
    height,
    bytes,
    expires_at: expires_at?.getTime() ?? null,
    ...(revised_prompt === null ? {} : { revised_prompt }),
  };
}
