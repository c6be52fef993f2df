import type { BatchStatus } from '../../contracts/batches.ts';

/** The states of a batch and what may follow each of them, in OpenAI's words. */
export const batchFollowers = {
  /** The input file is read; nothing is held. */
  validating: ['in_progress', 'failed', 'expired', 'cancelling'],
  /** All lines are generations: held, queued, running or ended. */
  in_progress: ['finalizing', 'cancelling'],
  /** All lines have ended; their results are written. */
  finalizing: ['completed', 'expired'],
  /** Nothing new is begun; what runs is let end, then the results are written. */
  cancelling: ['cancelled'],
  completed: [],
  failed: [],
  expired: [],
  cancelled: [],
} as const satisfies Record<BatchStatus, readonly BatchStatus[]>;

export const batchStatuses: readonly BatchStatus[] = [
  'validating',
  'in_progress',
  'finalizing',
  'cancelling',
  'completed',
  'failed',
  'expired',
  'cancelled',
];

/** Those in which somebody has something to do. */
export const unfinishedStatuses = ['validating', 'in_progress', 'finalizing', 'cancelling'] as const;

export type UnfinishedStatus = (typeof unfinishedStatuses)[number];

/** The states that `status` may follow. */
export function statusesBefore(status: BatchStatus): BatchStatus[] {
  return batchStatuses.filter((before) => (batchFollowers[before] as readonly BatchStatus[]).includes(status));
}
