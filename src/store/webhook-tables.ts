/** Tables of webhooks to customers. No secret stands in any of them: they are derived. */
import type { Generated, Selectable } from 'kysely';
import type { Mode } from '../contracts/generation.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { DeliveryStatus, DisabledReason, EndpointMode } from '../contracts/webhooks.ts';
import type { Json } from './tables.ts';

/** What the migration of webhooks adds to the tables. */
export interface WebhookTables {
  readonly webhook_endpoints: WebhookEndpointsTable;
  readonly webhook_secrets: WebhookSecretsTable;
  readonly webhook_events: WebhookEventsTable;
  readonly webhook_deliveries: WebhookDeliveriesTable;
  readonly webhook_attempts: WebhookAttemptsTable;
}

export interface WebhookEndpointsTable {
  readonly id: string;
  readonly account_id: string;
  readonly mode: EndpointMode;
  readonly name: string;
  readonly url: string;
  /** Null = all. */
  readonly event_types: readonly string[] | null;
  readonly secret_version: Generated<number>;
  /** Until then the secret before it signs too. */
  readonly previous_until: Date | null;
  /** Since when every try has failed; null = the last one worked, or there was none. */
  readonly failing_since: Date | null;
  readonly disabled_at: Date | null;
  readonly disabled_reason: DisabledReason | null;
  readonly created_at: Date;
  readonly deleted_at: Date | null;
}

/** What signs for the `webhook_url` of single jobs; no row = version 1. */
export interface WebhookSecretsTable {
  readonly account_id: string;
  readonly mode: Mode;
  readonly secret_version: number;
  readonly previous_until: Date | null;
}

export interface WebhookEventsTable {
  readonly id: string;
  readonly account_id: string;
  readonly mode: Mode;
  readonly type: string;
  readonly data: Json<JsonObject>;
  /** `id` of the data. */
  readonly object_id: Generated<string | null>;
  /** Unique in an account. */
  readonly dedupe_key: string;
  readonly created_at: Generated<Date>;
}

/** One event on its way to one target. */
export interface WebhookDeliveriesTable {
  readonly id: string;
  readonly event_id: string;
  readonly account_id: string;
  readonly mode: Mode;
  /** Either this or `url` is set. */
  readonly endpoint_id: string | null;
  readonly url: string | null;
  /** What shares a fate: the endpoint, or the account and the host of the URL. */
  readonly target: string;
  readonly status: Generated<DeliveryStatus>;
  /** Begun so far, one under way included; also what fences it. */
  readonly attempts: Generated<number>;
  /** How many of them were before the present round. */
  readonly attempts_before: Generated<number>;
  /** By the database's clock; while a try is under way: when it is given up for dead. */
  readonly next_attempt_at: Generated<Date | null>;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly created_at: Generated<Date>;
  readonly completed_at: Date | null;
}

export interface WebhookAttemptsTable {
  readonly delivery_id: string;
  readonly seq: number;
  readonly at: Date;
  /** Null = no answer. */
  readonly status: number | null;
  readonly latency_ms: number;
  readonly error: string | null;
  /** How the answer began. */
  readonly answer: string | null;
}

export type WebhookEndpointRow = Selectable<WebhookEndpointsTable>;
export type WebhookDeliveryRow = Selectable<WebhookDeliveriesTable>;
export type WebhookAttemptRow = Selectable<WebhookAttemptsTable>;
