import type { Mode } from '../../contracts/generation.ts';
import type { WebhookAnswer } from '../../contracts/webhooks.ts';
import { nextRetryMs } from '../../core/webhooks/retry-schedule.ts';
import {
  type ClaimedDelivery,
  giveUpDelivery,
  type Outcome,
  recordAttempt,
  releaseDelivery,
} from '../../store/webhook-deliveries.ts';
import { disableEndpoint, noteEndpointFails, noteEndpointWorks } from '../../store/webhook-endpoints.ts';
import type { ServiceParts } from '../parts.ts';
import { sendWebhook } from './send-webhook.ts';
import { secretOwner, signingSecrets } from './signing-secrets.ts';

/** Whose thing it is. */
export interface EventOwner {
  readonly account_id: string;
  readonly mode: Mode;
}

/** The resource as the API answers it now; null when it is gone. */
export type EventPresenter = (owner: EventOwner, id: string) => Promise<unknown>;

export type DeliverParts = Pick<ServiceParts, 'db' | 'guardedFetch' | 'deriveSecret' | 'clock' | 'log' | 'webhooks'> & {
  /** By `object` of an event's data. An event about anything else is sent with its data as it is. */
  readonly presenters: Readonly<Record<string, EventPresenter>>;
  /** A number in 0 .. 1. */
  readonly chance: () => number;
};

/** 410: there is nobody there any more, and nobody will come. */
const GONE = 410;
const DAY_MS = 24 * 60 * 60 * 1000;
/** After so long of nothing but failures an endpoint is disabled. */
const FAILING_MS_MAX = 5 * DAY_MS;

/** What came of a try: `dropped` = it says nothing about the target. */
export type DeliverResult = 'delivered' | 'failed' | 'dropped';

/** One try of a delivery that was claimed, and what follows from it. */
export async function deliver(
  parts: DeliverParts,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<DeliverResult> {
  const { db } = parts;
  if (delivery.is_unwanted) {
    await giveUpDelivery(db, delivery.id, 'The endpoint is disabled or deleted.');
    return 'dropped';
  }
  const sent = await sendWebhook(
    parts,
    {
      id: delivery.event_id,
      url: delivery.url,
      body: await eventBody(parts, delivery),
      secrets: signingSecrets(parts, ownerOf(delivery), delivery),
    },
    signal,
  );
  if (signal.aborted && sent.status === null) {
    await releaseDelivery(db, delivery);
    return 'dropped';
  }
  const isTaken = sent.error === null;
  const outcome = isTaken ? ({ status: 'delivered' } as const) : failure(parts, delivery, sent);
  await db.transaction().execute((transaction) => recordAttempt(transaction, delivery, sent, outcome));
  if (delivery.endpoint_id !== null) await judgeEndpoint(parts, delivery, delivery.endpoint_id, sent);
  return isTaken ? 'delivered' : 'failed';
}

function ownerOf({ endpoint_id, account_id, mode }: ClaimedDelivery): string {
  return endpoint_id === null ? secretOwner.jobs(account_id, mode) : secretOwner.endpoint(endpoint_id);
}

function failure({ chance }: DeliverParts, delivery: ClaimedDelivery, sent: WebhookAnswer): Outcome {
  const delay_ms = nextRetryMs(delivery.attempts - delivery.attempts_before, chance());
  return delay_ms === null || sent.status === GONE ? { status: 'failed' } : { status: 'pending', delay_ms };
}

async function judgeEndpoint(
  { db, log }: DeliverParts,
  { failing_since, account_id }: ClaimedDelivery,
  endpoint_id: string,
  sent: WebhookAnswer,
): Promise<void> {
  if (sent.error === null) {
    if (failing_since !== null) await noteEndpointWorks(db, endpoint_id);
    return;
  }
  const isGivenUp = await noteEndpointFails(db, endpoint_id, FAILING_MS_MAX);
  const reason = sent.status === GONE ? 'gone' : isGivenUp ? 'failing' : null;
  if (reason !== null && (await disableEndpoint(db, endpoint_id, reason))) {
    log.warn({ account_id, endpoint_id, reason }, 'a webhook endpoint is disabled');
  }
}

/** `data` is read when it is sent: a repeat tells the state of then, not of the first try. */
async function eventBody({ presenters }: DeliverParts, delivery: ClaimedDelivery): Promise<string> {
  const { event_id, type, mode, event_created_at, data } = delivery;
  const { object, id } = data;
  const present = typeof object === 'string' && Object.hasOwn(presenters, object) ? presenters[object] : undefined;
  const shown = present === undefined || typeof id !== 'string' ? null : await present(delivery, id);
  const created_at = Math.floor(event_created_at.getTime() / 1000);
  return JSON.stringify({ id: event_id, object: 'event', type, mode, created_at, data: shown ?? data });
}
