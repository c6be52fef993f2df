/** Who waits, who comes when nobody is told any more, and who is told of an end that is none. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, silent } from '../../tests/store/database-under-test.ts';
import {
  blobSample,
  generationSample,
  insertQueuedGeneration,
  makeAccount,
  mediaSample,
} from '../../tests/store/samples.ts';
import { readCatalog } from '../catalog/read-catalog.ts';
import type { Bus } from '../contracts/bus.ts';
import type { Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { findGeneration } from '../store/generations.ts';
import { insertMedia } from '../store/media.ts';
import { openBus } from '../store/open-bus.ts';
import type { Database } from '../store/open-database.ts';
import { claimQueued } from '../store/queue.ts';
import type { Admitted } from './admitted.ts';
import { Ends } from './ends.ts';
import { failGeneration } from './fail-generation.ts';
import type { ServiceParts } from './parts.ts';
import { runQueued } from './run-queued.ts';
import { createViewGroups } from './view-groups.ts';
import { waitForGeneration } from './wait-for-generation.ts';
import { createWriteGroups } from './write-groups.ts';

const MINUTE_MS = 60_000;
const log = { ...silent, debug() {} };
const lease = { runner_id: 'run_1', lease_ms: MINUTE_MS };
const principal: Principal = { account_id: 'acc_1', key_id: null, mode: 'test', scopes: ['read'], settings: {} };
const catalog = await readCatalog();
let database: Database;
let bus: Bus;
beforeAll(async () => {
  database = await openTestDatabase();
  await makeAccount(database.db, 'acc_1');
  bus = await openBus({ db: database.db, listen_url: null, sender: 'run_1', log: silent });
});
afterAll(() => database.close());

/** What the parts of this test ask for, and no more. */
function partsOf(ends: Ends): ServiceParts {
  const { db } = database;
  const clock = { now: () => Date.now() };
  const reads = createViewGroups({ db, clock, catalog, publicUrl: () => '' });
  const draining = new AbortController().signal;
  const parts = { db, bus, log, clock, draining, catalog, ends, reads, lease, writes: createWriteGroups(db, lease) };
  return parts as Partial<ServiceParts> as ServiceParts; // as said
}

async function running(id: string, by: string) {
  await insertQueuedGeneration(database.db, generationSample({ id }));
  const rows = await claimQueued(database.db, { runner_id: by, lease_ms: MINUTE_MS }, 10);
  const row = rows.find((each) => each.id === id);
  if (row === undefined) throw new Error('it was queued');
  return row;
}

test('who waits is told; who comes when nobody is told any more is answered at once', async () => {
  const ends = new Ends({ db: database.db, bus, log });
  const heard: string[] = [];
  ends.wait('gen_a', MINUTE_MS, () => heard.push('told'));
  bus.publish('ended', 'gen_a');
  ends.wait('gen_b', MINUTE_MS, () => heard.push('closed'));
  ends.close();
  const late = ends.wait('gen_c', MINUTE_MS, () => heard.push('late'));
  expect(heard).toEqual(['told', 'closed', 'late']);
  expect(ends.count).toBe(0);
  late.stop();
});

test('for a client that has gone already nobody waits', async () => {
  await running('gen_gone', 'run_1');
  const ends = new Ends({ db: database.db, bus, log });
  const wish = { wait_ms: MINUTE_MS, signal: AbortSignal.abort() };
  expect(await waitForGeneration(partsOf(ends), principal, 'gen_gone', wish)).toMatchObject({ status: 'running' });
  expect(ends.count).toBe(0);
  ends.close();
});

test('a process that was too slow tells nobody of the end of what another goes on with', async () => {
  const row = await running('gen_taken', 'run_2');
  const ends = new Ends({ db: database.db, bus, log });
  const heard: string[] = [];
  const end = bus.subscribe('ended', (id) => heard.push(id));
  const admitted = { ...row, is_asynchronous: true } as Pick<
    Admitted,
    'id' | 'account_id' | 'mode' | 'is_asynchronous'
  >; // the row has the rest
  await failGeneration(partsOf(ends), admitted as Admitted, new GessoError('interrupted'), []); // it names the row, no more
  expect(heard).toEqual([]);
  end();
  ends.close();
});

test('work that cannot be read just now is left to whoever looks when its lease has run out', async () => {
  const row = { ...(await running('gen_unread', 'run_1')), kind: 'edit' as const };
  const reference = mediaSample({ id: 'img_1', generation_id: row.id, role: 'reference' });
  await insertMedia(database.db, blobSample('reference'), reference);
  const ends = new Ends({ db: database.db, bus, log });
  const stumbling = { localPath: () => Promise.reject(new Error('the store stumbled')) } as unknown;
  const status = async () => (await findGeneration(database.db, 'acc_1', row.id))?.status;
  await runQueued({ ...partsOf(ends), media: stumbling as ServiceParts['media'] }, row); // it is asked for nothing else
  expect(await status()).toBe('running');
  // What nobody can ever read ends.
  await runQueued(partsOf(ends), { ...row, kind: 'text_to_image' });
  expect(await status()).toBe('failed');
  ends.close();
});
