import type { CanonicalRequest } from '../contracts/generation.ts';
import type { DryRun, GenerationInputs, Principal } from '../contracts/services.ts';
import { chooseOffers } from './choose-offers.ts';
import { generatingMode } from './generate.ts';
import type { ServiceParts } from './parts.ts';

/** Validates, normalizes, picks the offer and prices: everything but doing it. */
export function dryRun(
  parts: Pick<ServiceParts, 'catalog' | 'liveAdapters' | 'traffic'>,
  principal: Principal,
  request: CanonicalRequest,
  inputs: GenerationInputs,
): DryRun {
  const { offers } = chooseOffers(parts, generatingMode(principal), request, inputs, principal.bounds);
  const [first] = offers;
  if (first === undefined) throw new Error('chooseOffers returned no offer, which it never does');
  const { model, plan, price, provider } = first;
  return { model: model.id, executed_model: plan.offer_id, provider, plan, price };
}
