/** Walks an offer's parameter table: every parameter that was sent is placed, changed or left out, and told. */
import type { GenerationKind } from '../../contracts/generation.ts';
import type { JsonValue } from '../../contracts/json.ts';
import type { Model, Offer } from '../catalog/catalog.ts';
import type { ParameterRow } from '../catalog/parameter-row-schema.ts';
import { type Parameter, parameters, setParameters } from './parameters.ts';
import type { PlanDraft } from './plan-draft.ts';

/** Planned elsewhere: calls (n, sets), size, and what the gateway does itself. */
const plannedElsewhere: ReadonlySet<string> = new Set([
  'model',
  'prompt',
  'n',
  'size',
  'aspect_ratio',
  'resolution',
  'width',
  'height',
  'response_format',
  'output_format',
  'output_compression',
  'stream',
  'partial_images',
  'provider',
  'unknown_params',
  'labels',
  'simulate',
  'simulate_delay_ms',
  ...setParameters.map(({ name }) => name),
]);

export function planParameters(draft: PlanDraft): void {
  const { request, offer, model } = draft.inputs;
  for (const parameter of parameters as readonly Parameter[]) {
    if (plannedElsewhere.has(parameter.name)) continue;
    const value = (request as unknown as Readonly<Record<string, JsonValue | undefined>>)[parameter.name]; // canonical names are its fields
    if (value !== undefined) placeCanonical(draft, parameter, value);
  }
  for (const [name, value] of Object.entries(request.offer_params)) {
    if (plannedElsewhere.has(name)) continue;
    const row = rowOf(offer, name, request.kind);
    if (row === null) draft.ignore(name, value, withheldNote(name, offer, model), true);
    else placeByRow(draft, name, value, row);
  }
}

/** What is sent although nobody asked, e.g. `watermark: false`. */
export function planDefaults(draft: PlanDraft): void {
  const { offer, request } = draft.inputs;
  for (const [name, row] of Object.entries(offer.parameters)) {
    if (row.default === undefined || row.to === undefined || rowOf(offer, name, request.kind) === null) continue;
    if (draft.body.conflictOf(row.to) === null) draft.body.set(row.to, row.default);
  }
}

/** Fields that nobody knows go upstream as they are, unless they would write over what the plan itself says. */
export function planUnknown(draft: PlanDraft): void {
  const { request, offer } = draft.inputs;
  const reserved = reservedFields(offer);
  for (const [name, value] of Object.entries(request.unknown_params)) {
    if (offer.withhold.includes(name)) {
      draft.ignore(name, value, `${offer.pin} refuses \`${name}\`, so it is not sent.`, true);
      continue;
    }
    if (reserved.has(name) || draft.body.conflictOf(name) !== null) {
      draft.ignore(
        name,
        value,
        `\`${name}\` is a field that Gesso fills from other parameters, so it is not sent.`,
        false,
      );
      continue;
    }
    draft.body.set(name, value);
    draft.tell(name, 'passthrough', value, value, 'Not known to Gesso; sent as it is.');
    if (request.unknown_params_policy === 'warn')
      draft.warnings.push(`\`${name}\` is not known to Gesso; it was sent to ${offer.provider} as it is.`);
  }
}

/** The row that holds in this mode; null where the offer does not take the parameter. */
export function rowOf(offer: Offer, name: string, kind: GenerationKind): ParameterRow | null {
  const row = Object.hasOwn(offer.parameters, name) ? offer.parameters[name] : undefined;
  if (row === undefined || row.modes?.includes(kind) === false) return null;
  const max = row.max_by_mode?.[kind];
  return max === undefined ? row : { ...row, max };
}

/** A seed or another number as the row takes it. */
export function numberByRow(row: ParameterRow, value: number): number {
  const { min = -Infinity, max = Infinity } = row;
  if (value >= min && value <= max) return value;
  if (row.beyond !== 'wrap') return Math.min(Math.max(value, min), max);
  const count = max - min + 1;
  return min + ((((value - min) % count) + count) % count);
}

function placeCanonical(draft: PlanDraft, parameter: Parameter, value: JsonValue): void {
  const { offer, request } = draft.inputs;
  const row = rowOf(offer, parameter.name, request.kind);
  if (row !== null) {
    placeByRow(draft, parameter.name, value, row, parameter.neutral);
    return;
  }
  const note =
    parameter.name === 'user'
      ? `Kept with the request; ${offer.provider} is not told.`
      : `${offer.pin} has no \`${parameter.name}\`.`;
  const isNeutral = parameter.neutral?.includes(value) === true;
  draft.ignore(parameter.name, shown(parameter.name, value), note, parameter.is_preference === true && !isNeutral);
}

export function placeByRow(
  draft: PlanDraft,
  name: string,
  value: JsonValue,
  row: ParameterRow,
  neutral: readonly JsonValue[] = [],
): void {
  if (row.fold_into_prompt !== undefined) {
    foldIntoPrompt(draft, name, String(value), row.fold_into_prompt);
    return;
  }
  const sent = sentValue(row, value);
  const path = row.to ?? name;
  if (sent === null) {
    const taken = Array.isArray(row.values) ? row.values : Object.keys(row.values ?? {});
    draft.ignore(name, value, `${draft.inputs.offer.pin} takes ${taken.join(', ')}.`, !neutral.includes(value));
    return;
  }
  const conflict = draft.body.conflictOf(path);
  if (conflict !== null) {
    draft.ignore(name, value, `Another parameter has filled \`${conflict}\` already.`, true);
    return;
  }
  draft.body.set(path, sent);
  for (const [also, constant] of Object.entries(row.also ?? {})) {
    if (draft.body.conflictOf(also) === null) draft.body.set(also, constant);
  }
  const isClamped = typeof value === 'number' && sent !== value && row.values === undefined && row.beyond !== 'wrap';
  if (isClamped || row.best_effort === true) draft.dishonoured += 1;
  const note = isClamped
    ? `${draft.inputs.offer.pin} takes ${row.min ?? 'any'} to ${row.max ?? 'any'}; the nearest is sent.`
    : row.note;
  draft.tellSent(name, shown(name, value), path, shown(name, sent), note);
}

/** Null where the row has no word for the value. */
function sentValue(row: ParameterRow, value: JsonValue): JsonValue {
  if (Array.isArray(row.values)) return row.values.includes(value as string) ? value : null; // a list holds primitives; others are not in it
  if (row.values !== undefined)
    return Object.hasOwn(row.values, String(value)) ? (row.values[String(value)] ?? null) : null;
  return typeof value === 'number' ? numberByRow(row, value) : value;
}

function foldIntoPrompt(draft: PlanDraft, name: string, text: string, template: string): void {
  const from = shown(name, text);
  if (text.trim() === '') {
    draft.ignore(name, from, 'It is empty.', false);
    return;
  }
  const folded = draft.prompt + template.replace('{value}', () => text);
  const { limits, pin } = draft.inputs.offer;
  if (folded.length > (limits.prompt_chars_max?.value ?? Infinity)) {
    draft.ignore(name, from, `${pin} has no \`${name}\`, and the prompt has no room for it.`, true);
    return;
  }
  draft.prompt = folded;
  draft.tell(name, 'emulated', from, from, `${pin} has no \`${name}\`: its words are added to the prompt.`);
}

/** Prompts are long and private, so what is told of them is their length. */
export function shown(name: string, value: JsonValue): JsonValue {
  if (typeof value !== 'string' || (name !== 'prompt' && name !== 'negative_prompt')) return value;
  return value.length === 1 ? '1 character' : `${value.length} characters`;
}

function withheldNote(name: string, offer: Offer, model: Model): string {
  const takers = model.offers.filter((each) => takes(each, name)).map((each) => each.pin);
  const known = takers.length === 0 ? 'offers of other models' : takers.join(', ');
  return `Known to ${known} only; not sent to ${offer.pin}.`;
}

/** Whether the offer takes a parameter that is not canonical. */
export function takes(offer: Offer, name: string): boolean {
  return (
    Object.hasOwn(offer.parameters, name) ||
    (offer.sets !== undefined && setParameters.some((each) => each.name === name))
  );
}

/** The outermost fields that the plan may write: sending them past it would change a count, a price or a size unseen. */
function reservedFields(offer: Offer): ReadonlySet<string> {
  const { size, sets } = offer;
  const paths = [
    offer.to_model,
    offer.images?.to,
    offer.mask.to,
    sets?.to_count,
    sets?.to_switch,
    size.free?.to,
    size.free?.to_width,
    size.free?.to_height,
    size.grid?.to_tier,
    size.grid?.to_ratio,
    size.grid?.to_pixels,
    size.auto?.to,
    ...Object.keys(size.free?.also ?? {}),
    ...Object.keys(size.grid?.also ?? {}),
    ...offer.constants.map(({ to }) => to),
    ...Object.values(offer.parameters).map(({ to }) => to),
  ];
  return new Set(paths.flatMap((path) => (path === undefined ? [] : [path.split('.')[0] ?? path])));
}
