/** What was sent to whom, and what came of it, as far as the caller may know. */
import type { Principal } from '../../contracts/services.ts';
import type { DeliveryDetail, DeliveryListing, DeliveryQuery, DeliveryView } from '../../contracts/webhooks.ts';
import { GessoError } from '../../core/errors.ts';
import {
  type DeliveryRow,
  listDeliveries as listRows,
  listWebhookAttempts,
  replayDelivery as replayRow,
} from '../../store/webhook-deliveries.ts';
import { listEndpoints } from '../../store/webhook-endpoints.ts';
import type { ServiceParts } from '../parts.ts';
import { visibleModes } from '../visible-modes.ts';
import { takeHandPost } from './take-hand-posts.ts';

type ReadParts = Pick<ServiceParts, 'db'>;

export async function listDeliveries(
  parts: ReadParts,
  principal: Principal,
  { limit, starting_after, ...filter }: DeliveryQuery,
): Promise<DeliveryListing> {
  const after =
    starting_after === undefined ? undefined : await requireRow(parts, principal, starting_after, 'starting_after');
  const rows = await listRows(
    parts.db,
    { ...filter, account_id: principal.account_id, modes: visibleModes(principal) },
    { limit: limit + 1, ...(after && { after }) },
  );
  return { deliveries: rows.slice(0, limit).map(deliveryView), has_more: rows.length > limit };
}

export async function getDelivery(parts: ReadParts, principal: Principal, id: string): Promise<DeliveryDetail> {
  const row = await requireRow(parts, principal, id);
  const tries = await listWebhookAttempts(parts.db, id);
  return { ...deliveryView(row), tries: tries.map(({ delivery_id: _, ...one }) => one) };
}

/** Also one that was delivered: a receiver that lost it knows a repeat by the event's id. */
export async function replayDelivery(
  parts: Pick<ServiceParts, 'db' | 'bus'>,
  principal: Principal,
  id: string,
): Promise<DeliveryView> {
  const { account_id, endpoint_id } = await requireRow(parts, principal, id);
  if (endpoint_id !== null) {
    const modes = ['live', 'test', 'both'] as const;
    const [endpoint] = await listEndpoints(parts.db, { account_id, modes, id: endpoint_id });
    if (endpoint?.disabled_at !== null) {
      const message =
        'The endpoint of this delivery is disabled or deleted. Enable it first: PATCH it with {"enabled": true}.';
      throw new GessoError('invalid_value', message, { param: 'id' });
    }
  }
  await takeHandPost(parts, principal);
  await replayRow(parts.db, id);
  parts.bus.publish('delivery', '');
  return deliveryView(await requireRow(parts, principal, id));
}

async function requireRow({ db }: ReadParts, principal: Principal, id: string, param = 'id'): Promise<DeliveryRow> {
  const { account_id } = principal;
  const [row] = await listRows(db, { account_id, modes: visibleModes(principal), id }, { limit: 1 });
  if (row === undefined) throw new GessoError('not_found', `There is no webhook delivery ${id}.`, { param });
  return row;
}

function deliveryView(row: DeliveryRow): DeliveryView {
  const { account_id: _, event_id, type, event_created_at, data, ...rest } = row;
  return { ...rest, event: { id: event_id, type, created_at: event_created_at, data } };
}
