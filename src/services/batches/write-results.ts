/** What became of every line, as two files: what succeeded, and what did not. */
import type { CanonicalRequest } from '../../contracts/generation.ts';
import type { StagedBlob } from '../../contracts/media.ts';
import { GessoError } from '../../core/errors.ts';
import { type EndedLine, listEndedLines, shortenLines } from '../../store/batch-lines.ts';
import type { BatchRow } from '../../store/batches-tables.ts';
import { insertFile } from '../../store/files.ts';
import type { FileRow } from '../../store/files-tables.ts';
import { fileExpiry, newFileId } from '../files/manage-files.ts';
import { generationResult } from '../generation-result.ts';
import { endBatch } from './end-batch.ts';
import { BatchLost, type BatchParts, type Stepped } from './parts.ts';
import { ResultFile } from './result-file.ts';

const LINES_AT_ONCE = 100;

interface Tally {
  completed_count: number;
  failed_count: number;
  cost_micros: number;
  hasExpired: boolean;
}

/**
 * Writes both files, then, in one transaction, their rows and the end of the batch. The same lines give the same bytes, so
 * that it may be begun again after a crash, and bytes that no row names are collected.
 */
export async function writeResults(parts: BatchParts, batch: BatchRow): Promise<Stepped> {
  if (batch.in_progress_at === null) return endBatch(parts, batch, { to: 'cancelled' });
  // Before it is told in each line.
  const until = await parts.retention.expiryOf(batch.account_id, new Date(parts.clock.now()));
  if (until !== null) await shortenLines(parts.db, batch.id, until);
  const put: ConstructorParameters<typeof ResultFile>[0] = (stream) =>
    parts.media.put(stream, { bytes_max: Number.MAX_SAFE_INTEGER });
  const files = { output: new ResultFile(put), error: new ResultFile(put) };
  try {
    const { hasExpired, ...counts } = await writeLines(parts, batch, files);
    const output = fileOf(parts, batch, 'output', await files.output.finish());
    const error = fileOf(parts, batch, 'error', await files.error.finish());
    return await endBatch(parts, batch, {
      to: batch.status === 'cancelling' ? 'cancelled' : hasExpired ? 'expired' : 'completed',
      set: { ...counts, output_file_id: output?.id ?? null, error_file_id: error?.id ?? null },
      write: async (transaction) => {
        for (const file of [output, error]) if (file !== null) await insertFile(transaction, file);
      },
    });
  } catch (error) {
    await Promise.all([files.output.abandon(), files.error.abandon()]);
    throw error;
  }
}

async function writeLines(
  parts: BatchParts,
  batch: BatchRow,
  files: { readonly output: ResultFile; readonly error: ResultFile },
): Promise<Tally> {
  const tally: Tally = { completed_count: 0, failed_count: 0, cost_micros: 0, hasExpired: false };
  for (let after_line = 0; ; ) {
    const lines = await listEndedLines(parts.db, batch.id, { after_line, limit: LINES_AT_ONCE });
    for (const line of lines) {
      if (parts.stopping.aborted) throw new BatchLost(batch.id);
      const isDone = await writeLine(parts, batch, line, files);
      tally[isDone ? 'completed_count' : 'failed_count'] += 1;
      tally.cost_micros += line.row?.cost_micros ?? 0;
      tally.hasExpired ||= line.row?.error?.code === 'batch_expired';
      after_line = line.line;
    }
    if (lines.length < LINES_AT_ONCE) return tally;
  }
}

/** Returns whether it is in the output file. */
async function writeLine(
  parts: BatchParts,
  { caller: { settings } }: BatchRow,
  { row, attempts, media, custom_id, generation_id }: EndedLine,
  files: { readonly output: ResultFile; readonly error: ResultFile },
): Promise<boolean> {
  const { wire } = parts;
  // The same whenever it is written.
  const line = { id: generation_id.replace(/^gen_/, 'batch_req_'), custom_id };
  const result = row?.status === 'completed' ? generationResult(parts, row, attempts, media) : null;
  if (row !== null && result !== null) {
    // As `recordAdmission` and `validateBatch` wrote it.
    const request = row.request as unknown as CanonicalRequest;
    const written = await writeAll(files.output, wire.writeResult(line, result, { request, settings }));
    if (written) return true;
  }
  const { code, message, param } = failureOf(row);
  const isUndone = row?.status === 'canceled';
  const text = isUndone
    ? wire.writeUndone(line, { code, message })
    : wire.writeFailure(line, { generation_id, code, message, param: param ?? null });
  await files.error.write(text);
  return false;
}

/** False when the bytes of a picture are gone: then nothing was written. */
async function writeAll(file: ResultFile, chunks: AsyncIterable<Buffer>): Promise<boolean> {
  let isBegun = false;
  try {
    for await (const chunk of chunks) {
      isBegun = true;
      await file.write(chunk);
    }
    return true;
  } catch (error) {
    if (isBegun || !(error instanceof GessoError && error.code === 'not_found')) throw error;
    return false;
  }
}

function failureOf(row: EndedLine['row']) {
  const deleted = { code: 'not_found', message: 'The pictures of this request were deleted, or have expired.' };
  return { param: null, ...(row?.error ?? deleted) };
}

/** The row of a file that was written; null where there was nothing to write. */
function fileOf(
  parts: BatchParts,
  { id, account_id, mode, output_expires_after_seconds }: BatchRow,
  kind: 'output' | 'error',
  blob: StagedBlob | null,
): Omit<FileRow, 'deleted_at'> | null {
  if (blob === null) return null;
  const created_at = new Date(parts.clock.now());
  return {
    ...blob,
    id: newFileId(parts.ids),
    account_id,
    mode,
    filename: `${id}_${kind}.jsonl`,
    purpose: 'batch_output',
    created_at,
    expires_at: fileExpiry('batch_output', created_at, output_expires_after_seconds),
  };
}
