import type { GenerationView, Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { listAttempts } from '../store/attempts.ts';
import { findGeneration } from '../store/generations.ts';
import { listMedia } from '../store/media.ts';
import type { AttemptRow, GenerationRow, MediaRow } from '../store/tables.ts';
import { pictureUrl } from './delivered-picture.ts';
import type { ServiceParts } from './parts.ts';
import { visibleModes } from './visible-modes.ts';

type GetParts = Pick<ServiceParts, 'db' | 'clock' | 'catalog' | 'publicUrl'>;

/** Throws `not_found` for a stranger's generation, and for one of the other mode: test keys see tests, live keys the rest. */
export async function getGeneration(parts: GetParts, principal: Principal, id: string): Promise<GenerationView> {
  const row = await findVisible(parts, principal, id);
  const [attempts, media] = await Promise.all([listAttempts(parts.db, id), listMedia(parts.db, id, 'output')]);
  return {
    id,
    kind: row.kind,
    mode: row.mode,
    status: row.status,
    created_at: row.created_at,
    started_at: row.started_at,
    completed_at: row.completed_at,
    expires_at: row.expires_at,
    model: row.model,
    delivered_model: parts.catalog.resolve(row.executed_model ?? row.model)?.model.id ?? row.model,
    executed_model: row.executed_model,
    provider: row.provider,
    provider_name: row.provider && (parts.catalog.providers.get(row.provider)?.name ?? row.provider),
    held_micros: row.held_micros,
    cost_micros: row.cost_micros,
    attempts: attempts.flatMap(endedAttempt),
    applied: row.applied,
    warnings: row.warnings,
    labels: row.labels,
    error: row.error,
    media: hostedMedia(parts, media),
  };
}

/** The row, where the caller may know of it. */
export async function findVisible(
  { db }: Pick<ServiceParts, 'db'>,
  principal: Principal,
  id: string,
): Promise<GenerationRow> {
  const row = await findGeneration(db, principal.account_id, id);
  if (row !== undefined && visibleModes(principal).includes(row.mode)) return row;
  throw new GessoError('not_found', `There is no generation ${id}.`, { param: 'id' });
}

/** Those that have not expired. */
export function hostedMedia(
  parts: Pick<ServiceParts, 'clock' | 'publicUrl'>,
  media: readonly MediaRow[],
): GenerationView['media'] {
  const now = parts.clock.now();
  return media
    .filter(({ expires_at }) => expires_at === null || expires_at.getTime() > now)
    .map(({ id, content_type, width, height, bytes, expires_at }) => ({
      id,
      url: pictureUrl(parts, id, content_type),
      content_type,
      width,
      height,
      bytes,
      expires_at,
    }));
}

/** One that runs has nothing to tell yet. */
export function endedAttempt({
  provider,
  offer_id,
  outcome,
  error_class,
  latency_ms,
}: AttemptRow): GenerationView['attempts'] {
  if (outcome === 'running') return [];
  const reason = error_class === null ? {} : { error_class };
  return [{ provider, offer_id, outcome, ...reason, latency_ms: latency_ms ?? 0 }];
}
