/** Batches as their callers see them; `batch-runner.ts` does the work. */
import { createHash } from 'node:crypto';
import type { BatchServices, BatchView, BatchWish } from '../../contracts/batches.ts';
import type { Principal } from '../../contracts/services.ts';
import { GessoError } from '../../core/errors.ts';
import {
  type BatchKey,
  findBatch,
  findBatchByKey,
  freeBatchKey,
  insertBatch,
  listBatches as listRows,
  moveBatch,
} from '../../store/batches.ts';
import type { BatchRow } from '../../store/batches-tables.ts';
import { findOwnFile } from '../files/manage-files.ts';
import { generatingMode } from '../generate.ts';
import type { ServiceParts } from '../parts.ts';
import { visibleModes } from '../visible-modes.ts';

type BatchParts = Pick<ServiceParts, 'db' | 'clock' | 'ids' | 'bus'>;

/** The only completion window that there is: 24 hours. */
const COMPLETION_WINDOW_MS = 24 * 60 * 60 * 1000;
/** As for requests of their own. */
const KEY_HOLDS_MS = 24 * 60 * 60 * 1000;

export function createBatchServices(parts: BatchParts): BatchServices {
  return {
    createBatch: (principal, wish) => createBatch(parts, principal, wish),
    listBatches: (principal, query) => listBatches(parts, principal, query),
    getBatch: async (principal, id) => viewOf(await findOwnBatch(parts, principal, id)),
    cancelBatch: (principal, id) => cancelBatch(parts, principal, id),
  };
}

async function createBatch(
  parts: BatchParts,
  principal: Principal,
  { idempotency_key, ...wish }: BatchWish,
): ReturnType<BatchServices['createBatch']> {
  const mode = generatingMode(principal);
  const { account_id, key_id, settings, bounds } = principal;
  const once = idempotency_key === undefined ? null : { account_id, mode, idempotency_key };
  const body_sha256 = hashWish(wish);
  // Its file may be gone by now: a batch that there is needs it no more.
  const known = once && (await findKnown(parts, once));
  if (known) return replay(known, body_sha256);
  const file = await findOwnFile(parts, principal, wish.input_file_id, 'input_file_id');
  if (file.purpose !== 'batch') {
    const message = `The file ${file.id} was uploaded with purpose "${file.purpose}": upload the requests with purpose "batch".`;
    throw new GessoError('invalid_value', message, { param: 'input_file_id' });
  }
  const { tag = settings.tag ?? null, ...asked } = wish;
  const created_at = new Date(parts.clock.now());
  const row = await insertBatch(parts.db, {
    ...asked,
    id: parts.ids.next('batch'),
    account_id,
    key_id,
    mode,
    caller: { settings, ...(bounds && { bounds }) },
    tag,
    idempotency_key: idempotency_key ?? null,
    body_sha256: once && body_sha256,
    created_at,
    expires_at: new Date(created_at.getTime() + COMPLETION_WINDOW_MS),
  });
  if (row !== undefined) {
    parts.bus.publish('batch', row.id);
    return { batch: viewOf(row), is_replay: false };
  }
  const rival = once && (await findKnown(parts, once));
  if (!rival) throw new Error('a batch was not written, and no other has its key');
  return replay(rival, body_sha256);
}

/** What the key stands for; one whose day is over is free. */
async function findKnown({ db, clock }: BatchParts, key: BatchKey): Promise<BatchRow | undefined> {
  await freeBatchKey(db, key, new Date(clock.now() - KEY_HOLDS_MS));
  return findBatchByKey(db, key);
}

function replay(row: BatchRow, body_sha256: string): { readonly batch: BatchView; readonly is_replay: boolean } {
  if (row.body_sha256 === body_sha256) return { batch: viewOf(row), is_replay: true };
  const message = 'This Idempotency-Key was used for another batch: use a new key, or send the same body.';
  throw new GessoError('idempotency_conflict', message, { param: 'Idempotency-Key' });
}

/** The same for the same wish, in whatever order its metadata come. */
function hashWish({ metadata, tag: _, ...wish }: BatchWish): string {
  const pairs = Object.entries(metadata).sort(([one], [other]) => (one < other ? -1 : 1));
  const fields = [wish.input_file_id, wish.endpoint, wish.completion_window, wish.output_expires_after_seconds, pairs];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

async function listBatches(
  parts: BatchParts,
  principal: Principal,
  { limit, after }: { readonly limit: number; readonly after?: string },
): Promise<{ readonly batches: readonly BatchView[]; readonly has_more: boolean }> {
  const cursor = after === undefined ? undefined : await findOwnBatch(parts, principal, after);
  const rows = await listRows(parts.db, filterOf(principal), { limit: limit + 1, ...(cursor && { after: cursor }) });
  return { batches: rows.slice(0, limit).map(viewOf), has_more: rows.length > limit };
}

async function cancelBatch(parts: BatchParts, principal: Principal, id: string): Promise<BatchView> {
  if (!principal.scopes.includes('generate')) {
    throw new GessoError('scope_exceeded', 'Cancelling a batch needs a key with the scope "generate".');
  }
  await findOwnBatch(parts, principal, id);
  const moved = await moveBatch(parts.db, { id, to: 'cancelling', at: new Date(parts.clock.now()) });
  if (moved !== undefined) {
    parts.bus.publish('batch', id);
    return viewOf(moved);
  }
  const row = await findOwnBatch(parts, principal, id);
  if (row.status === 'cancelling' || row.status === 'cancelled') return viewOf(row);
  throw new GessoError('invalid_value', `The batch ${id} is ${row.status} and cannot be cancelled any more.`, {
    param: 'batch_id',
  });
}

async function findOwnBatch({ db }: Pick<BatchParts, 'db'>, principal: Principal, id: string): Promise<BatchRow> {
  const row = await findBatch(db, filterOf(principal), id);
  if (row !== undefined) return row;
  throw new GessoError('not_found', `There is no batch ${id.slice(0, 100)}. GET /v1/batches lists them.`, {
    param: 'batch_id',
  });
}

function filterOf(principal: Principal) {
  return { account_id: principal.account_id, modes: visibleModes(principal) };
}

/** Without what only the inside needs. */
function viewOf({
  account_id: _account,
  key_id: _key,
  caller: _caller,
  tag: _tag,
  idempotency_key: _idempotency,
  body_sha256: _body,
  runner_id: _runner,
  lease_until: _lease,
  output_expires_after_seconds: _seconds,
  ...view
}: BatchRow): BatchView {
  return view;
}
