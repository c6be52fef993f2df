/** What webhooks to customers can be told by the environment. */
import { defineSettings, wholeNumber } from '../settings.ts';

export const webhookSettings = defineSettings({
  GESSO_WEBHOOK_ENDPOINTS_MAX: {
    schema: wholeNumber(0, 10_000).default(20),
    description: 'The most webhook endpoints that an account may have (default 20).',
  },
  GESSO_WEBHOOK_TIMEOUT_MS: {
    schema: wholeNumber(50, 60_000).default(15_000),
    description: 'Milliseconds in which a webhook must be answered (default 15000); then it is tried again.',
  },
  GESSO_WEBHOOK_RETENTION_DAYS: {
    schema: wholeNumber(2, 36_500).default(30),
    description: 'Days for which webhook events, their deliveries and tries are kept (default 30).',
  },
});
