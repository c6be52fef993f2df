/** The answer to a request that was answered before, made from what was written down then. */
import type { PictureFormat } from '../contracts/media.ts';
import type { DeliveredPicture, GenerateHooks, GenerationResult } from '../contracts/services.ts';
import { type ErrorCode, type ErrorRow, errorTable, GessoError } from '../core/errors.ts';
import { listAttempts } from '../store/attempts.ts';
import { listMedia } from '../store/media.ts';
import type { GenerationRow, MediaRow } from '../store/tables.ts';
import { pictureUrl } from './delivered-picture.ts';
import { endedAttempt } from './get-generation.ts';
import type { ServiceParts } from './parts.ts';

export type ReplayParts = Pick<ServiceParts, 'db' | 'clock' | 'catalog' | 'publicUrl'>;

/** A client that polls with the same request comes back then. */
const STILL_RUNNING_MS = 1_000;

/**
 * Whether a repeat makes a new try: after a failure of ours or the providers' that nobody has been paid for, where SDKs
 * are told to repeat. A refusal, or a call that may have been billed, is not made twice.
 */
export function mayRunAgain({ status, error }: Pick<GenerationRow, 'status' | 'error'>): boolean {
  if (status !== 'failed') return false;
  const row: ErrorRow = errorTable[codeOf(error?.code)];
  return row.status >= 500 && row.should_retry !== false;
}

/** Tells the hooks what the first request was told. Throws its error, or `request_in_progress` while it runs. */
export async function replayGeneration(
  parts: ReplayParts,
  row: GenerationRow,
  hooks: GenerateHooks,
): Promise<GenerationResult> {
  if (row.status === 'queued' || row.status === 'running') {
    throw new GessoError(
      'request_in_progress',
      `The first request with this Idempotency-Key is still running: fetch it with GET /v1/generations/${row.id}, or send this again.`,
      { generation_id: row.id, retry_after_ms: STILL_RUNNING_MS },
    );
  }
  hooks.onReplayed?.(row.id);
  if (row.status !== 'completed') throw replayedError(row);
  const pictures = await replayedPictures(parts, row);
  hooks.onAccepted?.(row.id);
  for (const { picture, position } of pictures) hooks.onPicture?.(picture, position);
  const attempts = await listAttempts(parts.db, row.id);
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
    pictures: pictures.map(({ picture }) => picture),
  };
}

/** Rows outlive versions: a code that is gone counts as a failure of ours. */
function codeOf(code: string | undefined): ErrorCode {
  return code !== undefined && Object.hasOwn(errorTable, code) ? (code as ErrorCode) : 'internal_error';
}

function replayedError({ id, error }: GenerationRow): GessoError {
  const code = codeOf(error?.code);
  return new GessoError(code, error?.message, {
    ...(error?.param == null ? {} : { param: error.param }),
    ...(errorTable[code].status === 504 ? { generation_id: id } : {}),
  });
}

interface Replayed {
  readonly picture: DeliveredPicture;
  readonly position: number;
}

/** All of them or none: what was delivered and deleted since cannot be answered again, and is not made again unasked. */
async function replayedPictures({ db, clock, publicUrl }: ReplayParts, row: GenerationRow): Promise<Replayed[]> {
  const now = clock.now();
  const media = (await listMedia(db, row.id, 'output')).filter(
    ({ expires_at }) => expires_at === null || expires_at.getTime() > now,
  );
  if (row.payloads_dropped_at !== null || media.length < row.pictures) {
    throw new GessoError(
      'not_found',
      `The pictures of ${row.id}, the first request with this Idempotency-Key, were deleted or have expired. Use a new key to have them made again.`,
      { generation_id: row.id, param: 'Idempotency-Key' },
    );
  }
  return media.map((one) => ({
    picture: pictureOf(one, pictureUrl({ publicUrl }, one.id, one.content_type)),
    position: one.position,
  }));
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
