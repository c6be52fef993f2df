import { z } from 'zod';
import { defineSettings } from '../../core/settings.ts';

/** How providers tell that their jobs have ended; `config.ts` gathers them. */
export const providerWebhookSettings = defineSettings({
  GESSO_PROVIDER_WEBHOOKS: {
    schema: z.enum(['on', 'off']).default('on'),
    description:
      'on: where PUBLIC_URL is https, fal and Replicate are asked to call PUBLIC_URL/v1/hooks/… when a job ends, so that it is fetched at once (default on). What is lost on the way is found by asking, a little later.',
  },
  FAL_WEBHOOK_KEYS_URL: {
    schema: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .default('https://rest.fal.ai/.well-known/jwks.json'),
    description: 'Where fal publishes the keys that it signs webhooks with.',
  },
  REPLICATE_WEBHOOK_SECRET: {
    schema: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]+=*$/, 'must be whsec_ and base64')
      .optional(),
    description: 'What Replicate signs webhooks with; without it Replicate is asked for it.',
    secret: true,
  },
});
