import type { AttemptView, RequestDetail } from '../contracts/requests.ts';
import type { Principal } from '../contracts/services.ts';
import { listAttempts } from '../store/attempts.ts';
import { listMedia } from '../store/media.ts';
import type { AttemptRow, GenerationRow } from '../store/tables.ts';
import { findVisible, hostedMedia } from './get-generation.ts';
import { requestView } from './list-requests.ts';
import type { ServiceParts } from './parts.ts';

type GetParts = Pick<ServiceParts, 'db' | 'clock' | 'catalog' | 'publicUrl'>;

/** Throws `not_found` for a stranger's request. */
export async function getRequest(parts: GetParts, principal: Principal, id: string): Promise<RequestDetail> {
  const row = await findVisible(parts, principal, id);
  const [attempts, media, references, masks] = await Promise.all([
    listAttempts(parts.db, id),
    listMedia(parts.db, id, 'output'),
    listMedia(parts.db, id, 'reference'),
    listMedia(parts.db, id, 'mask'),
  ]);
  const isHouse = principal.scopes.includes('admin');
  return {
    ...requestView(parts, withoutInside(row)),
    authorized_micros: row.authorized_micros,
    price: row.price,
    attempts: attempts.map((attempt) => attemptView(attempt, isHouse)),
    applied: row.applied,
    warnings: row.warnings,
    request: row.payloads_dropped_at === null ? row.request : null,
    inputs: [...references, ...masks].map(({ role, content_type, width, height, bytes }) => ({
      role: role === 'mask' ? 'mask' : 'reference',
      content_type,
      width,
      height,
      bytes,
    })),
    media: hostedMedia(parts, media),
  };
}

/** Who works on it is nobody's business. */
function withoutInside({ account_id: _account, runner_id: _runner, lease_until: _lease, ...row }: GenerationRow) {
  return row;
}

function attemptView(row: AttemptRow, isHouse: boolean): AttemptView {
  const { seq, provider, offer_id, outcome, error_class, latency_ms, started_at, ended_at } = row;
  const { provider_job_id, price_micros, billed_micros, possible_micros } = row;
  return {
    seq,
    provider,
    offer_id,
    outcome,
    ...(error_class === null ? {} : { error_class }),
    latency_ms: latency_ms ?? 0,
    started_at,
    ended_at,
    ...(isHouse ? { house: { provider_job_id, price_micros, billed_micros, possible_micros } } : {}),
  };
}
