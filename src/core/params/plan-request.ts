/**
 * Normalization: what would be sent to one offer for one request, and what became of every
 * parameter. Pure: the offer's tables go in, data comes out.
 */
import type { Plan, ReferenceChange } from '../../contracts/generation.ts';
import type { JsonValue } from '../../contracts/json.ts';
import type { Offer } from '../catalog/catalog.ts';
import type { ParamFault } from './parse-request.ts';
import { planCalls, planSet } from './plan-calls.ts';
import { PlanDraft, type PlanInputs } from './plan-draft.ts';
import { formatFault, planOutput } from './plan-output.ts';
import { planDefaults, planParameters, planUnknown, rowOf, shown } from './plan-parameters.ts';
import { planSize } from './plan-size.ts';
import { describeChanges, prepareReferences } from './prepare-references.ts';
import { requirementFault } from './requirements.ts';
import { UpstreamBody } from './upstream-body.ts';

/**
 * The plan for this offer, or the one fault for which it cannot be used. Every parameter that the caller sent is in
 * `applied` exactly once; gateway controls (provider, labels, unknown_params, simulate) are not normalized.
 */
export function planRequest(inputs: PlanInputs): { readonly plan: Plan } | { readonly fault: ParamFault } {
  const { request, offer, mask } = inputs;
  const { references, changes } = prepareReferences(offer, inputs.references);
  const fault = requirementFault(offer, { kind: request.kind, references, mask, prompt: request.prompt });
  if (fault !== null) return { fault };

  const draft = new PlanDraft({ ...inputs, references });
  planModel(draft);
  const sized = planSize(draft);
  if ('fault' in sized) return { fault: sized.fault };
  const { choice } = sized;
  planParameters(draft);
  const picturesPerUnit = planSet(draft);
  const output = planOutput(draft, choice.reduce_to !== null);
  const unfit = formatFault(output.output_format, choice.reduce_to ?? choice.size);
  if (unfit !== null) return { fault: unfit };
  planPrompt(draft);
  const maskEmulated = planPictures(draft, changes);
  planDefaults(draft);
  planUnknown(draft);
  const { body, calls, seeds } = planCalls(draft, picturesPerUnit);

  return {
    plan: {
      offer_id: offer.pin,
      body,
      calls,
      ...(changes.length === 0 ? {} : { reference_changes: changes }),
      set_size: picturesPerUnit,
      applied: draft.applied,
      warnings: draft.warnings,
      upstream_size: choice.size,
      upstream_size_exact: choice.is_exact,
      reduce_to: choice.reduce_to,
      ...output,
      mask_emulated: maskEmulated,
      seeds,
      dishonoured: draft.dishonoured,
    },
  };
}

function planModel(draft: PlanDraft): void {
  const { request, offer } = draft.inputs;
  if (offer.to_model !== undefined) draft.body.set(offer.to_model, offer.upstream_model);
  draft.tellSent('model', request.model, offer.to_model ?? 'model', offer.upstream_model);
  for (const { to, value, modes } of offer.constants) {
    if (modes?.includes(request.kind) !== false) draft.body.set(to, value);
  }
}

function planPrompt(draft: PlanDraft): void {
  const { request, offer } = draft.inputs;
  const path = rowOf(offer, 'prompt', request.kind)?.to ?? 'prompt';
  draft.body.set(path, draft.prompt);
  draft.tellSent('prompt', shown('prompt', request.prompt), path, shown('prompt', draft.prompt));
}

/** Pictures stand in the body as `{"$image": index}` and `{"$mask": true}`: bytes are put there while it is sent. */
function planPictures(draft: PlanDraft, changes: readonly ReferenceChange[]): boolean {
  const { offer, references, mask } = draft.inputs;
  const { images } = offer;
  if (images !== undefined && references.length > 0) {
    const places = references.map((_, index) => placeOf(images.each, index));
    const [first = null] = places;
    if (images.form === 'append') for (const place of places) draft.body.append(images.to, place);
    else if (images.form === 'numbered') {
      for (const [index, place] of places.entries())
        draft.body.set(index === 0 ? images.to : `${images.to}_${index + 1}`, place);
    } else {
      const isAlone = images.form === 'single' || (images.form === 'one_or_array' && places.length === 1);
      draft.body.set(images.to, isAlone ? first : places);
    }
    const count = references.length;
    if (changes.length === 0) draft.tellSent('image', count, images.to, count);
    else draft.tell('image', 'converted', count, count, describeChanges(offer, changes));
  }
  if (mask === null) return false;
  if (offer.mask.form === 'none' || offer.mask.to === undefined) {
    draft.tell(
      'mask',
      'emulated',
      true,
      null,
      `${offer.pin} takes no mask: what lies outside it is put back from the original.`,
    );
    return true;
  }
  draft.body.set(offer.mask.to, { $mask: true });
  const note = conversionNotes[offer.mask.form];
  if (offer.mask.form === 'white' || mask.has_alpha === false) draft.tell('mask', 'converted', true, true, note);
  else draft.tellSent('mask', true, offer.mask.to, true);
  return false;
}

/** Of masks that are not sent as they came. */
const conversionNotes = {
  white: 'Sent as a grey picture: white is painted anew, black stays.',
  alpha: 'It has no transparency: its white is sent as transparent, which is painted anew.',
} as const;

/** What stands for one reference: the picture by itself, or as the provider wraps it up. */
function placeOf(each: NonNullable<Offer['images']>['each'], index: number): JsonValue {
  if (each === undefined) return { $image: index };
  const place = new UpstreamBody();
  for (const [path, value] of Object.entries(each)) {
    place.set(path, value === '$image' || value === '$image_type' ? { [value]: index } : value);
  }
  return place.toJson();
}
