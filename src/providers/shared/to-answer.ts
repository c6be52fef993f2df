import type { MissingPicture, ProviderAnswer, ProviderCall, ProviderPicture } from '../../contracts/provider.ts';
import { ProviderFault } from '../../core/routing/provider-fault.ts';

/**
 * An answer with exactly as many entries as the call wants: what did not come is named, what nobody asked for is left.
 * Throws `content_policy` where every picture that is missing was refused, `empty` or `empty_billed` where none came.
 */
export function toAnswer(
  call: Pick<ProviderCall, 'n' | 'offer'>,
  pictures: readonly (ProviderPicture | MissingPicture)[],
  said: Omit<ProviderAnswer, 'pictures'> = {},
): ProviderAnswer {
  const taken = pictures.slice(0, call.n);
  const missing = taken.filter((picture) => picture.kind === 'missing');
  if (missing.length === taken.length) throw noPicture(call, missing);
  const absent = Array.from({ length: call.n - taken.length }, (): MissingPicture => ABSENT);
  return { ...said, pictures: [...taken, ...absent] };
}

const ABSENT: MissingPicture = { kind: 'missing', reason: 'The provider delivered fewer pictures than asked for.' };

function noPicture({ offer }: Pick<ProviderCall, 'offer'>, missing: readonly MissingPicture[]): ProviderFault {
  const refused = missing.find(({ refused }) => refused === true);
  if (refused !== undefined) {
    return new ProviderFault('content_policy', refused.reason, { public_message: refused.reason, stage: 'output' });
  }
  const reason = missing[0]?.reason ?? 'The provider answered without a picture.';
  return new ProviderFault(offer.bills_empty ? 'empty_billed' : 'empty', reason, { public_message: reason });
}
