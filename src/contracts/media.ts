/** Types of pictures and stored bytes that cross component walls. Types only: nothing here runs. */
import type { Readable } from 'node:stream';

export type PictureFormat = 'png' | 'jpeg' | 'gif' | 'webp' | 'avif';

/** Undressed pixels: 8-bit RGBA, row-major, not premultiplied; `data.length === width * height * 4`. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A picture that came in (a reference, a mask, a provider's answer), stored as it was and measured by its bytes. */
export interface StoredPicture {
  /** Lower-case hex SHA-256 of the stored bytes: the blob's name in the media store. */
  readonly blob_sha256: string;
  readonly bytes: number;
  readonly content_type: string;
  readonly format: PictureFormat;
  readonly width: number;
  readonly height: number;
  readonly has_alpha: boolean;
}

export interface ByteRange {
  /** First byte, zero-based. */
  readonly start: number;
  /** Last byte, inclusive. */
  readonly end: number;
}

export interface StagedBlob {
  readonly sha256: string;
  readonly bytes: number;
}

export interface PutOptions {
  readonly bytes_max: number;
  /** Looks at the whole of the bytes before anybody else can see them; what it refuses, by throwing, is not kept. */
  readonly inspect?: (bytes: { readonly path: string } | Uint8Array) => Promise<void>;
}

/** Content-addressed bytes on disk or S3. A blob is visible only when it is whole. */
export interface MediaStore {
  /** Streams `source` in while hashing; refuses more than `bytes_max` with `payload_too_large`. Same bytes, same blob. */
  put(source: Readable | Uint8Array, options: PutOptions): Promise<StagedBlob>;
  /** Throws `not_found` when the blob does not exist. */
  open(sha256: string, range?: ByteRange): Promise<{ readonly stream: Readable; readonly bytes_total: number }>;
  /**
   * A path that a decoder can read in place, fetched there first where the store is not on this machine; to be opened
   * within a minute. Null = the store has no such thing, and the caller streams.
   */
  localPath(sha256: string): Promise<string | null>;
  has(sha256: string): Promise<boolean>;
  /** With `stored_before`, bytes that were stored (again) since then stay. */
  delete(sha256: string, stored_before?: Date): Promise<void>;
  /** Every blob that was last stored before then, in no order. */
  storedBefore(time: Date): AsyncIterable<string>;
  /** Removes what crashed writers left behind; safe to call at any time. */
  sweep(): Promise<void>;
}
