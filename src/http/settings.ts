import { z } from 'zod';
import { defineSettings, wholeNumber } from '../core/settings.ts';

const MEBIBYTE = 1024 * 1024;

/** What the HTTP surface can be told by the environment. */
export const httpSettings = defineSettings({
  GESSO_JSON_BODY_BYTES_MAX: {
    schema: wholeNumber(1024, 4096 * MEBIBYTE).default(64 * MEBIBYTE),
    description: 'The largest JSON body taken, in bytes, pictures in it included (default 64 MiB).',
  },
  GESSO_UPLOAD_BODY_BYTES_MAX: {
    schema: wholeNumber(1024, 4096 * MEBIBYTE).default(256 * MEBIBYTE),
    description: 'The largest multipart body taken, in bytes, all files together (default 256 MiB).',
  },
  GESSO_REFERENCES_MAX: {
    schema: wholeNumber(1, 64).default(16),
    description: 'The most reference pictures that one request may bring (default 16); a model may take fewer.',
  },
  GESSO_BODY_IDLE_TIMEOUT_MS: {
    schema: wholeNumber(50, 600_000).default(30_000),
    description: 'Milliseconds after which a body of which nothing more arrives is given up (default 30000).',
  },
  GESSO_REQUEST_TIMEOUT_MS: {
    schema: wholeNumber(1000, 3_600_000).default(600_000),
    description: 'Milliseconds in which a request must have arrived whole (default 600000).',
  },
  GESSO_SHUTDOWN_TIMEOUT_MS: {
    schema: wholeNumber(0, 3_600_000).default(120_000),
    description: 'Milliseconds that a stopping server waits for the work in hand (default 120000).',
  },
  GESSO_STREAM_PING_MS: {
    schema: wholeNumber(10, 60_000).default(10_000),
    description:
      'Milliseconds after which a quiet event stream sends a comment, so that no proxy cuts it (default 10000).',
  },
  GESSO_METRICS_KEY: {
    schema: z.string().min(8).optional(),
    description: 'When set, /metrics asks for it as a bearer token.',
    secret: true,
  },
});
