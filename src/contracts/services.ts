/** What the outside (http, cli) may ask of the inside, as types. The functions live in `services/`, one verb a file. */
import type { Readable } from 'node:stream';
import type {
  Applied,
  CanonicalRequest,
  GenerationKind,
  Mode,
  Plan,
  PriceEstimate,
  UnknownParamsPolicy,
} from './generation.ts';
import type { PictureFormat, StoredPicture } from './media.ts';

export type Scope = 'generate' | 'read' | 'manage' | 'admin';

/** Who is calling: made from a key, checked once, passed down. */
export interface Principal {
  readonly account_id: string;
  /** Null at this machine's own command line, which needs no key. */
  readonly key_id: string | null;
  /** Admin keys administer and cannot generate. */
  readonly mode: Mode | 'admin';
  readonly scopes: readonly Scope[];
  readonly settings: KeySettings;
}

export interface KeySettings {
  readonly response_format?: 'url' | 'b64_json' | 'both';
  readonly unknown_params?: UnknownParamsPolicy;
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
  /** The whole work, which goes on after a caller was told that its time is up. */
  readonly onWork?: (work: Promise<unknown>) => void;
  readonly onPartial?: (partial: PartialPicture) => void;
  /** Called with the id as soon as the generation exists, before any work. */
  readonly onAccepted?: (id: string) => void;
  /** Called as each picture is stored, in order of completion. */
  readonly onPicture?: (picture: DeliveredPicture, picture_index: number) => void;
}

/** The answer to `?dryRun=true`: everything decided, nothing done. */
export interface DryRun {
  readonly model: string;
  readonly executed_model: string;
  readonly provider: string;
  readonly plan: Plan;
  readonly price: PriceEstimate;
}

export interface KeyWish {
  readonly mode: Mode | 'admin';
  readonly name: string;
  readonly settings?: KeySettings;
  /** Null = never. */
  readonly expires_at?: Date | null;
}

/** What may be shown of a key at any time: the key itself is shown once, when it is made. */
export interface KeyView {
  readonly id: string;
  readonly account_id: string;
  readonly mode: Mode | 'admin';
  readonly name: string;
  readonly prefix: string;
  readonly last_four: string;
  readonly scopes: readonly Scope[];
  readonly settings: KeySettings;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
}

/** Where a picture of a request comes from, before it is ours. */
export type PictureSource =
  | { readonly kind: 'upload'; readonly stream: Readable }
  /** A `data:` URL or bare base64. */
  | { readonly kind: 'data'; readonly text: string }
  | { readonly kind: 'url'; readonly url: string };

export interface Services {
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
  /** Throws `not_found` for a stranger's generation. */
  getGeneration(principal: Principal, id: string): Promise<GenerationView>;
  dryRun(principal: Principal, request: CanonicalRequest, inputs: GenerationInputs): Promise<DryRun>;
  /** Returns the whole key, this once. Needs the scope `admin`, as the two below. */
  createKey(principal: Principal, wish: KeyWish): Promise<{ readonly key: string; readonly view: KeyView }>;
  listKeys(principal: Principal): Promise<readonly KeyView[]>;
  /** Throws `not_found` for a stranger's key and for one that was revoked before. */
  revokeKey(principal: Principal, id: string): Promise<void>;
}
