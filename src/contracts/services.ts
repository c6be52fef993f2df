/** What the outside (http, cli) may ask of the inside, as types. The functions live in `services/`, one verb a file. */
import type { Readable } from 'node:stream';
import type { BatchServices } from './batches.ts';
import type { FileServices } from './files.ts';
import type { Applied, CanonicalRequest, GenerationKind, Mode, Plan, PriceEstimate } from './generation.ts';
import type {
  Bound,
  Budget,
  KeyChange,
  KeySettings,
  KeyView,
  KeyWish,
  RateSettings,
  RateVerdict,
  RateView,
  Scope,
  TagBudgetView,
} from './keys.ts';
import type { PictureFormat, StoredPicture } from './media.ts';
import type {
  AccountView,
  AccountWish,
  CheckoutView,
  LedgerBalance,
  LedgerReport,
  RefundView,
  TopUpView,
  TopUpWish,
  WalletView,
} from './money.ts';
import type {
  PurgeReport,
  RequestDetail,
  RequestListing,
  RequestQuery,
  RetentionView,
  UsageQuery,
  UsageReport,
} from './requests.ts';
import type { WebhookServices } from './webhooks.ts';

/** Who is calling: made from a key, checked once, passed down. */
export interface Principal {
  readonly account_id: string;
  /** Null at this machine's own command line, which needs no key. */
  readonly key_id: string | null;
  /** Admin keys administer and cannot generate. */
  readonly mode: Mode | 'admin';
  readonly scopes: readonly Scope[];
  readonly settings: KeySettings;
  /** Everything that limits the caller: its key, those that it was made under, its account. Absent = nothing does. */
  readonly bounds?: readonly Bound[];
}

/** One upstream try, told in the response and the log. */
export interface Attempt {
  readonly provider: string;
  readonly offer_id: string;
  readonly outcome: 'success' | 'partial' | 'refused' | 'failed';
  readonly error_class?: string;
  readonly latency_ms: number;
}

export interface DeliveredPicture {
  readonly media_id: string;
  /** Absolute URL of the hosted picture. */
  readonly url: string;
  readonly blob_sha256: string;
  readonly content_type: string;
  readonly format: PictureFormat;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  /** Milliseconds since the epoch; null = kept until deleted. */
  readonly expires_at: number | null;
  /** The provider's own text, where it gave one. */
  readonly revised_prompt?: string;
}

export interface GenerationResult {
  readonly id: string;
  readonly kind: GenerationKind;
  readonly mode: Mode;
  /** Unix seconds. */
  readonly created: number;
  /** The catalogue's id of the model. */
  readonly model: string;
  /** The offer that delivered, e.g. `fal/seedream-4`. */
  readonly executed_model: string;
  readonly provider: string;
  readonly provider_name: string;
  readonly cost_micros: number;
  readonly attempts: readonly Attempt[];
  readonly applied: readonly Applied[];
  readonly warnings: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly pictures: readonly DeliveredPicture[];
}

/** A generation at any time of its life, as it may be fetched. */
export interface GenerationView {
  readonly id: string;
  readonly kind: GenerationKind;
  readonly mode: Mode;
  readonly status: 'queued' | 'running' | 'completed' | 'failed' | 'canceled';
  /** 0 .. 100. */
  readonly progress: number;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly completed_at: Date | null;
  /** Null = kept until deleted. */
  readonly expires_at: Date | null;
  /** The catalogue's id of the model that was asked for. */
  readonly model: string;
  /** The model that delivered: another one where the first of a list could not; the first until one has. */
  readonly delivered_model: string;
  /** The offer that delivered; null until one has. */
  readonly executed_model: string | null;
  readonly provider: string | null;
  readonly provider_name: string | null;
  /** What is kept back for it; 0 once it has ended. */
  readonly held_micros: number;
  readonly cost_micros: number;
  readonly attempts: readonly Attempt[];
  readonly applied: readonly Applied[];
  readonly warnings: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** How many were delivered, whether or not they are still kept. */
  readonly pictures: number;
  readonly webhook_url: string | null;
  readonly batch_id: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly param?: string | null } | null;
  /** Those that have not expired. */
  readonly media: readonly {
    readonly id: string;
    readonly url: string;
    readonly content_type: string;
    readonly width: number;
    readonly height: number;
    readonly bytes: number;
    readonly expires_at: Date | null;
  }[];
}

export interface PartialPicture {
  /** 0-based within its picture. */
  readonly partial_index: number;
  /** Which of the n pictures it belongs to. */
  readonly picture_index: number;
  readonly bytes: Buffer;
  readonly format: PictureFormat;
  readonly width: number;
  readonly height: number;
}

export interface GenerationInputs {
  /** References in the caller's order. */
  readonly images: readonly StoredPicture[];
  readonly mask: StoredPicture | null;
}

export interface GenerateHooks {
  /** How long the caller is going to wait, where it says so; the server's own deadline holds as well. */
  readonly patience_ms?: number;
  /** What the request is booked under; absent = as the key says. */
  readonly tag?: string;
  /** The same key and the same request are answered alike, and done and charged once. */
  readonly idempotency_key?: string;
  /** Called with the first generation's id before anything else when its answer, or its error, is given again. */
  readonly onReplayed?: (id: string) => void;
  readonly onRate?: (view: RateView) => void;
  /** The whole work, which goes on after a caller was told that its time is up. */
  readonly onWork?: (work: Promise<unknown>) => void;
  readonly onPartial?: (partial: PartialPicture) => void;
  /** Called with the id as soon as the generation exists, before any work. */
  readonly onAccepted?: (id: string) => void;
  /** Called as each picture is stored, in order of completion. */
  readonly onPicture?: (picture: DeliveredPicture, picture_index: number) => void;
}

export interface SubmitHooks extends Pick<GenerateHooks, 'tag' | 'idempotency_key' | 'onReplayed' | 'onRate'> {
  /** Told when it has ended; checked by the caller. */
  readonly webhook_url?: string;
}

export interface WaitWish {
  /** 0 = as it is now. */
  readonly wait_ms: number;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
}

export interface GenerationListing {
  readonly generations: readonly GenerationView[];
  readonly has_more: boolean;
}

/** The answer to `?dryRun=true`: everything decided, nothing done. */
export interface DryRun {
  readonly model: string;
  readonly executed_model: string;
  readonly provider: string;
  readonly plan: Plan;
  readonly price: PriceEstimate;
}

/** Where a picture of a request comes from, before it is ours. */
export type PictureSource =
  | { readonly kind: 'upload'; readonly stream: Readable }
  /** A `data:` URL or bare base64. */
  | { readonly kind: 'data'; readonly text: string }
  | { readonly kind: 'url'; readonly url: string }
  /** Uploaded before with purpose `vision`. */
  | { readonly kind: 'file'; readonly file_id: string };

export interface BackupWish {
  /** Pictures and files too, not only what is said of them. */
  readonly has_media: boolean;
  readonly gesso_version: string;
}

export interface Services extends FileServices, BatchServices {
  /** `token` is what stood after `Bearer `. Throws `invalid_api_key`. */
  authenticate(token: string | null): Promise<Principal>;
  /** Copies, sniffs, measures and stores a picture that came with a request. `param` names it in errors. */
  receivePicture(principal: Principal, source: PictureSource, param: string): Promise<StoredPicture>;
  generate(
    principal: Principal,
    request: CanonicalRequest,
    inputs: GenerationInputs,
    hooks?: GenerateHooks,
  ): Promise<GenerationResult>;
  /** Resolves to the id of a generation that is queued, and durable. */
  submitGeneration(
    principal: Principal,
    request: CanonicalRequest,
    inputs: GenerationInputs,
    hooks?: SubmitHooks,
  ): Promise<string>;
  /** Throws `not_found` for a stranger's generation. */
  getGeneration(principal: Principal, id: string): Promise<GenerationView>;
  /** The same when it has ended, or when the time is up. */
  waitForGeneration(principal: Principal, id: string, wish: WaitWish): Promise<GenerationView>;
  listGenerations(principal: Principal, query: RequestQuery): Promise<GenerationListing>;
  cancelGeneration(principal: Principal, id: string): Promise<GenerationView>;
  /** Throws `request_in_progress` for one that has not ended. */
  deleteGeneration(principal: Principal, id: string): Promise<void>;
  /** Calls with every change of a generation until it has ended or the signal aborts. */
  watchGeneration(
    principal: Principal,
    id: string,
    signal: AbortSignal,
    onChange: (view: GenerationView) => void,
  ): Promise<void>;
  /** Throws `not_found` for a cursor that is no request of the account. */
  listRequests(principal: Principal, query: RequestQuery): Promise<RequestListing>;
  /** This and the next throw `not_found` for a stranger's request. */
  getRequest(principal: Principal, id: string): Promise<RequestDetail>;
  /** Throws `request_in_progress` for one that runs, `scope_exceeded` for a key that can only read. */
  purgePayloads(principal: Principal, id: string): Promise<PurgeReport>;
  reportUsage(principal: Principal, query: UsageQuery): Promise<UsageReport>;
  /** How long the caller's account keeps payloads. */
  getRetention(principal: Principal): Promise<RetentionView>;
  /** Null = as the server does. Another account's is set by the operator alone; throws `not_found`. */
  setRetention(principal: Principal, retention_days: number | null, account_id?: string): Promise<RetentionView>;
  dryRun(principal: Principal, request: CanonicalRequest, inputs: GenerationInputs): Promise<DryRun>;
  /** Counts a request against the limits of key and account. */
  takeRequest(principal: Principal): Promise<RateVerdict>;
  /**
   * Returns the whole key, this once. Keys are managed with the scope `admin`, or with `manage` for those under one's own;
   * of another account by the operator alone. A stranger's key is `not_found`.
   */
  createKey(principal: Principal, wish: KeyWish): Promise<{ readonly key: string; readonly view: KeyView }>;
  listKeys(principal: Principal, account_id?: string): Promise<readonly KeyView[]>;
  getKey(principal: Principal, id: string): Promise<KeyView>;
  changeKey(principal: Principal, id: string, change: KeyChange): Promise<KeyView>;
  /** The old key dies when the new one is first used, or after `grace_ms`. */
  rotateKey(
    principal: Principal,
    id: string,
    grace_ms: number,
  ): Promise<{ readonly key: string; readonly view: KeyView }>;
  /** Throws `not_found` for one that was revoked before, too. */
  revokeKey(principal: Principal, id: string): Promise<void>;
  listTagBudgets(principal: Principal): Promise<readonly TagBudgetView[]>;
  /** What is absent stays as it is. */
  setTagBudget(principal: Principal, tag: string, mode: Mode, budget: Partial<Budget>): Promise<TagBudgetView>;
  /** The limits of a whole account, in place of those that it had. The operator's alone. */
  setAccountLimits(principal: Principal, account_id: string, limits: RateSettings): Promise<void>;
  /** The caller's own wallet. */
  getBalance(principal: Principal): Promise<WalletView>;
  /** What customers are told, and how that went. */
  readonly webhooks: WebhookServices;
  /** This and those below need an admin key of the owner's account. */
  createAccount(principal: Principal, wish: AccountWish): Promise<AccountView>;
  listAccounts(principal: Principal): Promise<readonly AccountView[]>;
  /** Throws `not_found`. */
  getAccount(principal: Principal, id: string): Promise<AccountView>;
  /** Throws `not_found`, and `idempotency_conflict` for a reference that another payment has. */
  topUp(principal: Principal, account_id: string, wish: TopUpWish): Promise<TopUpView>;
  /** Opens a page at Stripe where a card pays into the caller's live wallet. */
  startCheckout(
    principal: Principal,
    wish: { readonly amount_micros: number; readonly dry_run: boolean },
  ): Promise<CheckoutView>;
  /** Throws `invalid_value` for what Stripe did not sign. */
  takeStripeEvent(body: Uint8Array, signature: string | null): Promise<void>;
  /**
   * Passes on that a provider has spoken of one of its jobs. Throws `not_found` for a provider that is not asked to call,
   * and `invalid_signature` for what it did not sign. The body, exactly as it was sent, is read only where it matters.
   */
  takeProviderEvent(
    provider: string,
    headers: Readonly<Record<string, string | undefined>>,
    readBody: () => Promise<Uint8Array>,
  ): Promise<void>;
  /** Gives back of what a generation was charged; everything that is left of it when `amount_micros` is null. */
  refund(principal: Principal, generation_id: string, amount_micros: number | null): Promise<RefundView>;
  /** What the house took, what providers billed and may bill, and what wallets hold together. */
  ledgerBalances(principal: Principal): Promise<readonly LedgerBalance[]>;
  /** Everything that is kept, compressed; throws before it begins, or breaks off. */
  backUp(principal: Principal, wish: BackupWish): Promise<Readable>;
  /** Recomputes all books from their rows. */
  verifyLedger(principal: Principal): Promise<LedgerReport>;
}
