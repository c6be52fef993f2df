/**
 * The words that a generation is spoken of in, from the parsed request to the answer. Types only.
 * Wire names are snake_case everywhere, so that a field has one spelling from the client to the database.
 */
import type { JsonObject, JsonValue } from './json.ts';
import type { PictureFormat } from './media.ts';

export type GenerationKind = 'text_to_image' | 'edit';

/** `test` is drawn by the sketch engine and spends no money; everything else is the same. */
export type Mode = 'live' | 'test';

export type UnknownParamsPolicy = 'pass' | 'warn' | 'reject';

/** The caller's say in routing. */
export interface ProviderPreferences {
  readonly only?: readonly string[];
  readonly ignore?: readonly string[];
  readonly order?: readonly string[];
  readonly sort?: 'price' | 'latency' | 'quality';
  readonly max_price_usd?: number;
  readonly allow_fallbacks?: boolean;
  readonly on_refusal?: 'stop' | 'next';
  readonly on_unknown?: 'stop' | 'next';
}

/** A request after parsing: typed, bounded, without pictures (they travel beside it, already stored). */
export interface CanonicalRequest {
  readonly kind: GenerationKind;
  /** As the client wrote it: an id, an alias or a pin. The first where it wrote a list. */
  readonly model: string;
  /** The rest of the list: for when every offer of the models before has failed. */
  readonly fallback_models?: readonly string[];
  /** 1 .. 32,000 characters. */
  readonly prompt: string;
  /** 1 .. 10. */
  readonly n: number;
  readonly size?: string;
  readonly aspect_ratio?: string;
  readonly resolution?: string;
  readonly width?: number;
  readonly height?: number;
  /** 0 .. 2^32 - 1. */
  readonly seed?: number;
  readonly response_format?: 'url' | 'b64_json' | 'both';
  readonly output_format?: PictureFormat;
  /** 0 .. 100, for lossy formats; 100 is best. */
  readonly output_compression?: number;
  readonly quality?: string;
  readonly style?: string;
  readonly background?: string;
  readonly negative_prompt?: string;
  readonly user?: string;
  readonly stream: boolean;
  /** 0 .. 3. */
  readonly partial_images: number;
  /** Parameters that some offer in the catalogue declares (`watermark`, `enhance_prompt_mode` ...), as sent. */
  readonly offer_params: JsonObject;
  /** Parameters that nobody in the catalogue knows, as sent. */
  readonly unknown_params: JsonObject;
  readonly unknown_params_policy: UnknownParamsPolicy;
  readonly provider: ProviderPreferences;
  readonly labels: Readonly<Record<string, string>>;
  /** Test mode only: the failure to act out, one for every attempt or a list, one per attempt. */
  readonly simulate?: string | readonly string[];
  readonly simulate_delay_ms?: number;
}

export type Behaviour = 'passthrough' | 'renamed' | 'converted' | 'emulated' | 'ignored';

/** What became of one parameter: shown in the response, the log, the docs and the playground. */
export interface Applied {
  readonly param: string;
  readonly behaviour: Behaviour;
  readonly from: JsonValue;
  /** What was sent in its place; null when nothing was. */
  readonly to: JsonValue;
  readonly note?: string;
}

export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

/** What normalization needs to know of a picture that came with the request. */
export interface ReferenceFacts extends Dimensions {
  readonly bytes: number;
  readonly content_type: string;
  /** Absent = not known. */
  readonly has_alpha?: boolean;
}

/** What is done to a reference before it goes to an offer that would not take it as it is. */
export interface ReferenceChange {
  /** 0-based, in the caller's order. */
  readonly index: number;
  readonly reduce_to: Dimensions | null;
  /** Null = as it is, where the bytes allow it. */
  readonly format: PictureFormat | null;
  /** What it may have in the end; null = any. */
  readonly bytes_max: number | null;
  /** Content types that the offer takes; null = nobody has said. */
  readonly taken: readonly string[] | null;
}

/** One upstream call of a plan: its own count and the fields that differ from the plan's body (a seed, a count). */
export interface PlannedCall {
  readonly n: number;
  readonly overrides: JsonObject;
}

/** What would be sent to one offer for one request, and what became of every parameter. Pure data. */
export interface Plan {
  /** `provider/model`, e.g. `fal/seedream-4-edit`. */
  readonly offer_id: string;
  /**
   * The upstream body before the call's overrides. References stand in it as `{"$image": index}` and the mask as
   * `{"$mask": true}`: the adapter puts bytes or URLs there.
   */
  readonly body: JsonObject;
  readonly calls: readonly PlannedCall[];
  /** Absent = every reference goes as it came. */
  readonly reference_changes?: readonly ReferenceChange[];
  /** Pictures that one unit of `n` may bring: more than 1 for related sets, which may come out smaller. */
  readonly set_size: number;
  readonly applied: readonly Applied[];
  readonly warnings: readonly string[];
  /** What the offer will make, as well as can be known; test mode draws exactly this. */
  readonly upstream_size: Dimensions;
  /** False where the provider may deliver other pixels than `upstream_size`. */
  readonly upstream_size_exact: boolean;
  /** Reduce to this after delivery (an exact size that the offer can only approach from above). */
  readonly reduce_to: Dimensions | null;
  /** Format to deliver; null = as the provider delivers it. */
  readonly output_format: PictureFormat | null;
  readonly output_compression: number | null;
  /** The mask is composited by us after delivery. */
  readonly mask_emulated: boolean;
  /** The seed of each picture, in order, where the caller gave one or the offer takes one; the engine's own otherwise. */
  readonly seeds: readonly number[] | null;
  /** How many preferences are not honoured: offers with fewer come first. */
  readonly dishonoured: number;
}

export interface PriceComponent {
  readonly billable: 'output_image' | 'input_image' | 'input_text' | 'request';
  readonly unit: 'image' | 'megapixel' | 'token' | 'request';
  readonly quantity: number;
  readonly unit_price_micros: number;
  readonly total_micros: number;
}

export interface PriceEstimate {
  readonly components: readonly PriceComponent[];
  /** Integer micro-dollars for the worst case of the plan. */
  readonly total_micros: number;
  /** Integer micro-dollars charged for one delivered picture. */
  readonly per_picture_micros: number;
}
