/** Reads a backup part by part, and vouches for the whole of it only with the last part. */
import { createHash, type Hash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import type { z } from 'zod';
import { StoreError } from '../store-error.ts';
import {
  type BackupEnd,
  type BackupHeader,
  END_NAME,
  endSchema,
  FORMAT_VERSION,
  HEADER_NAME,
  headerSchema,
} from './backup-format.ts';
import { ByteQueue } from './byte-queue.ts';
import { paddingBytes, readTarHeader, TAR_BLOCK_BYTES, type TarEntry, tarEnd } from './tar.ts';

export type BackupPart =
  | { readonly kind: 'header'; readonly header: BackupHeader }
  /** One JSON array a line, each line ended. */
  | { readonly kind: 'rows'; readonly table: string; readonly text: string }
  | { readonly kind: 'blob'; readonly sha256: string; readonly bytes: number; readonly body: AsyncIterable<Uint8Array> }
  /** Everything before it was as it had been written. */
  | { readonly kind: 'end'; readonly end: BackupEnd };

/** A piece of a table is a megabyte, or one row where that is larger. */
const TEXT_BYTES_MAX = 256 * 1024 * 1024;
const MEMBER = /^(?:tables\/(?<table>[^/]+)\/\d+\.ndjson|blobs\/(?<sha256>[0-9a-f]{64}))$/;

/** Throws StoreError for what is no backup, one of a newer Gesso, and one that was cut or changed. */
export async function* readBackup(source: AsyncIterable<Uint8Array>): AsyncGenerator<BackupPart> {
  const plain = pipeline(Readable.from(source, { objectMode: false }), createZstdDecompress(), () => {});
  try {
    yield* readParts(new ByteQueue(plain));
  } catch (error) {
    throw isOfZlib(error) ? damaged(error) : error;
  } finally {
    plain.destroy();
  }
}

async function* readParts(bytes: ByteQueue): AsyncGenerator<BackupPart> {
  const hash = createHash('sha256');
  const first = await readEntry(bytes, hash).catch(notOursIfForeign);
  if (first?.name !== HEADER_NAME) notOurs(undefined);
  const header = parse(headerSchema, await readText(bytes, first, hash), notOurs);
  if (header.format_version > FORMAT_VERSION) {
    throw new StoreError(
      `The backup was made by a newer Gesso (${header.gesso_version}): restore it with that version.`,
    );
  }
  yield { kind: 'header', header };
  for (;;) {
    const entry = await readEntry(bytes, hash);
    if (entry === null) throw damaged();
    if (entry.name === END_NAME) {
      const end = parse(endSchema, await readText(bytes, entry, null), damagedBy);
      // To the last byte: a fault of the compression shows there at the latest.
      const isEnded = (await bytes.take(tarEnd.byteLength))?.equals(tarEnd) === true && (await bytes.take(1)) === null;
      if (end.sha256 !== hash.digest('hex') || !isEnded) throw damaged();
      yield { kind: 'end', end };
      return;
    }
    yield* readMember(bytes, entry, hash);
  }
}

async function* readMember(bytes: ByteQueue, entry: TarEntry, hash: Hash): AsyncGenerator<BackupPart> {
  const { table, sha256 } = MEMBER.exec(entry.name)?.groups ?? {};
  if (table !== undefined) {
    yield { kind: 'rows', table, text: await readText(bytes, entry, hash) };
  } else if (sha256 !== undefined) {
    const body = hashed(bytes.pass(entry.bytes), hash);
    yield { kind: 'blob', sha256, bytes: entry.bytes, body };
    // What the reader left.
    for await (const _rest of body);
    await skipPadding(bytes, entry, hash);
  } else throw damaged();
}

async function* hashed(source: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

/** The end's own bytes are not in the hash that it states. */
async function readEntry(bytes: ByteQueue, hash: Hash): Promise<TarEntry | null> {
  const block = await bytes.take(TAR_BLOCK_BYTES);
  const entry = block === null ? null : readTarHeader(block);
  if (entry === undefined || block === null) throw damaged();
  if (entry?.name !== END_NAME) hash.update(block);
  return entry;
}

async function readText(bytes: ByteQueue, entry: TarEntry, hash: Hash | null): Promise<string> {
  if (entry.bytes > TEXT_BYTES_MAX) throw damaged();
  const text = await bytes.take(entry.bytes);
  if (text === null) throw damaged();
  hash?.update(text);
  await skipPadding(bytes, entry, hash);
  return text.toString();
}

async function skipPadding(bytes: ByteQueue, entry: TarEntry, hash: Hash | null): Promise<void> {
  const padding = await bytes.take(paddingBytes(entry.bytes));
  if (padding === null) throw damaged();
  hash?.update(padding);
}

function parse<Output>(schema: z.ZodType<Output>, text: string, refuse: (cause: unknown) => never): Output {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    return refuse(error);
  }
}

function notOursIfForeign(cause: unknown): never {
  throw isOfZlib(cause) && cause.code !== 'ZSTD_error_prefix_unknown' ? cause : notOurs(cause);
}

function notOurs(cause: unknown): never {
  throw new StoreError('This is no backup of Gesso: `gesso backup <file>` makes one.', { cause });
}

function damagedBy(cause: unknown): never {
  throw damaged(cause);
}

export function damaged(cause?: unknown): StoreError {
  return new StoreError('The backup is cut or damaged: take another one, or copy it again from where it was kept.', {
    cause,
  });
}

function isOfZlib(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && /^(?:Z_|ZSTD_)/.test(String(error.code));
}
