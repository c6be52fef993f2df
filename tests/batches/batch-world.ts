/** Batches on a real database with a clock of the test's own; lines are ended by the test, in place of workers. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { sql } from 'kysely';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import type { Bus } from '../../src/contracts/bus.ts';
import type { Principal } from '../../src/contracts/services.ts';
import { createBatchWire } from '../../src/http/batches/batch-wire.ts';
import { createFileMediaStore } from '../../src/media/file-media-store.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { AccountRetention } from '../../src/services/account-retention.ts';
import { BatchRunner } from '../../src/services/batches/batch-runner.ts';
import { createBatchServices } from '../../src/services/batches/manage-batches.ts';
import type { BatchParts } from '../../src/services/batches/parts.ts';
import { createFile, getFile, openFile, storeFile } from '../../src/services/files/manage-files.ts';
import { freeTraffic } from '../../src/services/offer-traffic.ts';
import type { BatchRow } from '../../src/store/batches-tables.ts';
import { insertTopUp } from '../../src/store/ledger.ts';
import { createRandomIds } from '../../src/system/random-ids.ts';
import { makeFile, makePixels } from '../media/make-pictures.ts';
import { openTestDatabase } from '../store/database-under-test.ts';

const DEADLINE_MS = 10_000;

export type BatchWorld = Awaited<ReturnType<typeof openBatchWorld>>;

export async function openBatchWorld() {
  const database = await openTestDatabase();
  const { db } = database;
  const directory = await mkdtemp(join(tmpdir(), 'gesso-batches-'));
  const time = { later_ms: 0 };
  const clock = { now: () => Date.now() + time.later_ms };
  const ids = createRandomIds();
  const media = createFileMediaStore({ directory, ids, clock });
  const catalog = await readCatalog();
  const guardedFetch = createGuardedFetch();
  const logged: unknown[] = [];
  const note = (fields: object, message: string): void => void logged.push({ ...fields, message });
  const quietBus: Bus = {
    publish() {},
    subscribe: () => () => {},
    onReconnect: () => () => {},
    close: async () => {},
  };
  const publicUrl = () => 'http://gesso.test';
  const wireParts = {
    catalog,
    publicUrl,
    media: { store: media, lookup: async () => null },
    limits: { line_bytes_max: 1_000_000, references_max: 16 },
  };
  const wire = createBatchWire(wireParts);
  const parts: BatchParts = {
    db,
    bus: quietBus,
    catalog,
    media,
    guardedFetch,
    liveAdapters: new Map(),
    traffic: () => freeTraffic,
    clock,
    ids,
    randomSeed: () => 7,
    log: { error: note, warn: note, info() {}, debug() {} },
    lease: { runner_id: 'run_one', lease_ms: 30_000 },
    stopping: new AbortController().signal,
    publicUrl,
    retention: new AccountRetention({ db, clock, default_days: 7 }),
    image_bytes_max: 10_000_000,
    image_pixels_max: 10_000_000,
    file_limits: { bytes_max: 10_000_000, batch_bytes_max: 10_000_000, batch_lines_max: 20_000 },
    wire,
    nextCount: new Map(),
  };
  const fileParts = { ...parts, removeBytes: (sha256: string, before: Date) => media.delete(sha256, before) };
  const services = createBatchServices(parts);
  const picture = await media.put(await makeFile('png', makePixels(8, 8)), { bytes_max: 1_000_000 });

  const principalOf = (account_id: string, change: Partial<Principal> = {}): Principal => ({
    account_id,
    key_id: null,
    mode: 'test',
    scopes: ['generate', 'read'],
    settings: {},
    ...change,
  });

  async function createBatch(principal: Principal, lines: readonly string[], wish: object = {}): Promise<string> {
    const blob = await storeFile(fileParts, principal, Readable.from([Buffer.from(lines.join('\n'))]));
    const file = await createFile(fileParts, principal, blob, {
      filename: 'lines.jsonl',
      purpose: 'batch',
      expires_after_seconds: null,
    });
    const { batch } = await services.createBatch(principal, {
      input_file_id: file.id,
      endpoint: '/v1/images/generations',
      completion_window: '24h',
      metadata: {},
      output_expires_after_seconds: null,
      ...wish,
    });
    return batch.id;
  }

  async function rowOf(id: string): Promise<BatchRow> {
    return db.selectFrom('batches').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  }

  return {
    database,
    db,
    parts,
    wireParts,
    fileParts,
    services,
    time,
    logged,
    principalOf,
    createBatch,
    rowOf,
    async makeAccount(id: string, balance_micros: number | null = null): Promise<Principal> {
      const created_at = new Date();
      const billing = balance_micros === null ? 'unmetered' : 'prepaid';
      await db.insertInto('accounts').values({ id, name: id, billing, created_at }).execute();
      if (balance_micros !== null && balance_micros > 0) {
        const top_up = { id: `top_${id}`, account_id: id, mode: 'test', source: 'admin', reference: null } as const;
        await insertTopUp(db, { ...top_up, amount_micros: balance_micros, fee_micros: 0, created_at });
      }
      return principalOf(id);
    },
    /** Another process on the same database. */
    runner: (runner_id: string, change: Partial<BatchParts> = {}) =>
      new BatchRunner({ ...parts, lease: { runner_id, lease_ms: 30_000 }, nextCount: new Map(), ...change }),
    /** As when the process that has it was killed half a minute ago. */
    async kill(id: string): Promise<void> {
      await sql`update batches set lease_until = now() - interval '1 second' where id = ${id}`.execute(db);
    },
    /** Up to `limit` queued lines begin, as a worker begins them. */
    async begin(id: string, limit = 1_000_000): Promise<void> {
      await sql`
        update generations set status = 'running', started_at = now(), runner_id = 'worker', lease_until = now() + interval '1 hour'
        where id in (select id from generations where batch_id = ${id} and status = 'queued' order by batch_line limit ${limit})
      `.execute(db);
    },
    /** Everything that runs succeeds with as many pictures as were asked for. */
    async succeed(id: string, pictures = 1): Promise<void> {
      const { sha256, bytes } = picture;
      await sql`
        insert into blobs (sha256, bytes, content_type, format, width, height, created_at)
        values (${sha256}, ${bytes}, 'image/png', 'png', 8, 8, now()) on conflict do nothing
      `.execute(db);
      await sql`
        insert into media (id, account_id, mode, generation_id, blob_sha256, role, position, content_type, width, height,
          bytes, created_at, expires_at)
        select 'img_' || id || position, account_id, mode, id, ${sha256}, 'output', position, 'image/png', 8, 8, ${bytes},
          now(), expires_at
        from generations cross join generate_series(0, ${pictures - 1}::integer) as position
        where batch_id = ${id} and status = 'running'
      `.execute(db);
      await sql`
        update generations set status = 'completed', completed_at = now(), held_micros = 0, cost_micros = authorized_micros,
          executed_model = 'gesso/sketch', provider = 'gesso', pictures = ${pictures}
        where batch_id = ${id} and status = 'running'
      `.execute(db);
    },
    async fail(id: string, error: { readonly code: string; readonly message: string }): Promise<void> {
      await sql`
        update generations set status = 'failed', completed_at = now(), held_micros = 0, error = ${JSON.stringify(error)}::jsonb
        where batch_id = ${id} and status = 'running'
      `.execute(db);
    },
    async linesOf(principal: Principal, file_id: string | null): Promise<LineRecord[]> {
      if (file_id === null) return [];
      const { file, stream } = await openFile(fileParts, principal, file_id);
      const content = await text(stream);
      if (Buffer.byteLength(content) !== file.bytes) throw new Error('The file has other bytes than it says.');
      return content
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as LineRecord);
    },
    getFile: (principal: Principal, id: string) => getFile(fileParts, principal, id),
    async until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
      const began = Date.now();
      while (!(await isTrue())) {
        if (Date.now() - began > DEADLINE_MS) throw new Error(`It never came: ${what}.`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async close(): Promise<void> {
      await guardedFetch.close();
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export interface LineRecord {
  readonly id: string;
  readonly custom_id: string;
  readonly response: {
    readonly status_code: number;
    readonly request_id: string;
    readonly body: {
      readonly data?: readonly { readonly url?: string; readonly b64_json?: string; readonly expires_at?: number }[];
      readonly error?: { readonly code: string; readonly message: string };
    };
  } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export function requestLine(custom_id: string, body: object = {}): string {
  const request = { model: 'gesso/sketch', prompt: 'a red boat', size: '64x64', ...body };
  return JSON.stringify({ custom_id, method: 'POST', url: '/v1/images/generations', body: request });
}

export function requestLines(count: number, body: object = {}): string[] {
  return Array.from({ length: count }, (_, index) => requestLine(`line-${index + 1}`, body));
}
