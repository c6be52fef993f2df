/** Endpoints of the caller's account, of the modes that the caller sees. Their secrets are shown when they are new. */
import type { Principal } from '../../contracts/services.ts';
import type {
  EndpointChange,
  EndpointMode,
  EndpointView,
  EndpointWish,
  EndpointWithSecret,
  WebhookAnswer,
} from '../../contracts/webhooks.ts';
import { GessoError } from '../../core/errors.ts';
import { eventTypes, TEST_EVENT } from '../../core/webhooks/event-types.ts';
import {
  deleteEndpoint,
  disableEndpoint,
  enableEndpoint,
  insertEndpoint,
  listEndpoints as listRows,
  rotateEndpointSecret,
  updateEndpoint,
} from '../../store/webhook-endpoints.ts';
import type { WebhookEndpointRow } from '../../store/webhook-tables.ts';
import type { ServiceParts } from '../parts.ts';
import { visibleModes } from '../visible-modes.ts';
import { checkWebhookUrl } from './check-webhook-url.ts';
import { sendWebhook } from './send-webhook.ts';
import { previousUntil, secretOwner, signingSecret, signingSecrets } from './signing-secrets.ts';
import { takeHandPost } from './take-hand-posts.ts';

type EndpointParts = Pick<
  ServiceParts,
  'db' | 'ids' | 'clock' | 'deriveSecret' | 'checkTarget' | 'guardedFetch' | 'webhooks'
>;

const HINT_CHARACTERS = 4;

export async function createEndpoint(
  parts: EndpointParts,
  principal: Principal,
  wish: EndpointWish,
): Promise<EndpointWithSecret> {
  const modes = endpointModes(principal);
  const mode = wish.mode ?? (modes.includes('both') ? 'both' : modes[0]);
  if (mode === undefined || !modes.includes(mode)) throw foreignMode(modes);
  checkTypes(wish.event_types);
  const { webhooks, db, ids, clock } = parts;
  const endpoint = {
    id: ids.next('whe'),
    account_id: principal.account_id,
    mode,
    name: wish.name,
    url: await checkWebhookUrl(parts, wish.url, 'url'),
    event_types: wish.event_types,
    created_at: new Date(clock.now()),
  };
  if (!(await insertEndpoint(db, endpoint, webhooks.endpoints_max))) {
    throw new GessoError(
      'invalid_value',
      `This account has ${webhooks.endpoints_max} webhook endpoints, which is the most that it may have: delete one first.`,
    );
  }
  return withSecret(parts, await requireRow(parts, principal, endpoint.id));
}

export async function listEndpoints(parts: EndpointParts, principal: Principal): Promise<EndpointView[]> {
  const { account_id } = principal;
  const rows = await listRows(parts.db, { account_id, modes: endpointModes(principal) });
  return rows.map((row) => endpointView(parts, row));
}

export async function getEndpoint(parts: EndpointParts, principal: Principal, id: string): Promise<EndpointView> {
  return endpointView(parts, await requireRow(parts, principal, id));
}

export async function changeEndpoint(
  parts: EndpointParts,
  principal: Principal,
  id: string,
  change: EndpointChange,
): Promise<EndpointView> {
  await requireRow(parts, principal, id);
  const { enabled, url, ...columns } = change;
  const modes = endpointModes(principal);
  if (columns.mode !== undefined && !modes.includes(columns.mode)) throw foreignMode(modes);
  if (columns.event_types !== undefined) checkTypes(columns.event_types);
  const checked = url === undefined ? {} : { url: await checkWebhookUrl(parts, url, 'url') };
  await updateEndpoint(parts.db, id, { ...columns, ...checked });
  if (enabled === true) await enableEndpoint(parts.db, id);
  if (enabled === false) await disableEndpoint(parts.db, id, 'request');
  return getEndpoint(parts, principal, id);
}

export async function removeEndpoint(parts: EndpointParts, principal: Principal, id: string): Promise<void> {
  await requireRow(parts, principal, id);
  await deleteEndpoint(parts.db, id);
}

export async function rotateEndpoint(
  parts: EndpointParts,
  principal: Principal,
  id: string,
  grace_ms: number,
): Promise<EndpointWithSecret> {
  await requireRow(parts, principal, id);
  const row = await rotateEndpointSecret(parts.db, id, grace_ms);
  if (row === undefined) throw missing(id);
  return withSecret(parts, row);
}

/** Now, once, whether it is disabled or not, and without a trace: what came back is the answer. */
export async function testEndpoint(parts: EndpointParts, principal: Principal, id: string): Promise<WebhookAnswer> {
  const row = await requireRow(parts, principal, id);
  await takeHandPost(parts, principal);
  const event_id = parts.ids.next('evt');
  const created_at = Math.floor(parts.clock.now() / 1000);
  const mode = row.mode === 'both' ? 'live' : row.mode;
  const data = { object: 'webhook_endpoint', id, name: row.name };
  return sendWebhook(parts, {
    id: event_id,
    url: row.url,
    body: JSON.stringify({ id: event_id, object: 'event', type: TEST_EVENT, mode, created_at, data }),
    secrets: signingSecrets(parts, secretOwner.endpoint(id), row),
  });
}

/** Of which modes the caller may see and keep endpoints. */
export function endpointModes(principal: Principal): readonly EndpointMode[] {
  const modes = visibleModes(principal);
  return modes.length > 1 ? [...modes, 'both'] : modes;
}

async function requireRow(
  { db }: Pick<EndpointParts, 'db'>,
  principal: Principal,
  id: string,
): Promise<WebhookEndpointRow> {
  const { account_id } = principal;
  const [row] = await listRows(db, { account_id, modes: endpointModes(principal), id });
  if (row === undefined) throw missing(id);
  return row;
}

function endpointView(parts: EndpointParts, row: WebhookEndpointRow): EndpointView {
  const { id, mode, name, url, event_types, failing_since, disabled_at, disabled_reason, created_at } = row;
  return {
    id,
    mode,
    name,
    url,
    event_types,
    secret_hint: signingSecret(parts, secretOwner.endpoint(id), row.secret_version).slice(-HINT_CHARACTERS),
    previous_secret_until: previousUntil(parts, row),
    failing_since,
    disabled_at,
    disabled_reason,
    created_at,
  };
}

function withSecret(parts: EndpointParts, row: WebhookEndpointRow): EndpointWithSecret {
  const secret = signingSecret(parts, secretOwner.endpoint(row.id), row.secret_version);
  return { view: endpointView(parts, row), secret };
}

function checkTypes(wanted: readonly string[] | null): void {
  const known = eventTypes.map(({ type }) => type);
  const unknown = (wanted ?? []).filter((type) => !known.includes(type));
  if (unknown.length === 0) return;
  const message = `There is no event type ${unknown.map((type) => `"${type}"`).join(', ')}: there are ${known.join(', ')}.`;
  throw new GessoError('invalid_value', message, { param: 'event_types' });
}

function foreignMode(modes: readonly EndpointMode[]): GessoError {
  const message = `This key can have endpoints of the mode ${modes.join(' or ')} only; an admin key can have any.`;
  return new GessoError('invalid_value', message, { param: 'mode' });
}

function missing(id: string): GessoError {
  return new GessoError('not_found', `There is no webhook endpoint ${id}.`, { param: 'id' });
}
