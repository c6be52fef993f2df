/**
 * The database's tables as Kysely sees them. Ids are text; times are `timestamptz(3)`, since a JavaScript Date holds
 * milliseconds and a cursor must find the row it names; money is whole micro-dollars as number (below 2^53: 9 billion
 * dollars). Columns of the API bear the API's names.
 */
import type { ColumnType, Generated, Kysely, Selectable } from 'kysely';
import type { Applied, GenerationKind, Mode, PriceComponent, PriceEstimate } from '../contracts/generation.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { KeySettings, RateSettings, Scope } from '../contracts/keys.ts';
import type { PictureFormat } from '../contracts/media.ts';
import type { Attempt } from '../contracts/services.ts';
import type { GenerationStatus } from '../core/generation/states.ts';
import type { BreakerState } from '../core/routing/breaker.ts';
import type { SizeClass } from '../core/routing/health.ts';
import type { BatchesTable, BatchLinesTable } from './batches-tables.ts';
import type { FilesTable } from './files-tables.ts';
import type { WebhookTables } from './webhook-tables.ts';

/** Read as a value, written as text made by `json()`, so that nobody can forget it. */
export type Json<T> = ColumnType<T, string, string>;
/** The same for a column that has a default. */
export type JsonWithDefault<T> = ColumnType<T, string | undefined, string>;

export type MediaRole = 'output' | 'reference' | 'mask';

export interface Tables extends WebhookTables {
  readonly accounts: AccountsTable;
  readonly keys: KeysTable;
  readonly generations: GenerationsTable;
  readonly attempts: AttemptsTable;
  readonly blobs: BlobsTable;
  readonly media: MediaTable;
  readonly wallets: WalletsTable;
  readonly top_ups: TopUpsTable;
  readonly transfers: TransfersTable;
  readonly account_limits: AccountLimitsTable;
  readonly budgets: BudgetsTable;
  readonly offer_stats: OfferStatsTable;
  readonly offer_breakers: OfferBreakersTable;
  readonly idempotency_keys: IdempotencyKeysTable;
  readonly files: FilesTable;
  readonly batches: BatchesTable;
  readonly batch_lines: BatchLinesTable;
  readonly schema_migrations: SchemaMigrationsTable;
}

/** A database or a transaction of it: services open transactions and pass them on. */
export type Db = Kysely<Tables>;

export interface AccountsTable {
  readonly id: string;
  readonly name: string;
  /** `prepaid` pays from a wallet; of `unmetered` the spend is only recorded. */
  readonly billing: 'prepaid' | 'unmetered';
  /** How long its prompts and pictures are kept; null = as the server does. */
  readonly retention_days: ColumnType<number | null, number | null | undefined, number | null>;
  readonly created_at: Date;
}

export interface KeysTable {
  readonly id: string;
  readonly account_id: string;
  readonly mode: Mode | 'admin';
  readonly name: string;
  /** Of the whole key, which itself is kept nowhere. */
  readonly hash: Uint8Array;
  /** With `last_four`, what a person knows the key by. */
  readonly prefix: string;
  readonly last_four: string;
  readonly scopes: readonly Scope[];
  readonly settings: JsonWithDefault<KeySettings>;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
  readonly parent_id: string | null;
  /** The keys that it was made under, outermost first, and itself; set by the database. */
  readonly lineage: ColumnType<readonly string[], never, never>;
  /** While it is being rotated: the new key, and until when the old one is good. */
  readonly next_hash: Uint8Array | null;
  readonly next_last_four: string | null;
  readonly hash_until: Date | null;
}

/** Rate limits of a whole account; no row = none. */
export interface AccountLimitsTable {
  readonly account_id: string;
  readonly settings: Json<RateSettings>;
}

/** What a key (with the keys under it) or a tag may spend, and what it has: charged and held. Moved by the database alone. */
export interface BudgetsTable {
  /** `key:<id>`, or `tag:<account>:<mode>:<tag>`. */
  readonly spender: string;
  readonly account_id: string;
  readonly mode: Mode;
  readonly key_id: string | null;
  readonly tag: string | null;
  /** Null = no budget. */
  readonly monthly_budget_micros: number | null;
  readonly total_budget_micros: number | null;
  /** Of which `month_micros` is, in UTC: `2026-11`. */
  readonly month: Generated<string>;
  readonly month_micros: Generated<number>;
  readonly total_micros: Generated<number>;
}

export interface GenerationsTable {
  readonly id: string;
  readonly account_id: string;
  /** Null where no key was used: a web session, or the key was removed. */
  readonly key_id: string | null;
  readonly mode: Mode;
  readonly kind: GenerationKind;
  readonly status: GenerationStatus;
  /** The catalogue's id. */
  readonly model: string;
  /** The offer that delivered, e.g. `fal/seedream-4`. */
  readonly executed_model: string | null;
  readonly provider: string | null;
  /** As canonicalised; pictures are media rows, never base64 in here. */
  readonly request: Json<JsonObject>;
  readonly applied: JsonWithDefault<readonly Applied[]>;
  readonly warnings: JsonWithDefault<readonly string[]>;
  /** Components of the price, frozen at admission. */
  readonly price: JsonWithDefault<readonly PriceComponent[]>;
  readonly held_micros: Generated<number>;
  /** What was held at admission: the most that may ever be charged. */
  readonly authorized_micros: Generated<number>;
  readonly cost_micros: Generated<number>;
  readonly currency: Generated<string>;
  readonly error: ColumnType<GenerationError | null, string | null | undefined, string | null>;
  readonly labels: JsonWithDefault<Readonly<Record<string, string>>>;
  readonly user: string | null;
  readonly n: number;
  /** What the caller books it under. */
  readonly tag: string | null;
  /** The process that works on it, which keeps `lease_until` (the database's clock) ahead while it lives. */
  readonly runner_id: string | null;
  readonly lease_until: Date | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly completed_at: Date | null;
  /** When prompt and parameters are dropped; null = kept until deleted. */
  readonly expires_at: Date | null;
  /** Since when they are gone; null = they are there. */
  readonly payloads_dropped_at: Date | null;
  /** How many were delivered, whether or not they are still kept. */
  readonly pictures: Generated<number>;
  /** Worked on by whoever has time; the others were begun by the process that took the call. */
  readonly asynchronous: Generated<boolean>;
  /** Higher goes first. */
  readonly priority: Generated<number>;
  /** How often it was begun. */
  readonly runs: Generated<number>;
  /** Not before then is it taken from the queue; null = at once. */
  readonly not_before: Date | null;
  /** What may be tried, in order, at prices that were frozen at admission. */
  readonly offers: JsonWithDefault<readonly FrozenOffer[]>;
  /** Of the first picture; the others count on from it. */
  readonly seed: Generated<number>;
  /** 0 .. 100. */
  readonly progress: Generated<number>;
  readonly webhook_url: string | null;
  readonly cancel_requested_at: Date | null;
  readonly deleted_at: Date | null;
  readonly batch_id: string | null;
  /** Of the batch's file, from 1. */
  readonly batch_line: number | null;
}

/** A picture that lies in the media store and waits for its row. */
export interface AttemptOutput extends Pick<BlobRow, 'bytes' | 'content_type' | 'format' | 'width' | 'height'> {
  readonly media_id: string;
  /** Which of the generation's pictures. */
  readonly index: number;
  readonly blob_sha256: string;
  readonly revised_prompt?: string;
}

/** An offer as it was when a generation was admitted. */
export interface FrozenOffer {
  /** `provider/model`. */
  readonly pin: string;
  /** The model as the request asked for it, one of its list. */
  readonly model: string;
  readonly price: PriceEstimate;
}

/** Which generation an idempotency key stands for. */
export interface IdempotencyKeysTable {
  readonly account_id: string;
  readonly mode: Mode;
  readonly key: string;
  /** Of the request as parsed, and of its pictures. */
  readonly body_sha256: string;
  readonly generation_id: string;
  /** The failed generation that this one was run in place of. */
  readonly replaces: string | null;
  readonly created_at: Date;
  /** From then on the key is free again. */
  readonly expires_at: Date;
}

/** What the client is told of a failed or canceled generation. */
export interface GenerationError {
  readonly code: string;
  readonly message: string;
  readonly param?: string | null;
}

export interface AttemptsTable {
  readonly generation_id: string;
  /** 1 for the first try. */
  readonly seq: number;
  readonly provider: string;
  readonly offer_id: string;
  readonly outcome: Attempt['outcome'] | 'running';
  readonly error_class: string | null;
  readonly latency_ms: number | null;
  /** The provider's own id of the job, stored before it is asked for. */
  readonly provider_job_id: string | null;
  /** What it is asked for with; never a secret. */
  readonly job_handle: ColumnType<JsonObject | null, string | null | undefined, string | null>;
  /** What it delivered while other calls of its generation go on; null once that has ended. */
  readonly outputs: ColumnType<readonly AttemptOutput[] | null, string | null | undefined, string | null>;
  /** Which of the generation's pictures it is for: `pictures` of them from `first_index` on. */
  readonly first_index: Generated<number>;
  readonly pictures: Generated<number>;
  /** Units of the request's n, which counts sets where sets are made. */
  readonly units: Generated<number>;
  /** What the call costs at most by the price list; 0 where nobody bills us. */
  readonly price_micros: Generated<number>;
  /** What the provider bills us for it: as it says, else by the price list. */
  readonly billed_micros: number | null;
  /** What it may yet bill for a call whose outcome is not known. */
  readonly possible_micros: number | null;
  readonly started_at: Date;
  readonly ended_at: Date | null;
}

/** One for each account and mode; moved by the database alone, with the rows that move it. */
export interface WalletsTable {
  readonly account_id: string;
  readonly mode: Mode;
  readonly currency: Generated<string>;
  readonly billing: AccountsTable['billing'];
  readonly balance_micros: Generated<number>;
  /** Of the balance, what running generations may still cost. */
  readonly held_micros: Generated<number>;
  /** The mark below which the account was told that it runs low; null = not told since it was above. */
  readonly low_mark_micros: Generated<number | null>;
}

/** A payment into a wallet. Append-only. */
export interface TopUpsTable {
  readonly id: string;
  readonly account_id: string;
  readonly mode: Mode;
  readonly currency: Generated<string>;
  readonly source: 'admin' | 'stripe' | 'start_credit';
  /** What the payment is called where it was made; unique for each source. */
  readonly reference: string | null;
  /** What reaches the wallet. */
  readonly amount_micros: number;
  /** What is paid on top of it. */
  readonly fee_micros: number;
  readonly created_at: Date;
}

/** The ledger: each row moves an amount from one account to another. Append-only. */
export interface TransfersTable {
  readonly id: Generated<number>;
  readonly mode: Mode;
  readonly entry: 'charge' | 'refund' | 'top_up' | 'fee' | 'provider_cost' | 'possible_cost';
  readonly debit_account: string;
  readonly credit_account: string;
  readonly amount_micros: number;
  readonly currency: Generated<string>;
  readonly cause: 'request' | 'attempt' | 'top_up';
  readonly cause_id: string;
  readonly account_id: string | null;
  readonly generation_id: string | null;
  /** Of a charge: which of the generation's pictures, from 0. */
  readonly position: number | null;
  readonly created_at: Date;
}

export interface BlobsTable {
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  readonly content_type: string;
  readonly format: PictureFormat;
  readonly width: number;
  readonly height: number;
  /** When it was last stored. */
  readonly created_at: Date;
}

export interface MediaTable {
  /** A random capability: whoever knows it may see the picture. */
  readonly id: string;
  readonly account_id: string;
  readonly mode: Mode;
  readonly generation_id: string | null;
  /** Null once the bytes are gone. */
  readonly blob_sha256: string | null;
  readonly role: MediaRole;
  /** Place among the generation's media of this role, from 0. */
  readonly position: number;
  readonly content_type: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly created_at: Date;
  /** Null = kept until deleted. */
  readonly expires_at: Date | null;
  readonly deleted_at: Date | null;
  /** The provider's own text, where it gave one. */
  readonly revised_prompt: string | null;
}

/** What one offer did in one minute, for one kind and size. */
export interface OfferStatsTable {
  readonly mode: Mode;
  readonly offer_id: string;
  readonly kind: GenerationKind;
  readonly size_class: SizeClass;
  readonly bucket_start: Date;
  readonly succeeded: number;
  /** Only what is the provider's own fault. */
  readonly failed: number;
  readonly limited: number;
  readonly excused: number;
  /** Counts by bucket of core/routing/latency-histogram.ts. */
  readonly latency: readonly number[];
}

/** An offer without a row has a closed breaker. */
export interface OfferBreakersTable {
  readonly mode: Mode;
  readonly offer_id: string;
  readonly state: BreakerState;
  /** For operators. */
  readonly reason: string | null;
  /** How often it opened since it last closed. */
  readonly trips: number;
  readonly opened_at: Date | null;
  /** Open: when one request may try. Half open: until when the one that tries is believed to live. */
  readonly probe_until: Date | null;
  readonly updated_at: Date;
}

export interface SchemaMigrationsTable {
  readonly id: number;
  readonly name: string;
  readonly applied_at: Generated<Date>;
}

export type AccountRow = Selectable<AccountsTable>;
export type KeyRow = Selectable<KeysTable>;
export type BudgetRow = Selectable<BudgetsTable>;
export type GenerationRow = Selectable<GenerationsTable>;
export type AttemptRow = Selectable<AttemptsTable>;
export type WalletRow = Selectable<WalletsTable>;
export type TopUpRow = Selectable<TopUpsTable>;
export type IdempotencyKeyRow = Selectable<IdempotencyKeysTable>;
export type BlobRow = Selectable<BlobsTable>;
export type MediaRow = Selectable<MediaTable>;
export type OfferStatsRow = Selectable<OfferStatsTable>;
export type OfferBreakerRow = Selectable<OfferBreakersTable>;
