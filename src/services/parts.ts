/** What the services are made of, handed over once by app.ts. */
import type { Bus } from '../contracts/bus.ts';
import type { Clock, Ids } from '../contracts/clock.ts';
import type { Mode } from '../contracts/generation.ts';
import type { MediaStore } from '../contracts/media.ts';
import type { HookReader, ProviderAdapter } from '../contracts/provider.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import type { WeightedSemaphore } from '../core/limits/weighted-semaphore.ts';
import type { CheckTarget } from '../net/check-target.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { Lease } from '../store/generations.ts';
import type { Db } from '../store/tables.ts';
import type { AccountRetention } from './account-retention.ts';
import type { AdmissionGroups } from './admit.ts';
import type { Ends } from './ends.ts';
import type { KnownKeys } from './known-keys.ts';
import type { OfferTraffic } from './offer-traffic.ts';
import type { ViewGroups } from './view-groups.ts';
import type { WorkAtHand } from './work-at-hand.ts';
import type { WriteGroups } from './write-groups.ts';

export interface Log {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}

export interface MoneyRules {
  /** On top of a payment, in hundredths of a percent. */
  readonly top_up_fee_basis_points: number;
  /** What the wallets of a new prepaid account begin with. */
  readonly start_credit_micros: Readonly<Record<Mode, number>>;
  /** Below which a live wallet is said to run low. */
  readonly low_balance_micros: number;
  /** Null = no cards are taken. */
  readonly stripe: {
    readonly secret_key: string;
    readonly webhook_secret: string | null;
    readonly base_url: string;
  } | null;
}

export interface WebhookRules {
  /** Endpoints that an account may have. */
  readonly endpoints_max: number;
  /** In which a webhook must be answered. */
  readonly timeout_ms: number;
  /** How long events, deliveries and tries are kept. */
  readonly retention_ms: number;
}

export interface ServiceParts {
  readonly db: Db;
  /** What is said to other parts and other processes. */
  readonly bus: Bus;
  /** Generations on their way into the database, by wallet. */
  readonly admissions: AdmissionGroups;
  readonly writes: WriteGroups;
  /** Those who wait for a generation's end. */
  readonly ends: Ends;
  readonly workAtHand: WorkAtHand;
  /** Generations that are read together. */
  readonly reads: ViewGroups;
  readonly knownKeys: KnownKeys;
  readonly money: MoneyRules;
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly guardedFetch: GuardedFetch;
  /** Whether a customer's URL may be called, told before it is. */
  readonly checkTarget: CheckTarget;
  readonly webhooks: WebhookRules;
  /** 32 bytes that only this installation can make, the same for the same purpose in every process. */
  readonly deriveSecret: (purpose: string) => Buffer;
  /** Adapters of the providers that have a key, by provider id: what live mode may use. */
  readonly liveAdapters: ReadonlyMap<string, ProviderAdapter>;
  /** By provider id: what reads the webhooks of those that are asked to call us. */
  readonly hookReaders: ReadonlyMap<string, HookReader>;
  /** `host:port` of a provider's base URL: pictures may be fetched from there even when it is private. */
  readonly providerHosts: (provider: string) => readonly string[];
  /** Health, limits and pauses of offers, apart for each mode. */
  readonly traffic: (mode: Mode) => OfferTraffic;
  /** After which a caller that still waits is told to fetch the generation later. */
  readonly request_deadline_ms: number;
  /** After which the work itself is given up: longer than any picture that a client still waits for. */
  readonly work_deadline_ms: number;
  /** After which a job that a provider never ends is given up too. */
  readonly job_deadline_ms: number;
  /** What draws in test mode, in every provider's place. */
  readonly testAdapter: ProviderAdapter;
  /** Undressed pixels in memory, over all requests. */
  readonly pixelBudget: WeightedSemaphore;
  readonly clock: Clock;
  readonly ids: Ids;
  /** A random whole number in 0 .. 2^32 - 1, for pictures whose seed nobody gave. */
  readonly randomSeed: () => number;
  readonly log: Log;
  /** This process, as the rows that it works on name it. */
  readonly lease: Lease;
  /** Aborts when the process must end and cannot wait any longer. */
  readonly stopping: AbortSignal;
  /** Aborts when the process begins to end: what another one can go on with is left to it. */
  readonly draining: AbortSignal;
  /** Base of picture links, without a slash at the end. Late, since port 0 is only known once we listen. */
  readonly publicUrl: () => string;
  /** The owner's bearer tokens for this machine's command line. */
  readonly localTokens: { readonly live: string; readonly test: string };
  readonly retention: AccountRetention;
  /** Removes a blob's bytes, and what was made from them, unless it was stored again since. */
  readonly removeBytes: (sha256: string, stored_before: Date) => Promise<void>;
  readonly image_bytes_max: number;
  readonly image_pixels_max: number;
  readonly file_limits: {
    readonly bytes_max: number;
    /** Of one that a batch is made of. */
    readonly batch_bytes_max: number;
    readonly batch_lines_max: number;
  };
}
