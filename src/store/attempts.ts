/** Upstream tries of a generation, in order. */
import type { AttemptRow, Db } from './tables.ts';

export type NewAttempt = Pick<AttemptRow, 'generation_id' | 'seq' | 'provider' | 'offer_id' | 'started_at'>;
export type AttemptEnd = Pick<AttemptRow, 'error_class' | 'latency_ms' | 'ended_at'> & {
  readonly outcome: Exclude<AttemptRow['outcome'], 'running'>;
};

/** Before anything is sent, so that a crash leaves a trace of what may have reached the provider. */
export async function insertAttempt(db: Db, attempt: NewAttempt): Promise<void> {
  await db
    .insertInto('attempts')
    .values({ ...attempt, outcome: 'running' })
    .execute();
}

/** Before the job is asked for the first time. Returns false when there is no such running attempt. */
export async function setProviderJob(
  db: Db,
  generation_id: string,
  seq: number,
  provider_job_id: string,
): Promise<boolean> {
  const result = await db
    .updateTable('attempts')
    .set({ provider_job_id })
    .where('generation_id', '=', generation_id)
    .where('seq', '=', seq)
    .where('outcome', '=', 'running')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Returns false when the attempt had ended before. */
export async function endAttempt(db: Db, generation_id: string, seq: number, end: AttemptEnd): Promise<boolean> {
  const result = await db
    .updateTable('attempts')
    .set(end)
    .where('generation_id', '=', generation_id)
    .where('seq', '=', seq)
    .where('outcome', '=', 'running')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function listAttempts(db: Db, generation_id: string): Promise<AttemptRow[]> {
  return db.selectFrom('attempts').selectAll().where('generation_id', '=', generation_id).orderBy('seq').execute();
}
