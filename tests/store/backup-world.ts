/** Rows in every table, written the way that Gesso writes them wherever a rule of the database depends on it. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { insertAccount } from '../../src/store/accounts.ts';
import { setKeyBudget, setTagBudget } from '../../src/store/budgets.ts';
import { admitGenerations } from '../../src/store/generations.ts';
import { beginRotation, insertKey, revokeKey } from '../../src/store/keys.ts';
import { insertTopUp, refundGeneration } from '../../src/store/ledger.ts';
import { deleteMedia, insertMedia, recordBlob } from '../../src/store/media.ts';
import type { Db } from '../../src/store/tables.ts';
import {
  at,
  blobSample,
  cancelGeneration,
  completeGeneration,
  endAttempt,
  failGeneration,
  generationSample,
  insertAttempt,
  insertQueuedGeneration,
  keySample,
  later,
  makeAccount,
  mediaSample,
} from './samples.ts';

const lease = { runner_id: 'run_1', lease_ms: 60_000 };
const error = { code: 'internal_error', message: 'It broke: "quoted", \\ and\n a line.' } as const;
const account_id = 'acc_paying';

/** `keep` puts bytes into the media store and returns their hash. */
export async function fillWorld(db: Db, keep: (bytes: Buffer) => Promise<string>): Promise<void> {
  await insertAccount(db, { id: account_id, name: 'Paying', billing: 'prepaid', created_at: at });
  await makeAccount(db, 'acc_1');
  await fillKeys(db);
  await fillMoney(db);
  await fillGenerations(db);
  await fillPictures(db, keep);
  const file_sha256 = await keep(Buffer.from('a file'));
  for (const statement of plainRows(file_sha256)) await sql.raw(statement).execute(db);
}

async function fillKeys(db: Db): Promise<void> {
  // A key under a key whose id comes later: no order of rows suits both.
  await insertKey(db, keySample({ id: 'key_z', account_id, name: 'naïve "name" 🗝' }));
  await insertKey(db, keySample({ id: 'key_a', account_id, parent_id: 'key_z', expires_at: later(1) }));
  await insertKey(db, keySample({ id: 'key_gone', account_id }));
  await revokeKey(db, account_id, 'key_gone', later(5));
  const next_hash = createHash('sha256').update('next').digest();
  await beginRotation(db, 'key_a', { next_hash, next_last_four: 'next', hash_until: later(9) }, at);
  await setKeyBudget(db, 'key_z', { monthly_budget_micros: 5_000_000 });
  await setTagBudget(db, { account_id, mode: 'live', tag: 'birds' }, { total_budget_micros: 9_000_000 });
}

async function fillMoney(db: Db): Promise<void> {
  const payment = { account_id, mode: 'live' as const, amount_micros: 2_000_000, fee_micros: 100_000, created_at: at };
  await insertTopUp(db, { ...payment, id: 'top_1', source: 'admin', reference: null });
  await insertTopUp(db, { ...payment, id: 'top_2', source: 'stripe', reference: 'cs_1' });
}

/** One of each state; those that still run hold money. */
async function fillGenerations(db: Db): Promise<void> {
  const paid = (id: string) =>
    generationSample({ id, account_id, key_id: 'key_a', mode: 'live', held_micros: 60_000, tag: 'birds' });
  for (const id of ['gen_done', 'gen_failed', 'gen_runs', 'gen_stopped']) {
    const idempotency = { key: id, body_sha256: '0'.repeat(64), replaces: null, expires_at: later(86_400_000) };
    await admitGenerations(db, paid(id), [{ ...paid(id), idempotency }], lease);
    const attempt = { generation_id: id, seq: 1, provider: 'fal', offer_id: 'fal/x', started_at: at };
    await insertAttempt(db, { ...attempt, price_micros: 50_000 });
  }
  await insertQueuedGeneration(db, generationSample({ id: 'gen_waits', held_micros: 1 }));
  const bill = { error_class: null, latency_ms: 12.345678, possible_micros: null, ended_at: later(20) };
  await endAttempt(db, 'gen_done', 1, { ...bill, outcome: 'success', billed_micros: 50_000 });
  const lost = { outcome: 'failed', billed_micros: null, possible_micros: 50_000 } as const;
  await endAttempt(db, 'gen_failed', 1, { ...bill, ...lost, error_class: 'timeout' });
  await failGeneration(db, 'gen_failed', 'run_1', { error, completed_at: later(21) });
  await cancelGeneration(db, 'gen_stopped', { error, completed_at: later(22) });
}

async function fillPictures(db: Db, keep: (bytes: Buffer) => Promise<string>): Promise<void> {
  const sha256 = await keep(Buffer.from('a picture'));
  const picture = mediaSample({ account_id, mode: 'live', generation_id: 'gen_done', revised_prompt: 'a\tlighthouse' });
  const { created_at: _, ...blob } = blobSample('');
  await completeGeneration(db, 'gen_done', 'run_1', {
    executed_model: 'fal/x',
    provider: 'fal',
    applied: [],
    warnings: ['one is missing'],
    cost_micros: 30_000,
    charges: [{ position: 0, amount_micros: 30_000 }],
    media: [{ ...blob, sha256, id: 'img_1', position: 0, revised_prompt: 'a\tlighthouse' }],
    completed_at: later(30),
  });
  await refundGeneration(db, { id: 'gen_done', amount_micros: 10_000 }, later(40));
  const deleted = await keep(Buffer.from('a deleted picture'));
  await insertMedia(db, { ...blobSample(''), sha256: deleted }, { ...picture, id: 'img_2', position: 1 });
  await deleteMedia(db, account_id, 'img_2', later(50));
  await recordBlob(db, blobSample('bytes that nothing names'));
}

/** Of tables that guard nothing but their own columns. */
const plainRows = (file_sha256: string): readonly string[] => [
  `insert into account_limits values ('${account_id}', '{"requests_per_minute": 60}')`,
  `insert into rate_buckets values ('key:key_z', 1)`,
  `insert into offer_stats values ('live', 'fal/x', 'edit', '2K', '2026-11-20 12:00Z', 1, 2, 3, 4, '{0,5,0,6}')`,
  `insert into offer_breakers values ('live', 'fal/x', 'open', 'unavailable', 2, now(), now(), now())`,
  `insert into webhook_endpoints (id, account_id, mode, name, url, event_types, created_at)
      values ('whe_1', '${account_id}', 'both', 'hook', 'https://example.com/hook', '{generation.completed}', now())`,
  `insert into webhook_secrets values ('${account_id}', 'live', 2, now())`,
  `insert into webhook_events (id, account_id, mode, type, data, dedupe_key)
      values ('evt_1', '${account_id}', 'live', 'generation.completed', '{"object": "generation", "id": "gen_done"}', 'gen_done')`,
  `insert into webhook_deliveries (id, event_id, account_id, mode, endpoint_id, target)
      values ('whd_1', 'evt_1', '${account_id}', 'live', 'whe_1', 'whe_1')`,
  `insert into webhook_attempts values ('whd_1', 1, now(), 500, 12, 'status 500', 'oh')`,
  `insert into files (id, account_id, mode, filename, purpose, bytes, sha256, created_at)
      values ('file_1', '${account_id}', 'live', 'lines.jsonl', 'batch', 6, '${file_sha256}', now())`,
  `insert into batches (id, account_id, key_id, mode, endpoint, completion_window, input_file_id, status, caller, created_at, expires_at)
      values ('batch_1', '${account_id}', 'key_a', 'live', '/v1/images/generations', '24h', 'file_1', 'in_progress', '{}', now(), now())`,
  `insert into batch_lines values ('batch_1', 1, 'one', 'gen_of_line', '{"model": "gesso/sketch"}')`,
];
