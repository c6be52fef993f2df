/** Rows for tests of the store: complete, valid, and different only where a test says so. */
import { createHash } from 'node:crypto';
import { insertAccount } from '../../src/store/accounts.ts';
import { admitGenerations, type Lease, type NewGeneration } from '../../src/store/generations.ts';
import type { NewKey } from '../../src/store/keys.ts';
import type { NewMedia } from '../../src/store/media.ts';
import type { BlobRow, Db } from '../../src/store/tables.ts';

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
