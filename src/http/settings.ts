import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { defineSettings, wholeNumber } from '../core/settings.ts';

const MEBIBYTE = 1024 * 1024;

function isNetwork(text: string): boolean {
  return ['loopback', 'linklocal', 'uniquelocal'].includes(text) || ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
}

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
  GESSO_REQUESTS_IN_FLIGHT_MAX: {
    schema: wholeNumber(1, 100_000).default(1000),
    description:
      'The most generating requests in hand at once in one process; more are told to come back, 503 overloaded (default 1000).',
  },
  GESSO_BODY_BYTES_IN_FLIGHT_MAX: {
    schema: wholeNumber(1024, 65_536 * MEBIBYTE).default(1024 * MEBIBYTE),
    description:
      'The most bytes of generating requests that may be arriving at once in one process, by their announced lengths (default 1 GiB); more are told to come back, 503 overloaded.',
  },
  GESSO_OPEN_REQUESTS_PER_MINUTE: {
    schema: wholeNumber(1, 10_000_000).default(6000),
    description: 'Requests a minute from one address to what needs no key: pictures and pages (default 6000).',
  },
  GESSO_WRONG_KEYS_PER_MINUTE: {
    schema: wholeNumber(1, 10_000_000).default(120),
    description: 'Requests a minute from one address that are answered 401 before they are answered 429 (default 120).',
  },
  GESSO_TRUSTED_PROXIES: {
    schema: z
      .string()
      .transform((text) => text.split(',').map((part) => part.trim()))
      .refine(
        (list) => list.every(isNetwork),
        'must be addresses or networks such as 10.0.0.0/8, or loopback or uniquelocal',
      )
      .default([]),
    description:
      'Proxies in front of this server, by comma: what they say of the address that a request comes from (X-Forwarded-For) is believed. Without it limits by address would hold for all callers of a proxy together.',
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
