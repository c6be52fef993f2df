import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Clock, Ids } from '../contracts/clock.ts';
import type { MediaStore } from '../contracts/media.ts';
import type { SettingValues } from '../core/settings.ts';
import { createBlobCache } from './blob-cache.ts';
import { createFileMediaStore } from './file-media-store.ts';
import { connectS3, type S3Access } from './s3/connect-s3.ts';
import { probeBucket } from './s3/probe-bucket.ts';
import { MediaStoreError } from './s3/s3-fault.ts';
import { createS3Objects, type LinkOptions } from './s3/s3-objects.ts';
import { createS3MediaStore, type MediaLog } from './s3-media-store.ts';
import type { mediaSettings } from './settings.ts';
import { createSpool } from './spool.ts';

export type MediaStoreSettings = Omit<
  SettingValues<typeof mediaSettings>,
  'GESSO_IMAGE_BYTES_MAX' | 'GESSO_IMAGE_PIXELS_MAX' | 'GESSO_RETENTION_DAYS' | 'GESSO_THUMBNAIL_CACHE_BYTES_MAX'
>;

export interface OpenMediaStore {
  readonly store: MediaStore;
  /** Null = pictures are sent by this process. */
  readonly link: ((sha256: string, options: LinkOptions) => Promise<string>) | null;
  /** Another process removed these bytes. */
  readonly forget: (sha256: string) => Promise<void>;
  /** Rejects when the bucket does not answer; null = it lies on this machine, where nothing need be asked. */
  readonly check: (() => Promise<void>) | null;
  /** Where pictures are, for the start's notes. */
  describe(): string;
  close(): void;
}

export interface OpenMediaStoreOptions {
  readonly settings: MediaStoreSettings;
  readonly directory: string;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: MediaLog;
}

/** S3 where a bucket is set, else files. Throws MediaStoreError, a sentence for the operator, when it cannot be used. */
export async function openMediaStore(options: OpenMediaStoreOptions): Promise<OpenMediaStore> {
  const access = s3Access(options.settings);
  if (access !== null) return openS3(options, access);
  const { directory, ids, clock } = options;
  const store = createFileMediaStore({ directory, ids, clock });
  await store.sweep();
  return {
    store,
    link: null,
    forget: async () => {},
    check: null,
    describe: () => `files in ${directory}`,
    close: () => {},
  };
}

async function openS3(
  { settings, directory, ids, clock, log }: OpenMediaStoreOptions,
  access: S3Access,
): Promise<OpenMediaStore> {
  const connection = await connectS3(access);
  const prefix = prefixOf(settings);
  const objects = createS3Objects(connection, { bucket: access.bucket });
  const store = createS3MediaStore({
    objects,
    access,
    prefix,
    spool: createSpool({ directory: join(directory, 'partial'), ids, clock }),
    cache: await createBlobCache({
      directory: join(directory, 'copies'),
      bytes_max: settings.GESSO_S3_CACHE_BYTES_MAX,
      clock,
    }),
    ids,
    clock,
    log,
  });
  try {
    await probeBucket({ objects, access, key: `${prefix}probe/${ids.next('probe')}` });
    await store.sweep();
  } catch (error) {
    connection.close();
    throw error;
  }
  return {
    store,
    link: settings.GESSO_MEDIA_DELIVERY === 'redirect' ? store.link : null,
    forget: store.forget,
    check: store.ping,
    describe: () => placeOf(settings, access),
    close: connection.close,
  };
}

const prefixOf = ({ S3_PREFIX }: MediaStoreSettings): string => (S3_PREFIX === '' ? '' : `${S3_PREFIX}/`);

const placeOf = (settings: MediaStoreSettings, access: S3Access): string =>
  `s3://${access.bucket}/${prefixOf(settings)} at ${access.endpoint ?? 'Amazon S3'}`;

/** Tries the bucket without opening anything on this machine; null where none is set. Throws MediaStoreError. */
export async function checkBucket(settings: MediaStoreSettings): Promise<string | null> {
  const access = s3Access(settings);
  if (access === null) return null;
  const connection = await connectS3(access);
  try {
    const objects = createS3Objects(connection, { bucket: access.bucket });
    await probeBucket({ objects, access, key: `${prefixOf(settings)}probe/${randomUUID()}` });
    return placeOf(settings, access);
  } finally {
    connection.close();
  }
}

/** Null where no bucket is set. */
export function s3Access(settings: MediaStoreSettings): S3Access | null {
  const { S3_BUCKET, S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_SESSION_TOKEN } = settings;
  if (S3_BUCKET === undefined) return null;
  if ((S3_ACCESS_KEY_ID === undefined) !== (S3_SECRET_ACCESS_KEY === undefined)) {
    throw new MediaStoreError('Set both S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or neither.');
  }
  return {
    bucket: S3_BUCKET,
    endpoint: S3_ENDPOINT ?? null,
    region: S3_REGION ?? null,
    credentials:
      S3_ACCESS_KEY_ID === undefined || S3_SECRET_ACCESS_KEY === undefined
        ? null
        : {
            access_key_id: S3_ACCESS_KEY_ID,
            secret_access_key: S3_SECRET_ACCESS_KEY,
            session_token: S3_SESSION_TOKEN ?? null,
          },
    force_path_style: settings.S3_FORCE_PATH_STYLE ?? S3_ENDPOINT !== undefined,
  };
}
