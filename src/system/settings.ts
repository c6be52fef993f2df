/** Settings of the process itself. None is required. */
import { z } from 'zod';
import { defineSettings, wholeNumber } from '../core/settings.ts';

const preset = (what: string): { schema: z.ZodType<string | undefined>; description: string; secret: true } => ({
  schema: z.string().min(16, 'must have at least 16 characters').regex(/^\S+$/, 'must not contain spaces').optional(),
  description: `Presets the owner's ${what}; without it one is made on the first start.`,
  secret: true,
});

export const systemSettings = defineSettings({
  PORT: { schema: wholeNumber(0, 65_535).default(8080), description: 'Port to listen on; 0 takes any free one.' },
  HOST: {
    schema: z.string().default('127.0.0.1'),
    description: 'Address to listen on; 0.0.0.0 to be reached from other machines.',
  },
  PUBLIC_URL: {
    schema: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional(),
    description: 'How clients reach this server: the base of picture links. Without it, what the server listens on.',
  },
  ROLES: {
    schema: z
      .string()
      .default('web,worker')
      .transform((text) => [...new Set(text.split(',').map((part) => part.trim()))])
      .pipe(z.array(z.enum(['web', 'worker'])).min(1, 'must name web, worker or both')),
    description:
      'What this process does: `web` answers the API, `worker` works on asynchronous generations, batches and webhooks; both by default. Processes with one role each need a DATABASE_URL that they share.',
  },
  GESSO_JOBS_AT_ONCE_MAX: {
    schema: wholeNumber(1, 10_000).default(100),
    description:
      'The most asynchronous generations that one process works on at once; most of them wait for a provider (default 100).',
  },
  GESSO_LEASE_MS: {
    schema: wholeNumber(1_000, 600_000).default(30_000),
    description:
      'Milliseconds without a sign of life after which a process on a shared database counts as dead and others go on with its work (default 30000). The same for all of them; one that was only slow finds its work taken.',
  },
  LOG_LEVEL: {
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    description: 'How much is logged.',
  },
  GESSO_ADMIN_KEY: preset('admin key'),
  GESSO_LIVE_KEY: preset('live key'),
  GESSO_TEST_KEY: preset('test key'),
  GESSO_SECRET: {
    schema: z.string().min(32, 'must have at least 32 characters').optional(),
    description:
      'What cookies, webhook secrets and cursors are derived from: made and kept in the data directory when it is not set; required with DATABASE_URL, the same for all processes on it.',
    secret: true,
    required_with: {
      name: 'DATABASE_URL',
      fix: 'all processes on one database sign alike. Make one with `openssl rand -hex 32`, or take what an earlier start without DATABASE_URL kept in the file `secret` of its data directory.',
    },
  },
  GESSO_SKETCH_WORKERS: {
    schema: wholeNumber(1, 64).optional(),
    description: 'Threads of the built-in engine; without it one fewer than the machine has cores.',
  },
  GESSO_PIXELS_IN_FLIGHT_MAX: {
    schema: wholeNumber(1, 4096).default(64),
    description: 'Megapixels that may be in memory decoded at once, over all requests; more wait their turn.',
  },
});
