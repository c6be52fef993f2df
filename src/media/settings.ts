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
});
