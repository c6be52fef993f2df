import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase } from '../../tests/store/database-under-test.ts';
import { generationSample, insertRunningGeneration, makeAccount } from '../../tests/store/samples.ts';
import type { MediaStore } from '../contracts/media.ts';
import { createFileMediaStore } from '../media/file-media-store.ts';
import { findGeneration } from '../store/generations.ts';
import { recordBlob } from '../store/media.ts';
import { openBus } from '../store/open-bus.ts';
import type { Database } from '../store/open-database.ts';
import { createRandomIds } from '../system/random-ids.ts';
import { collectStrays, dropExpired, endInterrupted } from './tidy-up.ts';
import { WorkAtHand } from './work-at-hand.ts';

const HOUR_MS = 60 * 60_000;
const log = { error() {}, warn() {}, info() {}, debug() {} };
const lease = { runner_id: 'run_test', lease_ms: 1000 };
let database: Database;
let media: MediaStore;
let directory: string;
/** Held by the test: what is an hour old is made so by looking at it two hours later. */
let later_ms = 0;
const clock = { now: () => Date.now() + later_ms };

beforeAll(async () => {
  database = await openTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'gesso-tidy-'));
  media = createFileMediaStore({ directory, ids: createRandomIds(), clock });
});
afterAll(async () => {
  await database.close();
  await rm(directory, { recursive: true, force: true });
});

const parts = () => ({
  db: database.db,
  media,
  clock,
  lease,
  log,
  work_deadline_ms: HOUR_MS,
  job_deadline_ms: 0,
  removeBytes: (sha256: string, before: Date) => media.delete(sha256, before),
});
const store = async (text: string) => (await media.put(Buffer.from(text), { bytes_max: 100 })).sha256;

test('bytes that no row names go after an hour, known ones stay', async () => {
  const stray = await store('stray');
  const known = await store('known');
  const facts = { bytes: 5, content_type: 'image/png', format: 'png', width: 1, height: 1 } as const;
  await recordBlob(database.db, { sha256: known, ...facts, created_at: new Date() });

  later_ms = 0;
  await collectStrays(parts());
  expect([await media.has(stray), await media.has(known)]).toEqual([true, true]);

  later_ms = 2 * HOUR_MS;
  await collectStrays(parts());
  expect([await media.has(stray), await media.has(known)]).toEqual([false, true]);
});

test('a row that nothing points to goes with its bytes', async () => {
  later_ms = 0;
  const unused = await store('a reference of a request that was refused');
  const facts = { bytes: 41, content_type: 'image/png', format: 'png', width: 1, height: 1 } as const;
  await recordBlob(database.db, { sha256: unused, ...facts, created_at: new Date() });
  later_ms = 2 * HOUR_MS;
  await dropExpired(parts());
  expect(await media.has(unused)).toBe(false);
});

test('what has its answer is given time to store it; what ran past that has failed, whoever has it', async () => {
  later_ms = 0;
  await makeAccount(database.db, 'acc_1');
  const other = { runner_id: 'run_other', lease_ms: 24 * HOUR_MS };
  await insertRunningGeneration(database.db, generationSample({ created_at: new Date() }), other);
  const bus = await openBus({ db: database.db, listen_url: null, sender: 'run_test', log });
  const all = { ...parts(), bus, workAtHand: new WorkAtHand(bus) };
  const status = async () => (await findGeneration(database.db, 'acc_1', 'gen_1'))?.status;
  later_ms = HOUR_MS + 4 * 60_000;
  await endInterrupted(all, false);
  expect(await status()).toBe('running');
  later_ms = HOUR_MS + 6 * 60_000;
  await endInterrupted(all, false);
  expect(await status()).toBe('failed');
});
