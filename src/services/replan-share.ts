import type { CanonicalRequest, Plan } from '../contracts/generation.ts';
import type { GenerationInputs } from '../contracts/services.ts';
import { planRequest } from '../core/params/plan-request.ts';
import type { Share } from './calls.ts';
import { type Choice, type ChosenOffer, factsOf } from './choose-offers.ts';

/** The plan of an offer that takes over a share of the request from another one; null when it cannot do it after all. */
export function replanShare(
  choice: Choice,
  inputs: GenerationInputs,
  { model, offer, request }: ChosenOffer,
  share: Share,
): Plan | null {
  const seed = request.seed === undefined ? {} : { seed: (request.seed + share.first_index) >>> 0 };
  const offer_params = withinShare(request.offer_params, choice, share);
  const asked = { ...request, ...seed, offer_params, n: share.units };
  const outcome = planRequest({ request: asked, model, offer, ...factsOf(inputs) });
  return 'plan' in outcome ? outcome.plan : null;
}

/** Where other calls make the pictures before and after these, a set may not grow into their places. */
function withinShare(
  offer_params: CanonicalRequest['offer_params'],
  { offers: [first] }: Choice,
  { n, units }: Share,
): CanonicalRequest['offer_params'] {
  const { sequential_image_generation: mode, max_images: count } = offer_params;
  const isAlone = first?.plan.calls.length === 1;
  if (isAlone || (mode === undefined && count === undefined)) return offer_params;
  return { ...offer_params, max_images: Math.floor(n / units) };
}
