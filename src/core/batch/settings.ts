import { defineSettings, wholeNumber } from '../settings.ts';

const MEBIBYTE = 1024 * 1024;

/** What bounds files and batches. */
export const batchSettings = defineSettings({
  GESSO_FILE_BYTES_MAX: {
    schema: wholeNumber(1024, 65_536 * MEBIBYTE).default(512 * MEBIBYTE),
    description: 'The largest file that /v1/files takes, in bytes (default 512 MiB).',
  },
  GESSO_BATCH_FILE_BYTES_MAX: {
    schema: wholeNumber(1024, 65_536 * MEBIBYTE).default(200 * MEBIBYTE),
    description: 'The largest file of requests that a batch is made of, in bytes (default 200 MiB).',
  },
  GESSO_BATCH_LINES_MAX: {
    schema: wholeNumber(1, 1_000_000).default(50_000),
    description: 'The most requests in one batch (default 50000).',
  },
});
