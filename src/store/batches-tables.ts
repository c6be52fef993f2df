import type { ColumnType, Generated, Selectable } from 'kysely';
import type { BatchEndpoint, BatchFault, BatchStatus } from '../contracts/batches.ts';
import type { Mode } from '../contracts/generation.ts';
import type { Principal } from '../contracts/services.ts';
import type { Json, JsonWithDefault } from './tables.ts';

export interface BatchesTable {
  /** `batch_…` */
  readonly id: string;
  readonly account_id: string;
  readonly key_id: string | null;
  readonly mode: Mode;
  readonly endpoint: BatchEndpoint;
  readonly completion_window: string;
  readonly input_file_id: string;
  readonly status: BatchStatus;
  /** Of the key that made it, as they were then. */
  readonly caller: Json<Pick<Principal, 'settings' | 'bounds'>>;
  readonly tag: string | null;
  /** The same key and the same body are one batch. */
  readonly idempotency_key: string | null;
  readonly body_sha256: string | null;
  /** The caller's own. */
  readonly metadata: JsonWithDefault<Readonly<Record<string, string>>>;
  readonly output_expires_after_seconds: number | null;
  /** Of all lines; null = they have several, or it is not known yet. */
  readonly model: string | null;
  readonly errors: JsonWithDefault<readonly BatchFault[]>;
  readonly total_count: Generated<number>;
  readonly completed_count: Generated<number>;
  /** Expired and cancelled ones too. */
  readonly failed_count: Generated<number>;
  /** The most that all lines together may cost. */
  readonly authorized_micros: Generated<number>;
  readonly cost_micros: Generated<number>;
  readonly output_file_id: string | null;
  readonly error_file_id: string | null;
  /** The process that looks after it, which keeps `lease_until` (the database's clock) ahead while it lives. */
  readonly runner_id: string | null;
  readonly lease_until: ColumnType<Date | null, never, unknown>;
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

/** Of a batch that has not ended. */
export interface BatchLinesTable {
  readonly batch_id: string;
  /** Of the file, from 1. */
  readonly line: number;
  readonly custom_id: string;
  readonly generation_id: string;
  /** What becomes the generation and its pictures when all lines are admitted together. */
  readonly staged: ColumnType<unknown, string, never>;
}

export type BatchRow = Selectable<BatchesTable>;
