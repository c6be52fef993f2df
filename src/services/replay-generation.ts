/** The answer to a request that was answered before, made from what was written down then. */
import type { GenerateHooks, GenerationResult } from '../contracts/services.ts';
import { type ErrorCode, type ErrorRow, errorTable, GessoError } from '../core/errors.ts';
import { type FaultClass, mayHaveBilled, outcomes } from '../core/routing/outcomes.ts';
import { listAttempts } from '../store/attempts.ts';
import { listMedia } from '../store/media.ts';
import type { AttemptRow, GenerationRow } from '../store/tables.ts';
import { generationResult } from './generation-result.ts';
import type { Replay } from './once-per-key.ts';
import type { ServiceParts } from './parts.ts';

export type ReplayParts = Pick<ServiceParts, 'db' | 'clock' | 'catalog' | 'publicUrl'>;

/** A client that polls with the same request comes back then. */
const STILL_RUNNING_MS = 1_000;

/**
 * Whether a repeat makes a new try: after a failure of ours or the providers' that nobody has been paid for, where SDKs
 * are told to repeat. A refusal, or a call that may have been billed, is not made twice.
 */
async function mayRunAgain({ db }: ReplayParts, row: GenerationRow): Promise<boolean> {
  return isRepeated(row) && !(await listAttempts(db, row.id)).some(mayBeBilled);
}

/** Also one that delivered, or of which nobody knows, where the generation failed all the same. */
function mayBeBilled({ outcome, error_class, price_micros }: AttemptRow): boolean {
  if (error_class === null) return price_micros > 0;
  return outcome === 'failed' && Object.hasOwn(outcomes, error_class) && mayHaveBilled([error_class as FaultClass]); // looked up
}

function isRepeated({ status, error }: Pick<GenerationRow, 'status' | 'error'>): boolean {
  if (status !== 'failed') return false;
  const row: ErrorRow = errorTable[codeOf(error?.code)];
  return row.status >= 500 && row.should_retry !== false;
}

/** How a synchronous call that is repeated is answered. */
export function replayOf(parts: ReplayParts, hooks: GenerateHooks): Replay<GenerationResult> {
  return {
    mayRunAgain: (before) => mayRunAgain(parts, before),
    answer: (before) => replayGeneration(parts, before, hooks),
  };
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
  const [attempts, media] = await Promise.all([listAttempts(parts.db, row.id), listMedia(parts.db, row.id, 'output')]);
  const result = generationResult(parts, row, attempts, media);
  // What was delivered and deleted since cannot be answered again, and is not made again unasked.
  if (result === null) {
    throw new GessoError(
      'not_found',
      `The pictures of ${row.id}, the first request with this Idempotency-Key, were deleted or have expired. Use a new key to have them made again.`,
      { generation_id: row.id, param: 'Idempotency-Key' },
    );
  }
  hooks.onAccepted?.(row.id);
  // Each at the place that it had among those asked for: some may never have come.
  for (const [index, picture] of result.pictures.entries()) hooks.onPicture?.(picture, media[index]?.position ?? index);
  return result;
}

/** Rows outlive versions: a code that is gone counts as a failure of ours. */
function codeOf(code: string | undefined): ErrorCode {
  return code !== undefined && Object.hasOwn(errorTable, code) ? (code as ErrorCode) : 'internal_error';
}

function replayedError(row: GenerationRow): GessoError {
  const { id, error } = row;
  const code = codeOf(error?.code);
  return new GessoError(code, error?.message, {
    ...(error?.param == null ? {} : { param: error.param }),
    // Then it is one that may have been billed: it would have been tried anew otherwise.
    ...(isRepeated(row) ? { should_retry: false } : {}),
    ...(errorTable[code].status === 504 ? { generation_id: id } : {}),
  });
}
