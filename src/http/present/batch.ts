import { z } from 'zod';
import type { BatchView } from '../../contracts/batches.ts';
import { batchStatuses } from '../../core/batch/batch-status.ts';
import { unixSeconds } from './generation.ts';

const stamp = (what: string) => z.int().nullable().describe(`Unix seconds ${what}; null = not, or not yet.`);

export const batchSchema = z
  .object({
    id: z.string(),
    object: z.literal('batch'),
    endpoint: z.enum(['/v1/images/generations', '/v1/images/edits']),
    model: z.string().optional().describe('The catalogue id of the model, where all lines ask for the same one.'),
    errors: z
      .object({
        object: z.literal('list'),
        data: z.array(
          z.object({
            code: z.string(),
            message: z.string(),
            param: z.string().nullable(),
            line: z.int().nullable().describe('Of the input file, from 1.'),
          }),
        ),
      })
      .nullable()
      .describe('Why it failed: every fault, line by line. Nothing was held or made.'),
    input_file_id: z.string(),
    completion_window: z.string(),
    status: z.enum(batchStatuses),
    output_file_id: z.string().nullable(),
    error_file_id: z.string().nullable(),
    created_at: z.int().describe('Unix seconds.'),
    in_progress_at: stamp('since when its lines are being made'),
    expires_at: z.int().describe('Unix seconds when unfinished lines are given up.'),
    finalizing_at: stamp('since when its results are written'),
    completed_at: stamp('of its end'),
    failed_at: stamp('of its end'),
    expired_at: stamp('of its end'),
    cancelling_at: stamp('since when nothing new is begun'),
    cancelled_at: stamp('of its end'),
    request_counts: z.object({
      total: z.int(),
      completed: z.int(),
      failed: z.int().describe('Expired and cancelled ones too.'),
    }),
    metadata: z.record(z.string(), z.string()).describe('Yours.'),
    held_micros: z.int().describe('Micro-dollars that all lines together may cost at most; held when it starts.'),
    cost_micros: z.int().describe('Micro-dollars that it cost; known when its results are written.'),
  })
  .describe("OpenAI's batch object, and its money.");

const STAMPS = [
  'in_progress_at',
  'finalizing_at',
  'completed_at',
  'failed_at',
  'expired_at',
  'cancelling_at',
  'cancelled_at',
] as const;

export function presentBatch(batch: BatchView): z.infer<typeof batchSchema> {
  const stamps = Object.fromEntries(STAMPS.map((name) => [name, batch[name] && unixSeconds(batch[name])]));
  return {
    id: batch.id,
    object: 'batch',
    endpoint: batch.endpoint,
    ...(batch.model === null ? {} : { model: batch.model }),
    errors: batch.errors.length === 0 ? null : { object: 'list', data: [...batch.errors] },
    input_file_id: batch.input_file_id,
    completion_window: batch.completion_window,
    status: batch.status,
    output_file_id: batch.output_file_id,
    error_file_id: batch.error_file_id,
    created_at: unixSeconds(batch.created_at),
    expires_at: unixSeconds(batch.expires_at),
    ...(stamps as Record<(typeof STAMPS)[number], number | null>), // one for each name of the list
    request_counts: { total: batch.total_count, completed: batch.completed_count, failed: batch.failed_count },
    metadata: { ...batch.metadata },
    held_micros: batch.authorized_micros,
    cost_micros: batch.cost_micros,
  };
}
