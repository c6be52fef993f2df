import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Clock } from '../contracts/clock.ts';
import type { ByteRange } from '../contracts/media.ts';
import { requireSha256 } from './blob-name.ts';
import { removeIfThere } from './spool.ts';

export interface BlobCacheOptions {
  /** This process's own; emptied when it starts. On the filesystem of the files that are taken in. */
  readonly directory: string;
  readonly bytes_max: number;
  readonly clock: Clock;
}

export interface CachedBlob {
  readonly stream: Readable;
  readonly bytes_total: number;
}

/** Copies of whole blobs, the least recently used gone first. */
export interface BlobCache {
  /** Moves a file in, and returns where it lies now. */
  take(sha256: string, file: { readonly path: string; readonly bytes: number }): Promise<string>;
  path(sha256: string): string | null;
  open(sha256: string, range?: ByteRange): Promise<CachedBlob | null>;
  delete(sha256: string): Promise<void>;
  /** Drops what is over the limit or has not been used for long. */
  tidy(): Promise<void>;
}

/** A path that was handed out is opened within this time: until then its file stays, even over the limit. */
const HELD_MS = 2 * 60_000;
/** A picture is made, looked at, changed and shown within minutes; after that the store itself is asked. */
const UNUSED_MS_MAX = 15 * 60_000;

export async function createBlobCache({ directory, bytes_max, clock }: BlobCacheOptions): Promise<BlobCache> {
  // What an earlier process left was never made durable, so that it cannot be trusted.
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  // Insertion order is order of use: the first is the oldest.
  const entries = new Map<string, { readonly bytes: number; readonly used_at: number }>();
  let total = 0;

  const pathOf = (sha256: string): string => join(directory, requireSha256(sha256));
  const forget = (sha256: string): void => {
    total -= entries.get(sha256)?.bytes ?? 0;
    entries.delete(sha256);
  };
  const use = (sha256: string, bytes: number): void => {
    forget(sha256);
    entries.set(sha256, { bytes, used_at: clock.now() });
    total += bytes;
  };
  const path = (sha256: string): string | null => {
    const found = entries.get(sha256);
    if (found === undefined) return null;
    use(sha256, found.bytes);
    return pathOf(sha256);
  };
  const remove = async (sha256: string): Promise<void> => {
    forget(sha256);
    await removeIfThere(pathOf(sha256));
  };
  const tidy = async (): Promise<void> => {
    for (const [sha256, { used_at }] of entries) {
      const unused_ms = clock.now() - used_at;
      if (unused_ms < HELD_MS || (total <= bytes_max && unused_ms < UNUSED_MS_MAX)) return;
      await remove(sha256);
    }
  };

  return {
    path,
    delete: remove,
    tidy,

    async take(sha256, file) {
      const to = pathOf(sha256);
      await rename(file.path, to);
      use(sha256, file.bytes);
      await tidy();
      return to;
    },

    async open(sha256, range) {
      const bytes_total = entries.get(sha256)?.bytes;
      const from = path(sha256);
      if (from === null || bytes_total === undefined) return null;
      const file = await open(from, 'r').catch(() => null);
      if (file !== null) return { stream: file.createReadStream(range ?? {}), bytes_total };
      forget(sha256);
      return null;
    },
  };
}
