/** Shape and scale of a plan: chooses what the offer makes, writes its fields, and tells what became of each size parameter. */
import type { Dimensions } from '../../contracts/generation.ts';
import type { JsonValue } from '../../contracts/json.ts';
import type { Model, Offer } from '../catalog/catalog.ts';
import { chooseExact, chooseNearest, chooseShape } from './choose-size.ts';
import type { ParamFault } from './parse-request.ts';
import { logDistance } from './pixels.ts';
import type { PlanDraft } from './plan-draft.ts';
import { readShape, type Shape, type ShapeParam, type ShapeRole } from './shape.ts';
import type { SizeChoice } from './size-choice.ts';
import { setPath } from './upstream-body.ts';

export function planSize(draft: PlanDraft): { readonly choice: SizeChoice } | { readonly fault: ParamFault } {
  const { request, offer, model, references } = draft.inputs;
  const read = readShape(request);
  if ('faults' in read) {
    const [first = { param: 'size', message: 'The size cannot be read.' }] = read.faults;
    return { fault: { code: 'invalid_value', ...first } };
  }
  const { shape } = read;
  const choice =
    shape.exact === null
      ? chooseShape(offer.size, shape, { ...model, reference: references[0] ?? null })
      : exactOrNearest(draft, shape.exact);
  if (choice === null) return { fault: unsupportedSize(draft, shape) };
  for (const [path, value] of choice.fields) draft.body.set(path, value);
  for (const [param, { role, note }] of shape.roles) tellRole(draft, choice, param, role, note);
  // Exact pixels from a table that nobody published may not come out: whoever makes them surely goes first.
  const isUnsure = shape.exact !== null && !choice.is_exact && !choice.lost.exact;
  draft.dishonoured += [choice.lost.exact, choice.lost.ratio, choice.lost.tier, isUnsure].filter(Boolean).length;
  return { choice };
}

/** An exact size that no offer of the model makes is a fault; one that another offer makes is only a preference here. */
function exactOrNearest({ inputs }: PlanDraft, asked: Dimensions): SizeChoice | null {
  const { offer, model, request, references } = inputs;
  const reference = references[0] ?? null;
  const choice = chooseExact(offer.size, asked, reference);
  if (choice !== null) return choice;
  const isMadeElsewhere = offersOfMode(model, request.kind).some(
    (each) => chooseExact(each.size, asked, reference) !== null,
  );
  return isMadeElsewhere ? chooseNearest(offer.size, asked, reference) : null;
}

function offersOfMode(model: Model, kind: Offer['modes'][number]): readonly Offer[] {
  return model.offers.filter((offer) => offer.modes.includes(kind));
}

function unsupportedSize({ inputs: { model, request, references } }: PlanDraft, shape: Shape): ParamFault {
  const asked = shape.exact ?? { width: 0, height: 0 };
  const distance = ({ width, height }: Dimensions) =>
    2 * logDistance(width / height, asked.width / asked.height) +
    logDistance(width * height, asked.width * asked.height);
  const nearest = offersOfMode(model, request.kind)
    .map((offer) => chooseNearest(offer.size, asked, references[0] ?? null).size)
    .sort((a, b) => distance(a) - distance(b))[0];
  const text = nearest === undefined ? '1024x1024' : pixelText(nearest);
  return {
    code: 'unsupported_size',
    param: shape.roles.get('width')?.role === 'exact' ? 'width' : 'size',
    message: `No offer of ${model.id} makes ${pixelText(asked)}; the nearest that works is ${text}.`,
    fix: `Send "${text}".`,
  };
}

function tellRole(
  draft: PlanDraft,
  choice: SizeChoice,
  param: ShapeParam,
  role: ShapeRole,
  unusedNote: string | undefined,
): void {
  const from = draft.inputs.request[param] ?? null;
  const { pin } = draft.inputs.offer;
  if (role === 'unused') {
    draft.ignore(param, from, unusedNote ?? 'Not used.', false);
    return;
  }
  if (choice.reduce_to !== null) {
    draft.tell(param, 'emulated', from, encoded(choice), reductionNote(pin, choice.size, choice.reduce_to));
    return;
  }
  const lossNote = {
    exact: choice.lost.exact ? `${pin} does not make this size; the nearest is taken.` : undefined,
    ratio: choice.lost.ratio ? `The nearest shape that ${pin} makes is ${choice.ratio}.` : undefined,
    tier: choice.lost.tier ? `The nearest scale that ${pin} makes is ${choice.tier}.` : undefined,
    open: undefined,
  }[role];
  const field = role === 'ratio' ? choice.ratio_field : role === 'tier' ? choice.tier_field : ownField(choice, param);
  if (field === null) draft.tell(param, 'converted', from, encoded(choice), lossNote);
  else draft.tellSent(param, from, field[0], field[1], lossNote);
}

function reductionNote(pin: string, made: Dimensions, asked: Dimensions): string {
  const isCut = logDistance(made.width / made.height, asked.width / asked.height) > 0.01;
  return `${pin} makes it at ${pixelText(made)}; it is ${isCut ? 'cut and ' : ''}reduced to ${pixelText(asked)}.`;
}

/** The field that carries the parameter by itself: its namesake, or the only one there is. */
function ownField(choice: SizeChoice, param: ShapeParam): readonly [string, JsonValue] | null {
  const namesake = choice.fields.find(([path]) => path === param);
  return namesake ?? (choice.fields.length === 1 ? (choice.fields[0] ?? null) : null);
}

/** What is sent for the size: one value, or the fields as they stand in the body. */
function encoded(choice: SizeChoice): JsonValue {
  const [only] = choice.fields;
  if (only === undefined) return pixelText(choice.size);
  if (choice.fields.length === 1) return only[1];
  const tree: { [key: string]: JsonValue } = {};
  for (const [path, value] of choice.fields) setPath(tree, path.split('.'), value);
  return tree;
}

function pixelText({ width, height }: Dimensions): string {
  return `${width}x${height}`;
}
