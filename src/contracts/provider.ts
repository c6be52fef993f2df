/** The contract that every provider adapter answers. Types only; adapters throw ProviderFault (core/routing). */
import type { Readable } from 'node:stream';
import type { Plan } from './generation.ts';
import type { JsonObject } from './json.ts';
import type { Pixels, StagedBlob, StoredPicture } from './media.ts';

/** One upstream call, wholly planned: an adapter decides nothing, it only speaks its provider's language. */
export interface ProviderCall {
  readonly plan: Plan;
  /** What the plan needs said beside its body: where it goes, and the provider's own name for the model. */
  readonly offer: {
    readonly endpoint: string;
    readonly upstream_model: string;
    /** True where the provider charges for an answer without a picture. */
    readonly bills_empty: boolean;
    readonly token_prices?: TokenPrices | undefined;
  };
  /** The plan's body with this call's overrides laid over it; `{"$image": index}` and `{"$mask": true}` stand for pictures. */
  readonly body: JsonObject;
  /** Pictures wanted of this call. */
  readonly n: number;
  /** Position of this call's first picture among all pictures of the generation. */
  readonly first_index: number;
  readonly prompt: string;
  readonly negative_prompt: string | null;
  readonly images: readonly StoredPicture[];
  readonly mask: StoredPicture | null;
  /** Seeds of this call's pictures: the caller's, or drawn at random by the gateway. */
  readonly seeds: readonly number[];
  /** Draw the TEST mark: test mode only. */
  readonly marked: boolean;
  readonly partials: number;
}

/** What a provider's tokens cost us: US dollars a million, as decimal text. A kind without a price is not known. */
export interface TokenPrices {
  readonly text_in?: string | undefined;
  readonly image_in?: string | undefined;
  readonly text_out?: string | undefined;
  readonly image_out?: string | undefined;
}

/** What is needed to ask for an earlier job again, also from another process. */
export interface ProviderJob {
  readonly id: string;
  /** The provider's own URLs and whatever else a later question needs; never a secret. */
  readonly handle: JsonObject;
}

export interface CallContext {
  /** Aborts when the work is canceled or the process must end: a client that went away aborts nothing. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch after which an answer is of no use to anybody. */
  readonly deadline_at: number;
  /** True where the id of the job is wanted before the answer, so that another process can ask for it. */
  readonly job_first: boolean;
  /** A rough state, drawn here or as the provider encoded it: it may be lost, and nobody waits for it. */
  readonly onPartial: ((state: Pixels | StagedBlob, partial_index: number, picture_index: number) => void) | null;
  /** Must be awaited before the job is asked for the first time: from then on nothing is ever submitted again. */
  readonly onJob: (job: ProviderJob) => Promise<void>;
  /** Streams a picture's bytes into the media store as they come; nothing is looked at yet. */
  readonly keep: (bytes: Readable) => Promise<StagedBlob>;
}

/** A picture as the provider hands it over. */
export type ProviderPicture = (
  | {
      /** Still to be drawn, so that whoever takes it decides how many are in memory at once. */
      readonly kind: 'drawing';
      readonly draw: () => Promise<Pixels>;
    }
  | {
      /** Bytes that came inside the answer and lie in the media store. */
      readonly kind: 'kept';
      readonly blob: StagedBlob;
    }
  | {
      /** Still at the provider, or wherever its answer points: fetched under guard before anything is answered. */
      readonly kind: 'link';
      readonly url: string;
    }
) & {
  /** The provider's own text, where it rewrote the prompt. */
  readonly revised_prompt?: string;
};

/** A picture that was asked for and did not come, though the call as a whole succeeded. */
export interface MissingPicture {
  readonly kind: 'missing';
  readonly reason: string;
  /** Set where the provider refused this one picture for its content. */
  readonly refused?: boolean;
}

export interface ProviderAnswer {
  readonly pictures: readonly (ProviderPicture | MissingPicture)[];
  /** What the provider says it bills us, in micro-dollars, where it says so. */
  readonly billed_micros?: number;
  /** The provider's id of the request, for its support. */
  readonly request_id?: string;
}

export interface ProviderAdapter {
  /** The provider's id in the catalogue. */
  readonly provider: string;
  /** Throws ProviderFault. */
  run(call: ProviderCall, context: CallContext): Promise<ProviderAnswer>;
  /** Where the provider has jobs: asks for an earlier one until it ends. Throws ProviderFault. */
  resume?(job: ProviderJob, call: ProviderCall, context: CallContext): Promise<ProviderAnswer>;
  /** Asks the provider to stop a job; it may finish and bill all the same. */
  cancel?(job: ProviderJob): Promise<void>;
}

/** What an adapter sends; the body is one of the three, or absent. */
export interface ProviderRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** A path below the base URL, or a whole URL that the provider itself handed out. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * `{"$image": index}` and `{"$mask": true}` inside become data URLs (or bare base64), streamed, never whole in memory;
   * `{"$image_type": index}` becomes the picture's content type.
   */
  readonly json?: JsonObject;
  readonly pictures?: {
    readonly images: readonly StoredPicture[];
    readonly mask: StoredPicture | null;
    readonly as: 'data_url' | 'base64';
  };
  /** multipart/form-data; pictures are streamed from the media store. */
  readonly form?: readonly FormPart[];
  /** From the start to the last byte. */
  readonly timeout_ms: number;
  /** True where a provider may have begun to bill once it has the request: silence is then `outcome_unknown`. */
  readonly may_bill: boolean;
}

export type FormPart =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly file: StoredPicture; readonly file_name: string };

export interface ProviderResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Parses as the bytes come. A base64 string or data URL longer than `picture_chars_min` leaves through `context.keep`
   * and a `KeptPicture` (providers/shared) stands in its place. Throws ProviderFault `server_error` for what is not
   * JSON (a proxy's page), `outcome_unknown` or `server_error` for what was cut, by `may_bill`.
   */
  json(): Promise<unknown>;
  /** Server-sent events in order, each `data` parsed as `json` does. */
  events(): AsyncIterable<{ readonly event: string; readonly data: unknown }>;
  readonly body: Readable;
}

/** What every adapter is made of. The key never leaves for another host than the base URL's. */
export interface AdapterParts {
  /** The provider's id in the catalogue: several providers may share an adapter. */
  readonly provider: string;
  /** Without a slash at the end. */
  readonly base_url: string;
  /** In what this provider differs from others that share the adapter. */
  readonly options?: JsonObject;
  /** Throws ProviderFault `unreachable` when it is certain that nothing was sent, else by `may_bill`. */
  readonly send: (request: ProviderRequest, context: Pick<CallContext, 'signal' | 'keep'>) => Promise<ProviderResponse>;
  readonly now: () => number;
  /** Resolves early, by rejecting, when the signal aborts. */
  readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Absent where the provider cannot reach this server, or has no webhooks. */
  readonly hooks?: JobHooks;
}

/** Where a provider may say that a job of its has changed. What it says is a nudge to ask, never an answer. */
export interface JobHooks {
  /** What the provider shall call: https. */
  readonly url: string;
  /** Resolves when it has spoken of the job since this was last told; rejects when the signal aborts. */
  readonly next: (job_id: string, signal: AbortSignal) => Promise<void>;
  /** Whether it has lately been heard at all, so that questions may become rare. */
  readonly speaks: () => boolean;
}

/** The id of the job that a message speaks of; null for what its provider did not sign, or not lately. Names in lower case. */
export type HookReader = (
  headers: Readonly<Record<string, string | undefined>>,
  body: Uint8Array,
) => Promise<string | null>;
