/** Files from upload to their end. What belongs to nobody's purpose is refused, and its bytes are collected as strays. */
import type { Readable } from 'node:stream';
import type { Ids } from '../../contracts/clock.ts';
import type { FileQuery, FileView, FileWish } from '../../contracts/files.ts';
import type { Mode } from '../../contracts/generation.ts';
import type { StagedBlob } from '../../contracts/media.ts';
import type { Principal } from '../../contracts/services.ts';
import { GessoError } from '../../core/errors.ts';
import { deleteFile as deleteRow, findFile, insertFile, listFiles as listRows } from '../../store/files.ts';
import type { FileRow } from '../../store/files-tables.ts';
import { generatingMode } from '../generate.ts';
import type { ServiceParts } from '../parts.ts';
import { recordPicture } from '../receive-picture.ts';
import { visibleModes } from '../visible-modes.ts';
import { removeFileBytes } from './remove-file-bytes.ts';

type FileParts = Pick<
  ServiceParts,
  'db' | 'clock' | 'ids' | 'media' | 'removeBytes' | 'file_limits' | 'image_bytes_max' | 'image_pixels_max'
>;

const DAY_MS = 24 * 60 * 60 * 1000;
/** As OpenAI keeps them when nobody says for how long. */
const BATCH_FILES_KEPT_MS = 30 * DAY_MS;

export async function storeFile(
  { media, file_limits }: Pick<FileParts, 'media' | 'file_limits'>,
  principal: Principal,
  stream: Readable,
): Promise<StagedBlob> {
  generatingMode(principal);
  return media.put(stream, { bytes_max: file_limits.bytes_max });
}

export async function createFile(
  parts: FileParts,
  principal: Principal,
  { sha256, bytes }: StagedBlob,
  { filename, purpose, expires_after_seconds }: FileWish,
): Promise<FileView> {
  const mode = generatingMode(principal);
  const { batch_bytes_max } = parts.file_limits;
  if (purpose === 'batch' && bytes > batch_bytes_max) {
    const message = `The file has ${bytes} bytes, and a file of batch requests ${batch_bytes_max} at most: send it in parts.`;
    throw new GessoError('payload_too_large', message, { param: 'file' });
  }
  if (purpose === 'vision') await recordPicture(parts, { sha256, bytes }, 'file');
  const created_at = new Date(parts.clock.now());
  const row = {
    id: newFileId(parts.ids),
    account_id: principal.account_id,
    mode,
    filename,
    purpose,
    bytes,
    sha256,
    created_at,
    expires_at: fileExpiry(purpose, created_at, expires_after_seconds),
  };
  await insertFile(parts.db, row);
  return viewOf(row);
}

/** Null = kept until deleted. */
export function fileExpiry(purpose: FileRow['purpose'], created_at: Date, after_seconds: number | null): Date | null {
  if (after_seconds !== null) return new Date(created_at.getTime() + after_seconds * 1000);
  const isOfBatch = purpose === 'batch' || purpose === 'batch_output';
  return isOfBatch ? new Date(created_at.getTime() + BATCH_FILES_KEPT_MS) : null;
}

/** As OpenAI spells them: `file-…`. */
export function newFileId(ids: Ids): string {
  return ids.next('file').replace('_', '-');
}

export async function listFiles(
  parts: Pick<ServiceParts, 'db' | 'clock'>,
  principal: Principal,
  { purpose, limit, order, after }: FileQuery,
): Promise<{ readonly files: readonly FileView[]; readonly has_more: boolean }> {
  const cursor = after === undefined ? undefined : await findOwnFile(parts, principal, after);
  const rows = await listRows(
    parts.db,
    { ...filterOf(parts, principal), ...(purpose && { purpose }) },
    { limit: limit + 1, order, ...(cursor && { after: cursor }) },
  );
  return { files: rows.slice(0, limit).map(viewOf), has_more: rows.length > limit };
}

export async function getFile(
  parts: Pick<ServiceParts, 'db' | 'clock'>,
  principal: Principal,
  id: string,
): Promise<FileView> {
  return viewOf(await findOwnFile(parts, principal, id));
}

export async function openFile(
  parts: Pick<ServiceParts, 'db' | 'clock' | 'media'>,
  principal: Principal,
  id: string,
): Promise<{ readonly file: FileView; readonly stream: Readable }> {
  const row = await findOwnFile(parts, principal, id);
  const { stream } = await parts.media.open(row.sha256);
  return { file: viewOf(row), stream };
}

export async function deleteFile(parts: FileParts, principal: Principal, id: string): Promise<void> {
  await findOwnFile(parts, principal, id);
  const dropped = await deleteRow(parts.db, id, new Date(parts.clock.now()));
  if (dropped === undefined) throw notFound(id);
  await removeFileBytes(parts, [dropped]);
}

/** Throws `not_found` for one that has expired, or is a stranger's or of the other mode. */
export async function findOwnFile(
  parts: Pick<ServiceParts, 'db' | 'clock'>,
  principal: Principal,
  id: string,
  param = 'file_id',
): Promise<FileRow> {
  const row = await findFile(parts.db, filterOf(parts, principal), id);
  if (row === undefined) throw notFound(id, param);
  return row;
}

function notFound(id: string, param = 'file_id'): GessoError {
  return new GessoError('not_found', `There is no file ${id.slice(0, 100)}, or no longer. GET /v1/files lists them.`, {
    param,
  });
}

function filterOf({ clock }: Pick<ServiceParts, 'clock'>, principal: Principal) {
  const modes: readonly Mode[] = visibleModes(principal);
  return { account_id: principal.account_id, modes, now: new Date(clock.now()) };
}

function viewOf({ id, filename, purpose, bytes, created_at, expires_at }: Omit<FileRow, 'deleted_at'>): FileView {
  return { id, filename, purpose, bytes, created_at, expires_at };
}
