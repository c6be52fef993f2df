import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { ListMultipartUploadsCommandOutput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { ByteRange } from '../../contracts/media.ts';
import { WeightedSemaphore } from '../../core/limits/weighted-semaphore.ts';
import type { SpooledBlob } from '../spool.ts';
import type { S3Connection } from './connect-s3.ts';
import { retryPassing } from './retry-passing.ts';
import { isMissing, isPassing } from './s3-fault.ts';

export interface FoundObject {
  readonly modified_at: Date;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface LinkOptions {
  readonly content_type: string;
  readonly content_disposition: string;
  readonly cache_control: string;
  readonly expires_in_s: number;
}

/** The few things that are done to a bucket's objects, by key. All throw the SDK's errors. */
export interface S3Objects {
  /** Whole and durable when it resolves, and not there at all before. */
  put(key: string, file: SpooledBlob, metadata: Readonly<Record<string, string>>): Promise<void>;
  putText(key: string, text: string): Promise<void>;
  /** Null where there is none. */
  find(key: string, signal?: AbortSignal): Promise<FoundObject | null>;
  read(key: string, range?: ByteRange): Promise<{ readonly stream: Readable; readonly bytes_total: number }>;
  delete(key: string, signal?: AbortSignal): Promise<void>;
  list(prefix: string): AsyncIterable<{ readonly key: string; readonly modified_at: Date }>;
  /** A link that anybody can follow until it expires. */
  link(key: string, options: LinkOptions): Promise<string>;
  /** Ends uploads in parts that were begun before then and never finished; returns how many. */
  abortUploads(prefix: string, begun_before: Date): Promise<number>;
}

export interface S3ObjectsOptions {
  readonly bucket: string;
  /** Files from this size on are sent in parts, so that a cut costs a part and not the whole. */
  readonly multipart_from_bytes?: number;
}

const mebibyte = 1024 * 1024;
const MULTIPART_FROM_BYTES = 64 * mebibyte;
const PART_BYTES = 8 * mebibyte;
/** Parts of one file that are on their way at a time; each is held in memory. */
const PARTS_AT_ONCE = 2;
/** A file that is sent whole counts 1: it streams from the disk. One in parts counts its memory. */
const UPLOADS_AT_ONCE = 32;
const MULTIPART_WEIGHT = 16;

export function createS3Objects(connection: S3Connection, options: S3ObjectsOptions): S3Objects {
  const { sdk, client, reader } = connection;
  const { bucket: Bucket, multipart_from_bytes = MULTIPART_FROM_BYTES } = options;
  const uploads = new WeightedSemaphore(UPLOADS_AT_ONCE);

  return {
    async put(key, file, metadata) {
      const isLarge = file.bytes >= multipart_from_bytes;
      const params = { Bucket, Key: key, Metadata: { ...metadata }, ContentType: 'application/octet-stream' };
      await uploads.hold(isLarge ? MULTIPART_WEIGHT : 1, () =>
        retryPassing(
          () => (isLarge ? putInParts(connection, params, file) : putWhole(connection, params, file)),
          isPassingForPut,
        ),
      );
    },

    async putText(key, text) {
      const params = { Bucket, Key: key, Body: text, ContentType: 'text/plain' };
      await retryPassing(() => client.send(new sdk.PutObjectCommand(params)), isPassingForPut);
    },

    async find(key, signal) {
      try {
        const command = new sdk.HeadObjectCommand({ Bucket, Key: key });
        const { LastModified, Metadata } = await client.send(command, until(signal));
        return { modified_at: LastModified ?? new Date(0), metadata: Metadata ?? {} };
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },

    async read(key, range) {
      const Range = range === undefined ? undefined : `bytes=${range.start}-${range.end}`;
      const answer = await reader.send(
        new sdk.GetObjectCommand({ Bucket, Key: key, ...(Range === undefined ? {} : { Range }) }),
      );
      const total = answer.ContentRange?.split('/')[1] ?? answer.ContentLength;
      // In Node the body is the response itself; the SDK's type also covers browsers.
      return { stream: answer.Body as Readable, bytes_total: Number(total ?? 0) };
    },

    async delete(key, signal) {
      try {
        await client.send(new sdk.DeleteObjectCommand({ Bucket, Key: key }), until(signal));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },

    async *list(Prefix) {
      for await (const page of sdk.paginateListObjectsV2({ client }, { Bucket, Prefix })) {
        for (const { Key, LastModified } of page.Contents ?? []) {
          if (Key !== undefined) yield { key: Key, modified_at: LastModified ?? new Date(0) };
        }
      }
    },

    async link(key, { content_type, content_disposition, cache_control, expires_in_s }) {
      const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
      const command = new sdk.GetObjectCommand({
        Bucket,
        Key: key,
        ResponseContentType: content_type,
        ResponseContentDisposition: content_disposition,
        ResponseCacheControl: cache_control,
      });
      return getSignedUrl(reader, command, { expiresIn: expires_in_s });
    },

    async abortUploads(Prefix, begun_before) {
      let aborted = 0;
      let markers: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } | null = {};
      while (markers !== null) {
        const page: ListMultipartUploadsCommandOutput = await client.send(
          new sdk.ListMultipartUploadsCommand({ Bucket, Prefix, ...markers }),
        );
        for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
          if (Key === undefined || UploadId === undefined || Initiated === undefined) continue;
          // Some servers do not heed the prefix here, and others' uploads are not ours to end.
          if (!Key.startsWith(Prefix) || Initiated >= begun_before) continue;
          await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
          aborted += 1;
        }
        const { IsTruncated = false, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
        markers =
          IsTruncated && KeyMarker !== undefined
            ? { KeyMarker, ...(UploadIdMarker === undefined ? {} : { UploadIdMarker }) }
            : null;
      }
      return aborted;
    },
  };
}

/** Servers that keep objects as files may say so while somebody takes the last other one out of the same folder. */
const isPassingForPut = (error: unknown): boolean => isPassing(error) || isMissing(error);

const until = (abortSignal: AbortSignal | undefined) => (abortSignal === undefined ? {} : { abortSignal });

/** Signed with the hash that we know already: what arrives changed is refused, and nothing is read twice. */
async function putWhole(
  { sdk, client }: S3Connection,
  params: PutObjectCommandInput,
  file: SpooledBlob,
): Promise<void> {
  const Body = createReadStream(file.path);
  const command = new sdk.PutObjectCommand({ ...params, Body, ContentLength: file.bytes });
  command.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { readonly headers: Record<string, string> }; // HTTP, as all of S3
      headers['x-amz-content-sha256'] = file.sha256;
      return next(args);
    },
    { step: 'build', name: 'payloadHash' },
  );
  try {
    await client.send(command);
  } finally {
    Body.destroy();
  }
}

async function putInParts({ client }: S3Connection, params: PutObjectCommandInput, file: SpooledBlob): Promise<void> {
  const { Upload } = await import('@aws-sdk/lib-storage');
  const Body = createReadStream(file.path, { highWaterMark: mebibyte });
  try {
    await new Upload({ client, params: { ...params, Body }, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE }).done();
  } finally {
    Body.destroy();
  }
}
