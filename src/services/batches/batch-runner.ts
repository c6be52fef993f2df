/**
 * Looks after batches: takes those that nobody has, and brings each a step further whenever there is one to make. Any
 * number of processes may do so: a batch is one process's at a time, by a lease on the database's clock, and every step is
 * guarded by it and may be begun again.
 */
import type { BatchStatus } from '../../contracts/batches.ts';
import type { UnfinishedStatus } from '../../core/batch/batch-status.ts';
import { claimBatches, releaseBatches, renewBatchLeases } from '../../store/batches.ts';
import type { BatchRow } from '../../store/batches-tables.ts';
import { awaitLines, endLines } from './await-lines.ts';
import { BatchLost, type BatchParts, type Stepped } from './parts.ts';
import { validateBatch } from './validate-batch.ts';
import { writeResults } from './write-results.ts';

type Step = (parts: BatchParts, batch: BatchRow) => Promise<Stepped>;

const steps: Readonly<Record<UnfinishedStatus, Step>> = {
  validating: validateBatch,
  in_progress: awaitLines,
  finalizing: writeResults,
  cancelling: async (parts, batch) => ((await endLines(parts, batch)) ? writeResults(parts, batch) : null),
};

/** Read or written by one process at the same time. */
const FILES_AT_ONCE = 4;
/** Before a step that failed for no fault of the batch is tried again. */
const AFTER_FAILURE_MS = 5_000;

/** A batch that is being brought further. */
interface InHand {
  readonly status: BatchStatus;
  readonly giveUp: AbortController;
  readonly done: Promise<void>;
}

export class BatchRunner {
  readonly #parts: BatchParts;
  readonly #inHand = new Map<string, InHand>();
  readonly #failed = new Map<string, number>();
  #hasBatches = false;
  #isStopping = false;

  constructor(parts: BatchParts) {
    this.#parts = parts;
  }

  /** Whether there is a batch that this process looks after. */
  get hasBatches(): boolean {
    return this.#hasBatches;
  }

  /** Begins what there is to do; resolves when all of it has gone as far as it goes now. */
  async look(): Promise<void> {
    if (this.#isStopping) return;
    const { db, lease, clock } = this.#parts;
    const now = clock.now();
    const claimed = await claimBatches(db, lease);
    this.#hasBatches = claimed.length > 0;
    for (const batch of claimed) {
      const { id, status } = batch;
      const known = this.#inHand.get(id);
      // Whoever reads a file need not read it to its end.
      if (known?.status === 'validating' && status === 'cancelling') known.giveUp.abort();
      if (known !== undefined || this.#isStopping || (status !== 'in_progress' && this.#isFull)) continue;
      if (now >= (this.#failed.get(id) ?? 0)) this.#take(batch);
    }
    await Promise.all([...this.#inHand.values()].map(({ done }) => done));
  }

  get #isFull(): boolean {
    const withFiles = [...this.#inHand.values()].filter(({ status }) => status !== 'in_progress');
    return withFiles.length >= FILES_AT_ONCE;
  }

  #take(batch: BatchRow): void {
    const { id, status } = batch;
    this.#failed.delete(id);
    const giveUp = new AbortController();
    const stopping = AbortSignal.any([this.#parts.stopping, giveUp.signal]);
    const done = this.#advance({ ...this.#parts, stopping }, batch).finally(() => this.#inHand.delete(id));
    this.#inHand.set(id, { status, giveUp, done });
  }

  /** For a process that knows that it is the only one on this database: whoever else had a batch is dead. */
  async takeAll(): Promise<void> {
    await releaseBatches(this.#parts.db, { not_of: this.#parts.lease.runner_id });
  }

  async keepLeases(): Promise<void> {
    if (!this.#isStopping) await renewBatchLeases(this.#parts.db, this.#parts.lease);
  }

  /** Nothing more is begun; resolves when the steps under way have ended, and leaves the batches to others. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#inHand.values()].map(({ done }) => done));
    await releaseBatches(this.#parts.db, { of: this.#parts.lease.runner_id });
  }

  /** Never rejects. */
  async #advance(parts: BatchParts, batch: BatchRow): Promise<void> {
    const { log, clock } = parts;
    try {
      for (let stepped: Stepped = batch; stepped !== null && !this.#isStopping; ) {
        const status = stepped.status as UnfinishedStatus; // others have no step, and the next line sees to it
        const step: Step | undefined = steps[status];
        if (step === undefined) return;
        stepped = await step(parts, stepped);
      }
    } catch (error) {
      if (error instanceof BatchLost) return;
      log.error(
        { err: error, batch_id: batch.id, status: batch.status },
        'a step of a batch failed; it is tried again',
      );
      this.#failed.set(batch.id, clock.now() + AFTER_FAILURE_MS);
    }
  }
}
