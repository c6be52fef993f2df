/** Takes an asynchronous generation in: decided, priced, held and queued; whoever has time works on it. */
import type { CanonicalRequest } from '../contracts/generation.ts';
import type { GenerationInputs, Principal, SubmitHooks } from '../contracts/services.ts';
import { recordAdmission } from './admit.ts';
import { chooseOffers } from './choose-offers.ts';
import { generatingMode } from './generate.ts';
import { oncePerKey } from './once-per-key.ts';
import type { ServiceParts } from './parts.ts';
import { takeImages } from './take-rate.ts';
import { checkWebhookUrl } from './webhooks/check-webhook-url.ts';

/** Above batches, which wait until nobody else does. */
const PRIORITY = 0;

/** Resolves to the id, once it is durable. A repeat with the same idempotency key is the first one, however that ended. */
export async function submitGeneration(
  parts: ServiceParts,
  principal: Principal,
  request: CanonicalRequest,
  inputs: GenerationInputs,
  hooks: SubmitHooks = {},
): Promise<string> {
  const mode = generatingMode(principal);
  const webhook_url = hooks.webhook_url ?? null;
  const call = { principal, mode, request, inputs, hooks, also: webhook_url === null ? {} : { webhook_url } };
  const replay = {
    mayRunAgain: () => false,
    answer: async ({ id }: { readonly id: string }) => {
      hooks.onReplayed?.(id);
      return id;
    },
  };
  return oncePerKey(parts, call, replay, async (idempotency) => {
    const choice = chooseOffers(parts, mode, request, inputs, principal.bounds);
    const url = webhook_url === null ? null : await checkWebhookUrl(parts, webhook_url, 'webhook_url');
    await takeImages(parts, principal, request.n, hooks);
    const tag = hooks.tag ?? principal.settings.tag ?? null;
    const queue = { webhook_url: url, priority: PRIORITY };
    const { id } = await recordAdmission(parts, { principal, mode, request, inputs, choice, tag, idempotency, queue });
    parts.bus.publish('queued', '');
    return id;
  });
}
