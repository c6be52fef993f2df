/** What decides whether an offer can be used at all: the mode and the pictures that come with a request. */
import type { GenerationKind, ReferenceFacts } from '../../contracts/generation.ts';
import type { Model, Offer } from '../catalog/catalog.ts';
import type { ParamFault } from './parse-request.ts';

export interface RequestFacts {
  readonly kind: GenerationKind;
  readonly references: readonly ReferenceFacts[];
  readonly mask: ReferenceFacts | null;
  readonly prompt: string;
}

/** The offers that can do the request, in the order of the file, and why each other one cannot. */
export function offersThatCan(
  model: Model,
  facts: RequestFacts,
): { readonly offers: readonly Offer[]; readonly faults: readonly ParamFault[] } {
  const judged = model.offers.map((offer) => ({ offer, fault: requirementFault(offer, facts) }));
  return {
    offers: judged.filter(({ fault }) => fault === null).map(({ offer }) => offer),
    faults: judged.flatMap(({ fault }) => (fault === null ? [] : [fault])),
  };
}

/** The first requirement that the offer does not meet; null where it meets them all. */
export function requirementFault(offer: Offer, facts: RequestFacts): ParamFault | null {
  if (!offer.modes.includes(facts.kind)) {
    const verb = facts.kind === 'edit' ? 'take pictures' : 'draw without a picture';
    return {
      code: 'unsupported_mode',
      param: 'model',
      message: `${offer.pin} does not ${verb}.`,
      fix: 'Choose a model that does.',
    };
  }
  if (facts.kind === 'text_to_image') return promptFault(offer, facts.prompt);
  return (
    countFault(offer, facts.references) ??
    firstPictureFault(offer, facts.references) ??
    maskFault(offer, facts.mask) ??
    promptFault(offer, facts.prompt)
  );
}

function promptFault({ pin, limits }: Offer, prompt: string): ParamFault | null {
  const most = limits.prompt_chars_max?.value;
  if (most === undefined || prompt.length <= most) return null;
  const message = `${pin} takes prompts of at most ${most} characters; this one has ${prompt.length}.`;
  return { code: 'invalid_value', param: 'prompt', message, fix: 'Shorten the prompt.' };
}

function countFault({ pin, images, limits }: Offer, references: readonly ReferenceFacts[]): ParamFault | null {
  const ofForm = images?.form === 'single' ? 1 : Infinity;
  const most = Math.min(
    limits.references_max?.value ?? Infinity,
    ofForm,
    (limits.references_plus_outputs_max?.value ?? Infinity) - 1,
  );
  if (references.length > most) {
    const message = `${pin} takes at most ${most} ${most === 1 ? 'picture' : 'pictures'}; there are ${references.length}.`;
    return { code: 'too_many_images', param: 'image', message, fix: `Send at most ${most}.` };
  }
  const total = limits.references_bytes_total_max?.value;
  const bytes = references.reduce((sum, reference) => sum + reference.bytes, 0);
  if (total === undefined || bytes <= total) return null;
  const message = `${pin} takes pictures of at most ${total} bytes together; these have ${bytes}.`;
  return { code: 'invalid_value', param: 'image', message, fix: 'Send smaller pictures.' };
}

function firstPictureFault(offer: Offer, references: readonly ReferenceFacts[]): ParamFault | null {
  for (const [index, reference] of references.entries()) {
    const reason = pictureFault(offer, reference);
    if (reason !== null) {
      return {
        code: 'invalid_value',
        param: `image[${index}]`,
        message: `${offer.pin} ${reason}.`,
        fix: 'Send another picture, or change this one.',
      };
    }
  }
  return null;
}

function maskFault({ pin, mask: { required }, limits }: Offer, mask: ReferenceFacts | null): ParamFault | null {
  if (mask === null) {
    if (!required) return null;
    const message = `${pin} paints within a mask alone, and there is none.`;
    return {
      code: 'invalid_value',
      param: 'mask',
      message,
      fix: 'Send a mask, or choose an offer that edits without.',
    };
  }
  const most = limits.mask_bytes_max?.value;
  if (most === undefined || mask.bytes <= most) return null;
  const message = `${pin} takes masks of at most ${most} bytes; this one has ${mask.bytes}.`;
  return { code: 'invalid_value', param: 'mask', message, fix: 'Send a smaller mask.' };
}

function pictureFault({ limits }: Offer, { width, height, bytes }: ReferenceFacts): string | null {
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)];
  const rows: [limit: number | undefined, isBroken: (limit: number) => boolean, sentence: (limit: number) => string][] =
    [
      [
        limits.reference_bytes_max?.value,
        (limit) => bytes > limit,
        (limit) => `takes pictures of at most ${limit} bytes; this one has ${bytes}`,
      ],
      [
        limits.reference_side_min?.value,
        (limit) => shorter < limit,
        (limit) => `takes pictures of at least ${limit} pixels a side; this one is ${width}x${height}`,
      ],
      [
        limits.reference_pixels_min?.value,
        (limit) => width * height < limit,
        (limit) => `takes pictures of at least ${limit} pixels; this one is ${width}x${height}`,
      ],
      [
        limits.reference_pixels_max?.value,
        (limit) => width * height > limit,
        (limit) => `takes pictures of at most ${limit} pixels; this one is ${width}x${height}`,
      ],
      [
        limits.reference_ratio_max?.value,
        (limit) => longer / shorter > limit,
        (limit) =>
          `takes pictures whose longer side is at most ${limit} times the shorter; this one is ${width}x${height}`,
      ],
    ];
  for (const [limit, isBroken, sentence] of rows) {
    if (limit !== undefined && isBroken(limit)) return sentence(limit);
  }
  return null;
}
