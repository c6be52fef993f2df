import { z } from 'zod';
import { guardBody, refuseAnnouncedLength } from '../../body/guard-body.ts';
import { defineRoute } from '../../route.ts';

const BYTES_MAX = 256 * 1024;

const answerSchema = z.object({ received: z.literal(true) });

export const stripeEventsTake = defineRoute({
  method: 'POST',
  path: '/v1/stripe/events',
  access: 'open',
  document: {
    tag: 'Account',
    operation: 'takeStripeEvent',
    summary: 'For Stripe alone',
    description:
      'Stripe tells here what was paid. Only what it signed with STRIPE_WEBHOOK_SECRET counts, and counts once.',
    body: { 'application/json': { schema: z.looseObject({}) } },
    answers: { 200: { description: 'Taken.', content: { 'application/json': { schema: answerSchema } } } },
    errors: ['not_found', 'invalid_value', 'payload_too_large'],
  },
  async handle({ req, deps }) {
    refuseAnnouncedLength(req.headers['content-length'], BYTES_MAX);
    const limits = { bytes_max: BYTES_MAX, idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS };
    const chunks: Buffer[] = [];
    for await (const chunk of guardBody(req.raw, limits)) chunks.push(chunk);
    const signature = req.headers['stripe-signature'];
    await deps.services.takeStripeEvent(Buffer.concat(chunks), typeof signature === 'string' ? signature : null);
    return { received: true };
  },
});
