import { z } from 'zod';
import type { Setting } from '../contracts/setting.ts';

const mebibyte = 1024 * 1024;

const wholeNumber = (min: number, max: number, fallback: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

/** The settings of stored, read and shown pictures; `config.ts` gathers them. */
export const mediaSettings = {
  image_bytes_max: {
    name: 'GESSO_IMAGE_BYTES_MAX',
    schema: wholeNumber(1024, 1024 * mebibyte, 50 * mebibyte),
    description: 'The largest picture, in bytes, that is taken as an input or from a provider (default 50 MiB).',
  },
  image_pixels_max: {
    name: 'GESSO_IMAGE_PIXELS_MAX',
    schema: wholeNumber(4096, 1024 * mebibyte, 64 * mebibyte),
    description: 'The most pixels (width x height) that an input picture may have (default 67108864, i.e. 8192x8192).',
  },
  retention_days: {
    name: 'GESSO_RETENTION_DAYS',
    schema: wholeNumber(0, 36_500, 7),
    description: 'Days that pictures, prompts and parameters are kept (default 7); 0 drops them within the hour.',
  },
  thumbnail_cache_bytes_max: {
    name: 'GESSO_THUMBNAIL_CACHE_BYTES_MAX',
    schema: wholeNumber(0, 1024 * 1024 * mebibyte, 512 * mebibyte),
    description: 'Bytes of disk that thumbnails may fill before the oldest are dropped (default 512 MiB).',
  },
} as const satisfies Record<string, Setting<number>>;
