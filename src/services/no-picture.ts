import type { MissingPicture, ProviderPicture } from '../contracts/provider.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import type { ChosenOffer } from './choose-offers.ts';

/** Of an answer without a usable picture. A refusal of one picture is one of the request, whatever became of the others. */
export function noPicture(
  { offer }: Pick<ChosenOffer, 'offer'>,
  pictures: readonly (ProviderPicture | MissingPicture)[],
  reason: string,
): ProviderFault {
  const refused = pictures.find((picture) => picture.kind === 'missing' && picture.refused === true);
  if (refused?.kind === 'missing') {
    return new ProviderFault('content_policy', refused.reason, { public_message: refused.reason, stage: 'output' });
  }
  return new ProviderFault(offer.bills_empty ? 'empty_billed' : 'empty', 'the answer held no usable picture', {
    public_message: reason,
  });
}
