/** A fresh bucket on the S3 server under test, and media stores in it. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock, Ids } from '../../src/contracts/clock.ts';
import { createBlobCache } from '../../src/media/blob-cache.ts';
import { connectS3, type S3Access } from '../../src/media/s3/connect-s3.ts';
import { createS3Objects, type S3Objects } from '../../src/media/s3/s3-objects.ts';
import { createS3MediaStore, type MediaLog, type S3MediaStore } from '../../src/media/s3-media-store.ts';
import { createSpool } from '../../src/media/spool.ts';
import { accessTo, type S3Server, startS3Server } from './s3-server.ts';

export interface StoreOptions {
  readonly directory: string;
  /** A new one of its own when absent. */
  readonly prefix?: string;
  readonly clock?: Clock;
  readonly cache_bytes_max?: number;
  readonly multipart_from_bytes?: number;
  readonly log?: MediaLog;
  /** Stands between the store and the bucket. */
  readonly around?: (objects: S3Objects) => S3Objects;
}

export interface Upload {
  readonly key: string;
  readonly upload_id: string;
}

export interface TestBucket {
  readonly access: S3Access;
  readonly objects: S3Objects;
  readonly ids: Ids;
  /** Null where the server is not ours to stop. */
  readonly server: S3Server | null;
  newPrefix(): string;
  store(options: StoreOptions): Promise<S3MediaStore>;
  keys(prefix: string): Promise<string[]>;
  beginUpload(key: string): Promise<Upload>;
  uploadExists(upload: Upload): Promise<boolean>;
  close(): Promise<void>;
}

export const randomIds: Ids = { next: (prefix) => `${prefix}_${randomBytes(16).toString('hex')}` };
const systemClock: Clock = { now: () => Date.now() };
const silent: MediaLog = { warn: () => {}, error: () => {} };

/** On the server that GESSO_TEST_S3_ENDPOINT names, if any; `own` = on one that the test may stop. */
export async function openBucket({ own = false }: { readonly own?: boolean } = {}): Promise<TestBucket> {
  const given = own ? undefined : process.env.GESSO_TEST_S3_ENDPOINT;
  const server = given === undefined ? await startS3Server() : null;
  const name = `gesso-test-${randomBytes(6).toString('hex')}`;
  const access = accessTo(
    server ?? {
      endpoint: given ?? '',
      access_key_id: process.env.GESSO_TEST_S3_ACCESS_KEY_ID ?? '',
      secret_access_key: process.env.GESSO_TEST_S3_SECRET_ACCESS_KEY ?? '',
    },
    name,
  );
  const connection = await connectS3(access);
  const { sdk, client } = connection;
  await client.send(new sdk.CreateBucketCommand({ Bucket: name }));
  const objects = createS3Objects(connection, { bucket: name });
  const keys = async (prefix: string): Promise<string[]> =>
    (await Array.fromAsync(objects.list(prefix))).map(({ key }) => key);

  return {
    access,
    objects,
    server,
    ids: randomIds,
    keys,
    newPrefix: () => `${randomBytes(4).toString('hex')}/`,

    async store(options) {
      const { directory, clock = systemClock, multipart_from_bytes } = options;
      const under =
        multipart_from_bytes === undefined
          ? objects
          : createS3Objects(connection, { bucket: name, multipart_from_bytes });
      return createS3MediaStore({
        objects: options.around?.(under) ?? under,
        access,
        prefix: options.prefix ?? `${randomBytes(4).toString('hex')}/`,
        spool: createSpool({ directory: join(directory, 'partial'), ids: randomIds, clock }),
        cache: await createBlobCache({
          directory: join(directory, 'copies'),
          bytes_max: options.cache_bytes_max ?? 1e9,
          clock,
        }),
        ids: randomIds,
        clock,
        log: options.log ?? silent,
      });
    },

    async beginUpload(key) {
      const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand({ Bucket: name, Key: key }));
      return { key, upload_id: UploadId ?? '' };
    },

    async uploadExists({ key, upload_id }) {
      const { Uploads = [] } = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket: name, Prefix: key }));
      return Uploads.some(({ UploadId }) => UploadId === upload_id);
    },

    async close() {
      if (server === null) {
        for (const key of await keys('')) await objects.delete(key);
        await client.send(new sdk.DeleteBucketCommand({ Bucket: name }));
      }
      connection.close();
      await server?.close();
    },
  };
}
