/** Webhooks to customers: endpoints, events, deliveries. Types only. */
import type { Mode } from './generation.ts';
import type { JsonObject } from './json.ts';
import type { Principal } from './services.ts';

/** Of which mode an endpoint is told. */
export type EndpointMode = Mode | 'both';
/** By a change of its owner; because it answered 410 Gone; because nothing had got through for days. */
export type DisabledReason = 'request' | 'gone' | 'failing';
export type DeliveryStatus = 'pending' | 'delivered' | 'failed';

export interface EndpointWish {
  readonly name: string;
  readonly url: string;
  /** Null = all. */
  readonly event_types: readonly string[] | null;
  /** Absent = the caller's own; who administers: both. */
  readonly mode?: EndpointMode;
}

/** What is absent stays as it is. */
export interface EndpointChange extends Partial<EndpointWish> {
  readonly enabled?: boolean;
}

export interface EndpointView {
  readonly id: string;
  readonly mode: EndpointMode;
  readonly name: string;
  readonly url: string;
  readonly event_types: readonly string[] | null;
  /** How its secret ends. */
  readonly secret_hint: string;
  /** Until when the secret before it signs too; null = it does not. */
  readonly previous_secret_until: Date | null;
  readonly failing_since: Date | null;
  readonly disabled_at: Date | null;
  readonly disabled_reason: DisabledReason | null;
  readonly created_at: Date;
}

/** With the secret, which is shown when it is new and never again. */
export interface EndpointWithSecret {
  readonly view: EndpointView;
  readonly secret: string;
}

/** What signs for the `webhook_url` of single jobs. */
export interface JobSecretView {
  readonly mode: Mode;
  readonly secret: string;
  readonly previous_secret_until: Date | null;
}

/** What came of one try. */
export interface WebhookAnswer {
  readonly at: Date;
  /** Null = no answer. */
  readonly status: number | null;
  readonly latency_ms: number;
  /** Why it does not count as delivered; null = it does. */
  readonly error: string | null;
  /** How the answer began, at most 1 KiB. */
  readonly answer: string | null;
}

export interface DeliveryView {
  readonly id: string;
  readonly event: {
    readonly id: string;
    readonly type: string;
    readonly created_at: Date;
    readonly data: JsonObject;
  };
  readonly mode: Mode;
  /** Null = to the `webhook_url` of a job. */
  readonly endpoint_id: string | null;
  readonly url: string;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly next_attempt_at: Date | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly created_at: Date;
  readonly completed_at: Date | null;
}

export interface DeliveryDetail extends DeliveryView {
  /** Oldest first. One that a crash cut leaves a gap in `seq`. */
  readonly tries: readonly (WebhookAnswer & { readonly seq: number })[];
}

export interface DeliveryQuery {
  readonly endpoint_id?: string;
  /** The id of what events are about, such as a generation's. */
  readonly object_id?: string;
  readonly status?: DeliveryStatus;
  readonly limit: number;
  /** The id of a delivery: the page has what is older. */
  readonly starting_after?: string;
}

export interface DeliveryListing {
  /** Newest first. */
  readonly deliveries: readonly DeliveryView[];
  readonly has_more: boolean;
}

/** Throws `not_found` for what is a stranger's, or of a mode that the caller does not see. */
export interface WebhookServices {
  /** This and what else takes a URL throw `invalid_value` for one that must not be called. */
  create(principal: Principal, wish: EndpointWish): Promise<EndpointWithSecret>;
  list(principal: Principal): Promise<readonly EndpointView[]>;
  get(principal: Principal, id: string): Promise<EndpointView>;
  change(principal: Principal, id: string, change: EndpointChange): Promise<EndpointView>;
  remove(principal: Principal, id: string): Promise<void>;
  /** For `grace_ms` the secret before signs beside the new one. */
  rotate(principal: Principal, id: string, grace_ms: number): Promise<EndpointWithSecret>;
  /** Sends a `webhook.test` event now, and answers with what came back. */
  test(principal: Principal, id: string): Promise<WebhookAnswer>;
  listDeliveries(principal: Principal, query: DeliveryQuery): Promise<DeliveryListing>;
  getDelivery(principal: Principal, id: string): Promise<DeliveryDetail>;
  /** Delivers it again, now, with the event's own id. */
  replay(principal: Principal, id: string): Promise<DeliveryView>;
  /** Absent mode = the caller's own. */
  getJobSecret(principal: Principal, mode?: Mode): Promise<JobSecretView>;
  rotateJobSecret(principal: Principal, grace_ms: number, mode?: Mode): Promise<JobSecretView>;
}
