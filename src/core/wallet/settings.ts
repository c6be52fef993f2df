/** What money can be told by the environment. */
import { z } from 'zod';
import { parseMicros } from '../money.ts';
import { defineSettings } from '../settings.ts';

const BASIS_POINTS_IN_PERCENT = 100;

/** Dollars with at most six decimals, read as micro-dollars. */
const dollars = (fallback: string) =>
  z
    .string()
    .regex(/^\d{1,9}(\.\d{1,6})?$/, 'must be dollars such as 5 or 0.50')
    .default(fallback)
    .transform((text) => Number(parseMicros(text)));

export const walletSettings = defineSettings({
  GESSO_TOP_UP_FEE_PERCENT: {
    schema: z
      .string()
      .regex(/^\d{1,2}(\.\d{1,2})?$/, 'must be a percentage such as 5 or 2.5, below 100')
      .default('5')
      .transform((text) => Math.round(Number(text) * BASIS_POINTS_IN_PERCENT)),
    description:
      'Fee on top of what is paid into a wallet, in percent, rounded up to the cent of a cent; calls bear none (default 5).',
  },
  GESSO_START_CREDIT_USD: {
    schema: dollars('0'),
    description: 'Dollars that the live wallet of a new prepaid account begins with (default 0).',
  },
  GESSO_TEST_CREDIT_USD: {
    schema: dollars('100'),
    description: 'Dollars of play money that the test wallet of a new prepaid account begins with (default 100).',
  },
  STRIPE_SECRET_KEY: {
    schema: z.string().min(1).optional(),
    description: 'Key of your Stripe account: with it, cards can pay into live wallets through Stripe Checkout.',
    secret: true,
  },
  STRIPE_WEBHOOK_SECRET: {
    schema: z.string().min(1).optional(),
    description:
      'What Stripe signs its events with: point a webhook for checkout.session.completed and checkout.session.async_payment_succeeded at /v1/stripe/events.',
    secret: true,
  },
  STRIPE_BASE_URL: {
    schema: z.url().default('https://api.stripe.com'),
    description: 'Where Stripe answers (default https://api.stripe.com).',
  },
  GESSO_LOW_BALANCE_USD: {
    schema: dollars('1'),
    description:
      'Dollars below which the log, and the event balance.low, say that the live wallet of a prepaid account runs low (default 1).',
  },
});
