/** The words between those who carry out the calls of one generation. */
import type { Readable } from 'node:stream';
import type { CanonicalRequest, Mode, Plan } from '../contracts/generation.ts';
import type { StagedBlob } from '../contracts/media.ts';
import type { ProviderAdapter, ProviderJob, ProviderPicture } from '../contracts/provider.ts';
import type { GenerationInputs } from '../contracts/services.ts';
import type { PastCall } from '../core/generation/what-is-left.ts';
import type { FaultClass } from '../core/routing/outcomes.ts';
import type { ProviderFault } from '../core/routing/provider-fault.ts';
import type { AttemptOutput } from '../store/tables.ts';
import type { ChosenOffer } from './choose-offers.ts';
import type { Visit } from './offer-traffic.ts';
import type { StoredOutput } from './store-output.ts';

export interface AttemptRecord {
  /** 1 for the first of the generation. */
  readonly seq: number;
  readonly provider: string;
  readonly offer_id: string;
  readonly outcome: 'success' | 'partial' | 'refused' | 'failed';
  readonly error_class: FaultClass | null;
  /** What the call costs us at most; 0 where nobody bills us. */
  readonly price_micros: number;
  readonly billed_micros: number | null;
  readonly possible_micros: number | null;
  readonly started_at: number;
  readonly ended_at: number;
}

export interface DeliveredOutput {
  readonly index: number;
  readonly media_id: string;
  readonly chosen: ChosenOffer;
  readonly output: StoredOutput;
}

export interface MissingOutput {
  readonly index: number;
  readonly reason: string;
}

export interface CallsOutcome {
  readonly delivered: readonly DeliveredOutput[];
  readonly missing: readonly MissingOutput[];
  readonly attempts: readonly AttemptRecord[];
  /** The calls that ended without a picture, in the order of their ends. */
  readonly faults: readonly FailedCall[];
}

export interface FailedCall {
  /** The last that was tried. */
  readonly provider: string;
  readonly fault: ProviderFault;
}

export interface RunParts {
  readonly now: () => number;
  readonly adapterFor: (provider: string) => ProviderAdapter;
  /** Waits for its turn; throws ProviderFault `no_slot` when there is none: nothing was sent then. */
  readonly enter: (chosen: ChosenOffer, images: number, hasNext: boolean) => Promise<Visit>;
  /** For a job that is there already: it waits for nobody. */
  readonly rejoin: (chosen: ChosenOffer) => Visit;
  /** The request's pictures and mask as this offer takes them; throws ProviderFault `offer_limit`. */
  readonly prepare: (chosen: ChosenOffer) => Promise<GenerationInputs>;
  /** Draws, dresses and stores one picture. */
  readonly store: (chosen: ChosenOffer, picture: ProviderPicture) => Promise<StoredOutput>;
  readonly onDelivered: (delivered: DeliveredOutput) => void;
  readonly onPartial: Parameters<ProviderAdapter['run']>[1]['onPartial'];
  /** The plan for a smaller share of the request at another offer; null when it cannot do the share after all. */
  readonly replan: (chosen: ChosenOffer, share: Share) => Plan | null;
  /** Before anything is sent, so that a crash leaves a trace of what may have reached a provider. */
  readonly onAttempt: (
    seq: number,
    attempt: Pick<AttemptRecord, 'provider' | 'offer_id' | 'price_micros' | 'started_at'>,
    share: Share,
  ) => Promise<void>;
  readonly onAttemptEnd: (seq: number, attempt: AttemptRecord, delivered: readonly DeliveredOutput[]) => Promise<void>;
  /** From then on the job is asked for until it ends, whatever happens here. */
  readonly onJob: (seq: number, provider: string, job: ProviderJob) => Promise<void>;
  readonly keep: (bytes: Readable) => Promise<StagedBlob>;
  readonly newMediaId: () => string;
  /** Milliseconds since the epoch: nothing is asked of a provider after it. */
  readonly deadline_at: number;
  /** Until then a job that a provider has is asked for. */
  readonly job_deadline_at: number;
  /** Aborts when the process must end. */
  readonly signal: AbortSignal;
  /** Aborts, perhaps sooner, when what another process can go on with is left to it. */
  readonly leaving: AbortSignal;
  /** Aborts when nobody wants it any more: no further offer is asked. */
  readonly canceled: AbortSignal;
}

export interface Share {
  readonly first_index: number;
  /** Pictures. */
  readonly n: number;
  /** Of the request's `n`, which counts sets where sets are made. */
  readonly units: number;
}

export interface RunRequest {
  readonly mode: Mode;
  readonly request: CanonicalRequest;
  readonly inputs: GenerationInputs;
  readonly offers: readonly ChosenOffer[];
  /** One seed for every picture of the generation. */
  readonly seeds: readonly number[];
  /** Whether another process may begin it anew, where nobody bills what was begun here. */
  readonly is_asynchronous: boolean;
  /** What an earlier runner has tried, in order; empty for work that is new. */
  readonly past: readonly PastAttempt[];
}

/** An attempt that an earlier runner wrote down. */
export interface PastAttempt extends Omit<AttemptRecord, 'outcome' | 'ended_at'>, PastCall {
  readonly outcome: AttemptRecord['outcome'] | 'running';
  /** Null = nobody wrote down how it ended. */
  readonly ended_at: number | null;
  readonly job: ProviderJob | null;
  /** What it delivered, where that was written down before the end of its generation. */
  readonly outputs: readonly AttemptOutput[] | null;
}
