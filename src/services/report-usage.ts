import type { RequestSummary, UsageQuery, UsageReport } from '../contracts/requests.ts';
import type { Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { sumRequests, sumUsage } from '../store/requests.ts';
import { storeFilter } from './list-requests.ts';
import type { ServiceParts } from './parts.ts';

/** Tags are the callers' own: a report by tag and day may have any number of rows. */
const ROWS_MAX = 10_000;

const nothing: RequestSummary = { requests: 0, completed: 0, failed: 0, pictures: 0, cost_micros: 0 };

/** The books of live and test are never added up. */
export async function reportUsage(
  parts: Pick<ServiceParts, 'db' | 'catalog'>,
  principal: Principal,
  { from, to, group_by, ...wanted }: UsageQuery,
): Promise<UsageReport> {
  const mode = wanted.mode ?? (principal.mode === 'test' ? 'test' : 'live');
  const filter = { ...storeFilter(parts, principal, { ...wanted, mode }), created_after: from, created_before: to };
  if (filter.modes.length === 0) return { from, to, mode, group_by, rows: [], total: nothing };
  const [rows, total] = await Promise.all([
    sumUsage(parts.db, filter, group_by, ROWS_MAX + 1),
    sumRequests(parts.db, filter),
  ]);
  if (rows.length > ROWS_MAX) {
    const message = `The report has more than ${ROWS_MAX} rows. Ask for a shorter time, or group by less.`;
    throw new GessoError('invalid_value', message, { param: 'group_by' });
  }
  return { from, to, mode, group_by, rows, total };
}
