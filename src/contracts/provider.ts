/** The contract that every provider adapter answers. Types only; adapters throw ProviderFault (core/routing). */
import type { Plan } from './generation.ts';
import type { JsonObject } from './json.ts';
import type { Pixels, StoredPicture } from './media.ts';

/** One upstream call, wholly planned: an adapter decides nothing, it only speaks its provider's language. */
export interface ProviderCall {
  readonly plan: Plan;
  /** The plan's body with this call's overrides laid over it. */
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

export interface CallContext {
  readonly signal: AbortSignal;
  readonly onPartial: ((pixels: Pixels, partial_index: number, picture_index: number) => void) | null;
}

/** A picture still to be drawn, so that whoever takes it decides how many are in memory at once. */
export interface ProviderPicture {
  readonly kind: 'drawing';
  readonly draw: () => Promise<Pixels>;
  /** The provider's own text, where it rewrote the prompt. */
  readonly revised_prompt?: string;
}

/** A picture that was asked for and did not come, though the call as a whole succeeded. */
export interface MissingPicture {
  readonly kind: 'missing';
  readonly reason: string;
}

export interface ProviderAnswer {
  readonly pictures: readonly (ProviderPicture | MissingPicture)[];
}

export interface ProviderAdapter {
  /** The provider's id in the catalogue. */
  readonly provider: string;
  run(call: ProviderCall, context: CallContext): Promise<ProviderAnswer>;
}
