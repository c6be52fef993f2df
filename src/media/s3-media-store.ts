import type { Clock, Ids } from '../contracts/clock.ts';
import type { ByteRange, MediaStore } from '../contracts/media.ts';
import { GessoError } from '../core/errors.ts';
import type { BlobCache } from './blob-cache.ts';
import { blobName, isSha256 } from './blob-name.ts';
import type { S3Access } from './s3/connect-s3.ts';
import { createDeletionMarks } from './s3/deletion-marks.ts';
import { retryPassing } from './s3/retry-passing.ts';
import { isMissing, operatorSentence, publicFault } from './s3/s3-fault.ts';
import type { LinkOptions, S3Objects } from './s3/s3-objects.ts';
import { removeIfThere, type Spool, type SpooledBlob } from './spool.ts';

export interface S3MediaStoreOptions {
  readonly objects: S3Objects;
  /** For what the operator is told. */
  readonly access: S3Access;
  /** Of every key: empty, or with a slash at its end. */
  readonly prefix: string;
  /** On the filesystem of `cache`. */
  readonly spool: Spool;
  readonly cache: BlobCache;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: MediaLog;
}

export interface MediaLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface S3MediaStore extends MediaStore {
  /** A link to the bytes themselves, for anybody, for a short time. */
  link(sha256: string, options: LinkOptions): Promise<string>;
  /** Drops this process's copy of bytes that another process removed. */
  forget(sha256: string): Promise<void>;
  /** Rejects when the bucket does not answer now. */
  ping(): Promise<void>;
}

/** The metadata that holds when bytes were last stored, in milliseconds: S3's own time is in seconds, by another clock. */
const STORED_AT = 'stored-at';
/** An upload that takes longer was given up by its process. */
const UPLOAD_MS_MAX = 60 * 60 * 1000;
const ROUNDS_MAX = 5;
const PING_MS_MAX = 5_000;

/**
 * Blobs as objects named by their SHA-256: `{prefix}blobs/ab/cd/abcd…`. A blob is spooled to a local file while it is
 * hashed, looked at there, sent from there, and the file then serves as this process's copy for a while: what is stored is
 * decoded and shown within seconds. The same bytes are sent again when they are stored again: looking first would save
 * nothing, since the time must be written anyhow.
 */
export function createS3MediaStore(options: S3MediaStoreOptions): S3MediaStore {
  const { objects, access, prefix, spool, cache, ids, clock, log } = options;
  const keyOf = (sha256: string): string => `${prefix}blobs/${blobName(sha256)}`;
  const marks = createDeletionMarks({ objects, prefix: `${prefix}deleting/`, ids });
  const inHand = new Map<string, Promise<string>>();

  /** The operator reads the cause, the caller a sentence. */
  const told = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof GessoError) throw error;
      log.error({ err: error }, operatorSentence(error, doing, access));
      throw publicFault(error);
    }
  };

  const read = (sha256: string, range?: ByteRange) =>
    objects.read(keyOf(sha256), range).catch((error: unknown) => {
      throw isMissing(error) ? new GessoError('not_found', undefined, { cause: error }) : error;
    });

  const send = async (file: SpooledBlob): Promise<void> => {
    const key = keyOf(file.sha256);
    for (let round = 0; round < ROUNDS_MAX; round++) {
      await objects.put(key, file, { [STORED_AT]: String(clock.now()) });
      await marks.settled(file.sha256);
      if ((await objects.find(key)) !== null) return;
    }
    throw new Error(`${key} was deleted each time that it was stored`);
  };

  /** Takes a copy onto this machine; what was cut is fetched anew. */
  const fetchCopy = (sha256: string): Promise<string> =>
    retryPassing(async () => {
      const { stream, bytes_total } = await read(sha256);
      const file = await spool.write(stream, { bytes_max: bytes_total, durable: false });
      if (file.sha256 === sha256) return cache.take(sha256, file);
      await removeIfThere(file.path);
      throw new Error(`${keyOf(sha256)} came with other bytes than its name says`);
    });

  return {
    async put(source, { bytes_max, inspect }) {
      const file = await spool.write(source, { bytes_max, durable: false });
      try {
        await inspect?.({ path: file.path });
        await told('store a picture', () => send(file));
        await cache.take(file.sha256, file);
        return { sha256: file.sha256, bytes: file.bytes };
      } catch (error) {
        await removeIfThere(file.path);
        throw error;
      }
    },

    async open(sha256, range) {
      return (await cache.open(sha256, range)) ?? told('read a picture', () => read(sha256, range));
    },

    async localPath(sha256) {
      const known = cache.path(sha256);
      if (known !== null) return known;
      const pending =
        inHand.get(sha256) ?? told('read a picture', () => fetchCopy(sha256)).finally(() => inHand.delete(sha256));
      inHand.set(sha256, pending);
      return pending;
    },

    async has(sha256) {
      return isSha256(sha256) && (await told('look for a picture', () => objects.find(keyOf(sha256)))) !== null;
    },

    async delete(sha256, stored_before) {
      const key = keyOf(sha256);
      await told('delete a picture', async () => {
        if (stored_before === undefined) return objects.delete(key);
        return marks.marked(sha256, async (signal) => {
          const found = await objects.find(key);
          if (found === null || storedAt(found) >= stored_before.getTime()) return;
          await objects.delete(key, signal);
        });
      });
      await cache.delete(sha256);
    },

    async *storedBefore(time) {
      for await (const { key, modified_at } of objects.list(`${prefix}blobs/`)) {
        const sha256 = key.slice(key.lastIndexOf('/') + 1);
        if (modified_at < time && isSha256(sha256)) yield sha256;
      }
    },

    async sweep() {
      await spool.sweep();
      await cache.tidy();
      const before = new Date(clock.now() - UPLOAD_MS_MAX);
      await marks.sweep(before).catch((error: unknown) => warn('list what it is deleting', error));
      await objects.abortUploads(`${prefix}blobs/`, before).catch((error: unknown) => warn('end old uploads', error));
    },

    link: (sha256, link) => told('sign a link', () => objects.link(keyOf(sha256), link)),

    forget: (sha256) => cache.delete(sha256),

    async ping() {
      await told('look for anything', () => objects.find(`${prefix}probe/none`, AbortSignal.timeout(PING_MS_MAX)));
    },
  };

  function warn(doing: string, error: unknown): void {
    log.warn({ err: error }, operatorSentence(error, doing, access));
  }
}

/** Objects that came here by other ways (a copy of the bucket) have only S3's time. */
function storedAt({
  metadata,
  modified_at,
}: {
  metadata: Readonly<Record<string, string>>;
  modified_at: Date;
}): number {
  const own = Number(metadata[STORED_AT] ?? Number.NaN);
  return Number.isFinite(own) ? own : modified_at.getTime();
}
