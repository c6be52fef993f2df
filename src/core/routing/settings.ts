/** What routing can be told by the environment. */
import { z } from 'zod';
import { defineSettings, wholeNumber } from '../settings.ts';
import { readLimitOverrides } from './limits.ts';

export const routingSettings = defineSettings({
  GESSO_REQUEST_DEADLINE_MS: {
    schema: wholeNumber(50, 600_000).default(300_000),
    description:
      'Milliseconds after which a caller that still waits gets 504 with the id of the generation, which goes on (default 300000).',
  },
  GESSO_SLOT_WAIT_MS: {
    schema: wholeNumber(0, 300_000).default(20_000),
    description:
      'Milliseconds that a call waits for its turn at an offer that is at its limit, when no other offer is left (default 20000).',
  },
  GESSO_WORK_DEADLINE_MS: {
    schema: wholeNumber(50, 3_600_000).default(600_000),
    description:
      'Milliseconds after which nothing is asked of another provider for a generation that has begun, and a call without an answer is given up (default 600000).',
  },
  GESSO_JOB_DEADLINE_MS: {
    schema: wholeNumber(50, 7 * 86_400_000).default(3_600_000),
    description:
      'Milliseconds for which a job that a provider has is asked for until it ends, restarts or not (default 3600000, an hour).',
  },
  GESSO_PROVIDER_LIMITS: {
    schema: z
      .string()
      .default('')
      .transform((text, context) => {
        const read = readLimitOverrides(text);
        if ('limits' in read) return read.limits;
        context.addIssue({
          code: 'custom',
          message: `has "${read.fault}", which is not like fal.concurrent_max=8 or bfl/flux-2-pro.requests_per_minute=60 (also images_per_minute)`,
        });
        return z.NEVER;
      }),
    description:
      "Your own limits, by provider or offer, over the catalogue's: fal.concurrent_max=8, bfl/flux-2-pro.requests_per_minute=60, fal.images_per_minute=100. They hold for all processes on one DATABASE_URL together.",
  },
  GESSO_TEST_MODE_HEALTH: {
    schema: z.enum(['off', 'on']).default('off'),
    description:
      'on: simulated failures open circuit breakers and pause offers too, for test mode alone, so that an outage can be rehearsed (default off).',
  },
});
