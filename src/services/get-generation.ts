import type { GenerationView, Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { listAttemptsOf } from '../store/attempts.ts';
import { findGeneration, findGenerations } from '../store/generations.ts';
import { listMediaOf } from '../store/media.ts';
import type { AttemptRow, GenerationRow, MediaRow } from '../store/tables.ts';
import { pictureUrl } from './delivered-picture.ts';
import type { ServiceParts } from './parts.ts';
import { visibleModes } from './visible-modes.ts';

type ViewParts = Pick<ServiceParts, 'db' | 'clock' | 'catalog' | 'publicUrl'>;

/**
 * Throws `not_found` for a stranger's generation, one that was deleted, and one of the other mode: test keys see tests,
 * live keys the rest. Those who ask at the same time are answered from the same statements.
 */
export async function getGeneration(
  parts: ViewParts & Pick<ServiceParts, 'reads'>,
  principal: Principal,
  id: string,
): Promise<GenerationView> {
  const view = await parts.reads.views.run(principal.account_id, id);
  if (view === null || !visibleModes(principal).includes(view.mode)) throw unknownGeneration(id);
  return view;
}

/** Whole resources of one account, in the order of the ids; what is not there is left out. */
export async function viewGenerations(
  parts: ViewParts,
  account_id: string,
  ids: readonly string[],
): Promise<GenerationView[]> {
  const rows = new Map((await findGenerations(parts.db, account_id, ids)).map((row) => [row.id, row]));
  const found = ids.flatMap((id) => rows.get(id) ?? []);
  const started = found.filter(({ started_at }) => started_at !== null).map(({ id }) => id);
  const delivered = found.filter(({ pictures }) => pictures > 0).map(({ id }) => id);
  const [attempts, media] = await Promise.all([
    started.length === 0 ? [] : listAttemptsOf(parts.db, started),
    delivered.length === 0 ? [] : listMediaOf(parts.db, delivered, 'output'),
  ]);
  const attemptsOf = Map.groupBy(attempts, ({ generation_id }) => generation_id);
  const mediaOf = Map.groupBy(media, ({ generation_id }) => generation_id);
  return found.map((row) => viewOf(parts, row, attemptsOf.get(row.id) ?? [], mediaOf.get(row.id) ?? []));
}

function viewOf(
  parts: ViewParts,
  row: GenerationRow,
  attempts: readonly AttemptRow[],
  media: readonly MediaRow[],
): GenerationView {
  return {
    id: row.id,
    kind: row.kind,
    mode: row.mode,
    status: row.status,
    progress: row.progress,
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
    pictures: row.pictures,
    attempts: attempts.flatMap(endedAttempt),
    applied: row.applied,
    warnings: row.warnings,
    labels: row.labels,
    webhook_url: row.webhook_url,
    batch_id: row.batch_id,
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
  throw unknownGeneration(id);
}

export function unknownGeneration(id: string): GessoError {
  return new GessoError('not_found', `There is no generation ${id}.`, { param: 'id' });
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
