import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findGeneration } from '../../src/store/generations.ts';
import {
  deleteMedia,
  deleteUnreferencedBlobs,
  findMedia,
  insertMedia,
  listMedia,
  recordBlob,
} from '../../src/store/media.ts';
import type { Database } from '../../src/store/open-database.ts';
import { dropExpiredPictures, dropPictures, forgetBytes } from '../../src/store/payloads.ts';
import { claimQueued } from '../../src/store/queue.ts';
import type { Db } from '../../src/store/tables.ts';
import { openTestDatabase } from './database-under-test.ts';
import {
  at,
  blobSample,
  completeGeneration,
  generationSample,
  insertQueuedGeneration,
  later,
  makeAccount,
  mediaSample,
  outputSample,
} from './samples.ts';

const MINUTE_MS = 60_000;
let database: Database;
let db: Db;
beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
  await makeAccount(db, 'acc_1');
  await makeAccount(db, 'acc_2');
  await insertQueuedGeneration(db, generationSample());
});
afterAll(() => database.close());
beforeEach(async () => {
  await db.deleteFrom('media').execute();
  await db.deleteFrom('blobs').execute();
  await db.deleteFrom('generations').where('id', '<>', 'gen_1').execute();
});

test('a picture is found by its id, with what its blob is', async () => {
  const blob = blobSample('a');
  await insertMedia(db, blob, mediaSample({ generation_id: 'gen_1', expires_at: later(5) }));
  const { sha256, created_at: _created, ...facts } = blob;
  expect(await findMedia(db, 'med_1')).toEqual({
    ...mediaSample({ generation_id: 'gen_1', expires_at: later(5) }),
    ...facts,
    blob_sha256: sha256,
    created_at: at,
    deleted_at: null,
  });
  expect(await findMedia(db, 'med_2')).toBeUndefined();
});

test('two accounts may have the same bytes, also at the same moment', async () => {
  const ids = ['med_1', 'med_2', 'med_3', 'med_4'];
  await Promise.all(
    ids.map((id, index) =>
      insertMedia(db, blobSample('same'), mediaSample({ id, account_id: `acc_${(index % 2) + 1}` })),
    ),
  );
  expect(await db.selectFrom('blobs').selectAll().execute()).toHaveLength(1);
  expect(await deleteMedia(db, 'acc_2', 'med_1', at)).toBe(false);
  expect(await deleteMedia(db, 'acc_1', 'med_1', at)).toBe(true);
  expect(await deleteMedia(db, 'acc_1', 'med_1', at)).toBe(false);
  expect(await findMedia(db, 'med_1')).toBeUndefined();
  expect((await findMedia(db, 'med_2'))?.account_id).toBe('acc_2');
});

test('a blob is stored with its media row or not at all', async () => {
  await expect(insertMedia(db, blobSample('a'), mediaSample({ account_id: 'acc_none' }))).rejects.toThrow(/violates/);
  expect(await db.selectFrom('blobs').selectAll().execute()).toEqual([]);
});

test('the pictures of a generation come in their order, one to a place', async () => {
  for (const position of [2, 0, 1]) {
    await insertMedia(
      db,
      blobSample(String(position)),
      mediaSample({ id: `med_${position}`, generation_id: 'gen_1', position }),
    );
  }
  await insertMedia(db, blobSample('r'), mediaSample({ id: 'med_r', generation_id: 'gen_1', role: 'reference' }));
  expect((await listMedia(db, 'gen_1', 'output')).map(({ id }) => id)).toEqual(['med_0', 'med_1', 'med_2']);
  await expect(
    insertMedia(db, blobSample('x'), mediaSample({ id: 'med_x', generation_id: 'gen_1', position: 1 })),
  ).rejects.toThrow('media_place');
});

test('what has expired is deleted in portions, the rest is not', async () => {
  for (const [id, expires_at] of [
    ['med_1', at],
    ['med_2', later(1)],
    ['med_3', later(2)],
    ['med_4', null],
  ] as const) {
    await insertMedia(db, blobSample(id), mediaSample({ id, expires_at }));
  }
  expect(await dropExpiredPictures(db, later(1), 1)).toHaveLength(1);
  expect(await findMedia(db, 'med_1')).toBeUndefined();
  expect(await dropExpiredPictures(db, later(1), 10)).toHaveLength(1);
  expect(await dropExpiredPictures(db, later(1), 10)).toHaveLength(0);
  expect((await findMedia(db, 'med_3'))?.id).toBe('med_3');
  expect((await findMedia(db, 'med_4'))?.id).toBe('med_4');
});

test('what work that waits was brought is kept until it has ended; what it makes can be fetched for half an hour', async () => {
  const brief = generationSample({ id: 'gen_2', created_at: at, expires_at: later(45 * MINUTE_MS) });
  await insertQueuedGeneration(db, brief);
  await insertMedia(db, blobSample('seen'), {
    ...mediaSample({ id: 'med_1', generation_id: 'gen_2', expires_at: later(45 * MINUTE_MS) }),
    role: 'reference',
  });
  expect(await dropExpiredPictures(db, later(90 * MINUTE_MS), 10)).toEqual([]);
  await claimQueued(db, { runner_id: 'run_1', lease_ms: 60_000 }, 10);
  expect(await dropExpiredPictures(db, later(90 * MINUTE_MS), 10)).toEqual([]);
  const end = { completed_at: later(90 * MINUTE_MS), media: [outputSample('gen_2', 0)] };
  expect(await completeGeneration(db, 'gen_2', 'run_1', end)).toBe(true);
  const expires_at = later(120 * MINUTE_MS);
  expect(await findGeneration(db, 'acc_1', 'gen_2')).toMatchObject({ expires_at });
  expect(await findMedia(db, 'img_gen_2_0')).toMatchObject({ expires_at });
  expect(await dropExpiredPictures(db, later(91 * MINUTE_MS), 10)).toHaveLength(1);
  expect(await findMedia(db, 'med_1')).toBeUndefined();
  expect(await findMedia(db, 'img_gen_2_0')).toBeDefined();
});

test('a picture expires with its generation, and one that is kept until deleted stays so', async () => {
  for (const [id, expires_at] of [
    ['gen_2', later(60 * MINUTE_MS)],
    ['gen_3', null],
  ] as const) {
    await insertQueuedGeneration(db, generationSample({ id, expires_at }));
    await claimQueued(db, { runner_id: 'run_1', lease_ms: 60_000 }, 10);
    await completeGeneration(db, id, 'run_1', { completed_at: later(5_000), media: [outputSample(id, 0)] });
    expect(await findGeneration(db, 'acc_1', id)).toMatchObject({ expires_at });
    expect(await findMedia(db, `img_${id}_0`)).toMatchObject({ expires_at });
  }
});

test('a blob is forgotten when nothing points to it and it is not new', async () => {
  await insertMedia(db, blobSample('gone'), mediaSample({ id: 'med_1' }));
  await insertMedia(db, blobSample('kept'), mediaSample({ id: 'med_2' }));
  await insertMedia(db, { ...blobSample('new'), created_at: later(1000) }, mediaSample({ id: 'med_3' }));
  await deleteMedia(db, 'acc_1', 'med_1', at);
  await deleteMedia(db, 'acc_1', 'med_3', at);
  expect(await deleteUnreferencedBlobs(db, later(1000), 10)).toEqual([blobSample('gone').sha256]);
  await insertMedia(db, blobSample('gone'), mediaSample({ id: 'med_4' }));
  expect((await findMedia(db, 'med_4'))?.blob_sha256).toBe(blobSample('gone').sha256);
});

test('the database itself keeps the bytes of what may still be seen', async () => {
  await insertMedia(db, blobSample('a'), mediaSample());
  await expect(db.deleteFrom('blobs').execute()).rejects.toThrow('media_has_bytes');
});

test('bytes of a dropped picture are forgotten up to its row, unless they were stored again since or are named still', async () => {
  const blob = blobSample('dropped');
  await insertMedia(db, blob, mediaSample({ generation_id: 'gen_1' }));
  await insertMedia(db, blobSample('shared'), mediaSample({ id: 'med_2', generation_id: 'gen_1', position: 1 }));
  await insertMedia(db, blobSample('shared'), mediaSample({ id: 'med_3' }));
  await insertMedia(db, blobSample('again'), mediaSample({ id: 'med_4', generation_id: 'gen_1', position: 2 }));
  await recordBlob(db, { ...blobSample('again'), created_at: later(1) });
  const dropped = await dropPictures(db, 'gen_1', later(9));
  expect(dropped).toHaveLength(3);
  expect(await forgetBytes(db, dropped)).toEqual([{ sha256: blob.sha256, stored_before: later(1) }]);
});
