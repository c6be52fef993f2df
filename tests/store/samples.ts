/** Rows for tests of the store: complete, valid, and different only where a test says so. */
import { createHash } from 'node:crypto';
import { insertAccount } from '../../src/store/accounts.ts';
import { type AttemptEnd, endAttempts, type NewAttempt } from '../../src/store/attempts.ts';
import { endGenerations, type GenerationEnd, requestCancel } from '../../src/store/end-generations.ts';
import { admitGenerations, type Lease, type NewGeneration } from '../../src/store/generations.ts';
import type { NewKey } from '../../src/store/keys.ts';
import type { NewMedia } from '../../src/store/media.ts';
import type { BlobRow, Db, GenerationError } from '../../src/store/tables.ts';

export const at = new Date('2026-11-20T12:00:00.123Z');

export function later(milliseconds: number): Date {
  return new Date(at.getTime() + milliseconds);
}

export async function makeAccount(db: Db, id: string): Promise<void> {
  await insertAccount(db, { id, name: id, billing: 'unmetered', created_at: at });
}

export function keySample(change: Partial<NewKey> = {}): NewKey {
  const id = change.id ?? 'key_1';
  return {
    id,
    account_id: 'acc_1',
    mode: 'live',
    name: 'a key',
    hash: createHash('sha256').update(id).digest(),
    prefix: 'sk-live-',
    last_four: 'wxyz',
    scopes: ['generate', 'read'],
    settings: { response_format: 'url' },
    created_at: at,
    expires_at: null,
    ...change,
  };
}

export function generationSample(change: Partial<NewGeneration> = {}): NewGeneration {
  return {
    id: 'gen_1',
    account_id: 'acc_1',
    key_id: null,
    mode: 'test',
    kind: 'text_to_image',
    model: 'gesso/sketch',
    request: { prompt: 'a lighthouse at dusk', n: 1 },
    labels: { team: 'blue' },
    user: null,
    n: 1,
    created_at: at,
    expires_at: null,
    ...change,
  };
}

export function blobSample(content: string): BlobRow {
  return {
    sha256: createHash('sha256').update(content).digest('hex'),
    bytes: 1234,
    content_type: 'image/png',
    format: 'png',
    width: 1024,
    height: 768,
    created_at: at,
  };
}

export function mediaSample(change: Partial<NewMedia> = {}): NewMedia {
  return {
    id: 'med_1',
    account_id: 'acc_1',
    mode: 'test',
    generation_id: null,
    role: 'output',
    position: 0,
    expires_at: null,
    revised_prompt: null,
    ...change,
  };
}

/** As a synchronous call that is alone. */
export async function insertRunningGeneration(db: Db, generation: NewGeneration, lease: Lease): Promise<void> {
  await admitGenerations(db, generation, [generation], lease);
}

/** As an asynchronous call that is alone. */
export async function insertQueuedGeneration(db: Db, generation: NewGeneration): Promise<void> {
  const nobody = { runner_id: 'nobody', lease_ms: 0 };
  await admitGenerations(db, generation, [{ ...generation, asynchronous: true }], nobody);
}

/** A picture of a generation, as its end brings it. */
export function outputSample(generation_id: string, position: number): NonNullable<GenerationEnd['media']>[number] {
  const { created_at: _, ...blob } = blobSample(generation_id);
  return { id: `img_${generation_id}_${position}`, position, revised_prompt: null, ...blob };
}

type EndWords = Omit<GenerationEnd, 'id' | 'status'>;

/** By the runner that has it; false when that is another, or it has ended. */
export async function endGeneration(
  db: Db,
  id: string,
  runner_id: string,
  end: EndWords & Pick<GenerationEnd, 'status'>,
): Promise<boolean> {
  const row = await db.selectFrom('generations').select(['account_id', 'mode']).where('id', '=', id).executeTakeFirst();
  if (row === undefined) return false;
  return (await endGenerations(db, row, runner_id, [{ id, ...end }])).has(id);
}

export function completeGeneration(db: Db, id: string, runner_id: string, end: EndWords): Promise<boolean> {
  return endGeneration(db, id, runner_id, { ...end, status: 'completed' });
}

export function failGeneration(db: Db, id: string, runner_id: string, end: EndWords): Promise<boolean> {
  return endGeneration(db, id, runner_id, { ...end, status: 'failed' });
}

/** At once where it waits; where it runs, its runner is told and does it. */
export async function cancelGeneration(
  db: Db,
  id: string,
  { error, completed_at }: { readonly error: GenerationError; readonly completed_at: Date },
): Promise<boolean> {
  const row = await db
    .selectFrom('generations')
    .select(['account_id', 'runner_id'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return false;
  const status = await requestCancel(db, { account_id: row.account_id, id }, { error, at: completed_at });
  if (status === 'canceled') return true;
  return endGeneration(db, id, row.runner_id ?? '', { status: 'canceled', error, completed_at });
}

/** Whatever state its generation is in. */
export async function insertAttempt(db: Db, attempt: NewAttempt): Promise<void> {
  await db
    .insertInto('attempts')
    .values({ ...attempt, outcome: 'running' })
    .execute();
}

export async function endAttempt(db: Db, generation_id: string, seq: number, end: AttemptEnd): Promise<void> {
  await endAttempts(db, [{ generation_id, seq, ...end }]);
}
