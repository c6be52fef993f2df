/** Everything that can be known when it is quiet again: rows, calls that the providers saw, webhooks, pictures, books. Only read, so that faults can be planted in a copy. */
import { createHash } from 'node:crypto';
import type { AttemptRow, Db, GenerationRow } from '../../../src/store/tables.ts';
import type { ProviderServer, RecordedRequest } from '../../providers/servers/kit.ts';
import { type FleetJob, tagIn } from './fleet-job.ts';
import type { FleetWorld } from './fleet-world.ts';
import type { HookArrival } from './hook-receiver.ts';

/** One generating call as a provider saw it. */
export interface Submit {
  readonly tag: string;
  readonly provider: string;
  readonly request: Pick<RecordedRequest, 'act' | 'status' | 'at'>;
  readonly pictures: number;
}

export interface Picture {
  readonly id: string;
  readonly generation_id: string;
  readonly position: number;
  /** What is wrong with it; null = it was fetched, and is whole. */
  readonly fault: string | null;
}

export interface Evidence {
  readonly jobs: readonly FleetJob[];
  readonly generations: readonly GenerationRow[];
  readonly attempts: readonly AttemptRow[];
  readonly pictures: readonly Picture[];
  /** What callers were charged. */
  readonly charges: readonly { readonly generation_id: string | null; readonly amount_micros: number }[];
  readonly submits: readonly Submit[];
  readonly hooks: readonly HookArrival[];
  /** Webhooks that are not delivered. */
  readonly undelivered: readonly { readonly id: string; readonly status: string; readonly last_error: string | null }[];
  readonly wallets: readonly {
    readonly account_id: string;
    readonly held_micros: number;
    readonly balance_micros: number;
  }[];
  /** Of `gesso ledger verify`. */
  readonly books: readonly string[];
}

const FETCHES_AT_ONCE = 12;

export async function gatherEvidence(world: FleetWorld, jobs: readonly FleetJob[]): Promise<Evidence> {
  const { db } = world.database;
  return {
    jobs,
    generations: await db.selectFrom('generations').selectAll().execute(),
    attempts: await db.selectFrom('attempts').selectAll().orderBy('generation_id').orderBy('seq').execute(),
    pictures: await fetchPictures(world, db),
    charges: await db
      .selectFrom('transfers')
      .select(['generation_id', 'amount_micros'])
      .where('entry', '=', 'charge')
      .execute(),
    submits: world.providers.flatMap(submitsOf),
    hooks: [...world.hooks.arrivals],
    undelivered: await db
      .selectFrom('webhook_deliveries')
      .select(['id', 'status', 'last_error'])
      .where('status', '<>', 'delivered')
      .execute(),
    wallets: await db.selectFrom('wallets').select(['account_id', 'held_micros', 'balance_micros']).execute(),
    books: (await world.verifyBooks()).faults,
  };
}

interface Asked {
  readonly prompt?: unknown;
  readonly num_images?: number;
}

function submitsOf({ provider, requests }: ProviderServer): Submit[] {
  return requests
    .filter(({ role }) => role === 'submit')
    .map((request) => {
      const { input, ...rest } = (request.body ?? {}) as Asked & { readonly input?: Asked }; // As the three providers write it.
      const { prompt, num_images = 1 } = input ?? rest;
      return { tag: tagIn(String(prompt)) ?? 'unknown', provider, request, pictures: num_images };
    });
}

async function fetchPictures({ servers, hasSharedMedia }: FleetWorld, db: Db): Promise<Picture[]> {
  const rows = await db.selectFrom('media').selectAll().where('role', '=', 'output').orderBy('id').execute();
  const found: Picture[] = [];
  const rest = rows.entries();
  const fetchAll = async (): Promise<void> => {
    for (const [index, { id, generation_id, position, content_type, blob_sha256, bytes }] of rest) {
      const path = `/media/${id}.${content_type.split('/')[1]?.replace('jpeg', 'jpg')}`;
      // One of them, in turn; where each keeps its own, whoever has it.
      const asked = hasSharedMedia ? [servers[index % servers.length]] : servers;
      let fault: string | null = 'nobody has it';
      for (const server of asked) {
        if (server === undefined || fault === null) continue;
        fault = await lookAt(`${server.url}${path}`, { sha256: blob_sha256, bytes });
      }
      found.push({ id, generation_id: generation_id ?? '', position, fault });
    }
  };
  await Promise.all(Array.from({ length: FETCHES_AT_ONCE }, fetchAll));
  return found;
}

async function lookAt(
  url: string,
  { sha256, bytes }: { readonly sha256: string | null; readonly bytes: number },
): Promise<string | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(20_000) });
    const body = Buffer.from(await answer.arrayBuffer());
    if (answer.status !== 200) return `${answer.status}`;
    if (body.length !== bytes) return `${body.length} bytes of ${bytes}`;
    return createHash('sha256').update(body).digest('hex') === sha256 ? null : 'other bytes than were stored';
  } catch (error) {
    return String(error);
  }
}
