/** Batches of generations, read from a file and answered in files. Types only. */
import type { CanonicalRequest, Mode } from './generation.ts';
import type { StoredPicture } from './media.ts';
import type { GenerationInputs, GenerationResult, PictureSource, Principal } from './services.ts';

export type BatchEndpoint = '/v1/images/generations' | '/v1/images/edits';

export type BatchStatus =
  | 'validating'
  | 'failed'
  | 'in_progress'
  | 'finalizing'
  | 'completed'
  | 'expired'
  | 'cancelling'
  | 'cancelled';

export interface BatchFault {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
  /** Of the input file, from 1; null = of the batch as a whole. */
  readonly line: number | null;
}

export interface BatchView {
  /** `batch_…` */
  readonly id: string;
  readonly mode: Mode;
  readonly endpoint: BatchEndpoint;
  readonly completion_window: string;
  readonly input_file_id: string;
  readonly status: BatchStatus;
  readonly model: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly errors: readonly BatchFault[];
  readonly total_count: number;
  readonly completed_count: number;
  readonly failed_count: number;
  readonly authorized_micros: number;
  readonly cost_micros: number;
  readonly output_file_id: string | null;
  readonly error_file_id: string | null;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly in_progress_at: Date | null;
  readonly finalizing_at: Date | null;
  readonly completed_at: Date | null;
  readonly failed_at: Date | null;
  readonly expired_at: Date | null;
  readonly cancelling_at: Date | null;
  readonly cancelled_at: Date | null;
}

export interface BatchWish {
  readonly input_file_id: string;
  readonly endpoint: BatchEndpoint;
  readonly completion_window: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Null = as files of batches do. */
  readonly output_expires_after_seconds: number | null;
  /** What its lines are booked under; absent = as the key says. */
  readonly tag?: string;
  /** The same key and the same wish are one batch, for 24 hours. */
  readonly idempotency_key?: string;
}

export interface BatchServices {
  /**
   * Throws `not_found` for an input file that is not there, `invalid_value` for one that is not for batches, and
   * `idempotency_conflict` for a key that stands for another wish.
   */
  createBatch(
    principal: Principal,
    wish: BatchWish,
  ): Promise<{ readonly batch: BatchView; readonly is_replay: boolean }>;
  /** Newest first. */
  listBatches(
    principal: Principal,
    query: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly batches: readonly BatchView[]; readonly has_more: boolean }>;
  /** This and the next throw `not_found`, for a stranger's batch too. */
  getBatch(principal: Principal, id: string): Promise<BatchView>;
  /** Harmless to repeat. Throws `invalid_value` for one that has ended otherwise. */
  cancelBatch(principal: Principal, id: string): Promise<BatchView>;
}

export type LineFault = Omit<BatchFault, 'line'>;

/** A line as far as its own bytes tell. */
export interface ReadLine {
  readonly custom_id: string | null;
  readonly faults: readonly LineFault[];
  /** Gets the pictures that it names, and parses its body; null when it has faults. Throws GessoError. */
  readonly finish: (() => Promise<{ readonly request: CanonicalRequest; readonly inputs: GenerationInputs }>) | null;
}

export interface LineContext {
  readonly endpoint: BatchEndpoint;
  readonly mode: Mode;
  readonly principal: Principal;
  readonly receive: (source: PictureSource, param: string) => Promise<StoredPicture>;
}

/** One line of an output or error file, before it is text. */
export interface LineAnswer {
  /** `batch_req_…` */
  readonly id: string;
  readonly custom_id: string;
}

/** How lines of batch files are written: the HTTP surface knows, since they hold its bodies. */
export interface BatchWire {
  /** Reads all of `bytes`. Pictures in them are stored as they come. Throws only what is no fault of the line. */
  readLine(bytes: AsyncIterable<Buffer>, context: LineContext): Promise<ReadLine>;
  /**
   * What the endpoint would have answered, with its pictures as the request, or the key, asks for them. Throws `not_found`
   * before anything else where bytes that belong into the line are gone.
   */
  writeResult(
    line: LineAnswer,
    result: GenerationResult,
    asked: { readonly request: CanonicalRequest; readonly settings: Principal['settings'] },
  ): AsyncIterable<Buffer>;
  /** What the endpoint would have answered to a request that fails; code and message as rows have them. */
  writeFailure(
    line: LineAnswer,
    failure: {
      readonly generation_id: string;
      readonly code: string;
      readonly message: string;
      readonly param: string | null;
    },
  ): Buffer;
  /** A request that was never made. */
  writeUndone(line: LineAnswer, error: { readonly code: string; readonly message: string }): Buffer;
}
