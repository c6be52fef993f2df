import type { MissingPicture, ProviderAnswer, ProviderCall, ProviderPicture } from '../../contracts/provider.ts';
import { ProviderFault } from '../../core/routing/provider-fault.ts';

/**
 * At most as many pictures as the call wants: what nobody asked for is left at the provider. Whether fewer than that are
 * too few is for the caller to judge. Throws `content_policy` where all were refused, `empty` or `empty_billed` where none came.
 */
export function toAnswer(
  call: Pick<ProviderCall, 'n' | 'offer'>,
  pictures: readonly (ProviderPicture | MissingPicture)[],
  said: Omit<ProviderAnswer, 'pictures'> = {},
): ProviderAnswer {
  const taken = pictures.slice(0, call.n);
  const missing = taken.filter((picture) => picture.kind === 'missing');
  if (missing.length === taken.length) throw noPicture(call, missing);
  return { ...said, pictures: taken };
}

function noPicture({ offer }: Pick<ProviderCall, 'offer'>, missing: readonly MissingPicture[]): ProviderFault {
  const refused = missing.find(({ refused }) => refused === true);
  if (refused !== undefined) {
    return new ProviderFault('content_policy', refused.reason, { public_message: refused.reason, stage: 'output' });
  }
  const reason = missing[0]?.reason ?? 'The provider answered without a picture.';
  return new ProviderFault(offer.bills_empty ? 'empty_billed' : 'empty', reason, { public_message: reason });
}
