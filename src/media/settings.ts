import { z } from 'zod';
import { defineSettings, wholeNumber } from '../core/settings.ts';

const mebibyte = 1024 * 1024;

/** The settings of stored, read and shown pictures; `config.ts` gathers them. */
export const mediaSettings = defineSettings({
  GESSO_IMAGE_BYTES_MAX: {
    schema: wholeNumber(1024, 1024 * mebibyte).default(50 * mebibyte),
    description: 'The largest picture, in bytes, that is taken as an input or from a provider (default 50 MiB).',
  },
  GESSO_IMAGE_PIXELS_MAX: {
    schema: wholeNumber(4096, 1024 * mebibyte).default(64 * mebibyte),
    description: 'The most pixels (width x height) that an input picture may have (default 67108864, i.e. 8192x8192).',
  },
  GESSO_RETENTION_DAYS: {
    schema: wholeNumber(0, 36_500).default(7),
    description:
      'Days that pictures, prompts and parameters are kept (default 7); 0 drops them within the hour, 36500 keeps them until deleted.',
  },
  GESSO_THUMBNAIL_CACHE_BYTES_MAX: {
    schema: wholeNumber(0, 1024 * 1024 * mebibyte).default(512 * mebibyte),
    description: 'Bytes of disk that thumbnails may fill before the oldest are dropped (default 512 MiB).',
  },
  S3_BUCKET: {
    schema: z.string().optional(),
    description: 'Bucket that pictures are stored in; without it they are files under GESSO_DATA_DIR.',
  },
  S3_ENDPOINT: {
    schema: z.url({ protocol: /^https?$/, error: 'must be a URL, as https://s3.example.com' }).optional(),
    description: "Base URL of an S3 that is not Amazon's (MinIO, R2, versitygw and others).",
  },
  S3_REGION: {
    schema: z.string().optional(),
    description:
      'Region of the bucket; without it the one that the AWS tools would take, or us-east-1 with S3_ENDPOINT.',
  },
  S3_ACCESS_KEY_ID: {
    schema: z.string().optional(),
    description:
      'Access key of the bucket; without it the AWS default chain: environment, profile, role of the machine.',
    secret: true,
  },
  S3_SECRET_ACCESS_KEY: {
    schema: z.string().optional(),
    description: 'Secret that belongs to S3_ACCESS_KEY_ID.',
    secret: true,
  },
  S3_SESSION_TOKEN: {
    schema: z.string().optional(),
    description: 'Session token, where the access key is a temporary one.',
    secret: true,
  },
  S3_FORCE_PATH_STYLE: {
    schema: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional(),
    description: '`true`: host/bucket/key, `false`: bucket.host/key (default: `true` with S3_ENDPOINT, else `false`).',
  },
  S3_PREFIX: {
    schema: z
      .string()
      .default('')
      .transform((text) => text.replaceAll(/^\/+|\/+$/g, '')),
    description: 'What all keys in the bucket begin with, so that it can hold other things too (default: nothing).',
  },
  GESSO_MEDIA_DELIVERY: {
    schema: z.enum(['proxy', 'redirect']).default('proxy'),
    description:
      'How pictures in S3 are sent: `proxy`: by Gesso; `redirect`: by the bucket, over a link that is good for five minutes.',
  },
  GESSO_S3_CACHE_BYTES_MAX: {
    schema: wholeNumber(0, 1024 * 1024 * mebibyte).default(1024 * mebibyte),
    description:
      'Bytes of disk that copies of pictures in S3 may fill (default 1 GiB); those of the last two minutes stay in any case.',
  },
});
