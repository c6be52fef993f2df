import { dropDeletedEndpoints } from '../../store/webhook-endpoints.ts';
import { dropEvents } from '../../store/webhook-events.ts';
import type { ServiceParts } from '../parts.ts';

const BATCH = 500;

/** Events that are older than they are kept, with their deliveries and tries, in batches; then endpoints that were deleted. */
export async function dropOldWebhooks({
  db,
  clock,
  webhooks,
}: Pick<ServiceParts, 'db' | 'clock' | 'webhooks'>): Promise<void> {
  const before = new Date(clock.now() - webhooks.retention_ms);
  for (let last = BATCH; last === BATCH; ) last = await dropEvents(db, before, BATCH);
  await dropDeletedEndpoints(db, before);
}
