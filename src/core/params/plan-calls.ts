/** How many upstream calls a request takes, how many pictures each may bring, and with which seed. */
import type { Applied, PlannedCall } from '../../contracts/generation.ts';
import type { JsonObject, JsonValue } from '../../contracts/json.ts';
import type { PlanDraft } from './plan-draft.ts';
import { numberByRow, rowOf } from './plan-parameters.ts';
import { setPath } from './upstream-body.ts';

export interface PlannedCalls {
  /** The body of the first call. */
  readonly body: JsonObject;
  readonly calls: readonly PlannedCall[];
  /** The caller's seed, counted on for each picture; null where there was none. */
  readonly seeds: readonly number[] | null;
}

/** Writes the fields of a set, and says how many pictures one unit of `n` may bring. */
export function planSet(draft: PlanDraft): number {
  const { request, offer, references } = draft.inputs;
  const { sequential_image_generation: mode, max_images: count } = request.offer_params;
  const { sets } = offer;
  if (mode === undefined && count === undefined) return 1;
  if (sets === undefined) {
    const note = `${offer.pin} makes no sets.`;
    if (mode !== undefined) draft.ignore('sequential_image_generation', mode, note, mode !== 'disabled');
    if (count !== undefined) draft.ignore('max_images', count, note, count !== 1);
    return 1;
  }
  const most = Math.min(sets.count_max, roomForOutputs(draft, references.length));
  const asked = mode === 'disabled' ? 1 : typeof count === 'number' ? count : most;
  const made = Math.min(asked, most);
  const isOn = mode === 'auto' || made > 1;
  const switched: JsonValue = isOn ? (sets.on ?? null) : (sets.off ?? null);
  if (sets.to_switch !== undefined) draft.body.set(sets.to_switch, switched);
  if (isOn || sets.to_switch === undefined) draft.body.set(sets.to_count, made);
  if (isOn) for (const { to, value } of sets.constants) draft.body.set(to, value);

  if (mode !== undefined) {
    const note = isOn ? `A set of at most ${made} pictures; each that comes is charged.` : undefined;
    if (sets.to_switch === undefined)
      draft.tell('sequential_image_generation', 'converted', mode, { [sets.to_count]: made }, note);
    else draft.tellSent('sequential_image_generation', mode, sets.to_switch, switched, note);
  }
  if (count !== undefined)
    tellCount(draft, count, { made, asked, isOn, path: sets.to_count, isDisabled: mode === 'disabled' });
  return made;
}

function tellCount(
  draft: PlanDraft,
  count: JsonValue,
  set: { made: number; asked: number; isOn: boolean; path: string; isDisabled: boolean },
): void {
  if (set.isDisabled && count !== 1) {
    draft.ignore('max_images', count, 'sequential_image_generation is "disabled".', false);
  } else if (set.made < set.asked) {
    draft.dishonoured += 1;
    draft.tellSent(
      'max_images',
      count,
      set.path,
      set.made,
      `${draft.inputs.offer.pin} makes at most ${set.made} here.`,
    );
  } else {
    draft.tellSent('max_images', count, set.path, set.made);
  }
}

/** Splits `n` into calls of as many as the offer takes at once; every call has its own count and its own seed. */
export function planCalls(draft: PlanDraft, picturesPerUnit: number): PlannedCalls {
  const { request, offer, references } = draft.inputs;
  const countRow = rowOf(offer, 'n', request.kind);
  const seedRow = rowOf(offer, 'seed', request.kind);
  const room = Math.max(1, Math.floor(roomForOutputs(draft, references.length) / picturesPerUnit));
  const most = countRow === null ? 1 : Math.min(countRow.max ?? request.n, room);
  const seeds = request.seed === undefined ? null : seedsFrom(request.seed, request.n * picturesPerUnit);

  const bodies: { units: number; body: JsonObject }[] = [];
  for (let first = 0; first < request.n; first += most) {
    const units = Math.min(most, request.n - first);
    const body: { [key: string]: JsonValue } = { ...draft.body.toJson() };
    if (countRow?.to !== undefined) setPath(body, countRow.to.split('.'), units);
    const seed = seeds?.[first * picturesPerUnit];
    if (seedRow?.to !== undefined && seed !== undefined)
      setPath(body, seedRow.to.split('.'), numberByRow(seedRow, seed));
    bodies.push({ units, body: offer.wrap === undefined ? body : { [offer.wrap]: body } });
  }
  const base = bodies[0]?.body ?? {};
  // One picture is what a request without `n` asks for: there is nothing to tell.
  if (request.n > 1) draft.applied.push(countApplied(draft, bodies.length, countRow?.to));
  return {
    body: base,
    calls: bodies.map(({ units, body }) => ({ n: units * picturesPerUnit, overrides: difference(base, body) })),
    seeds,
  };
}

/** Seed of picture i: seed + i, folded into 32 bits. */
function seedsFrom(seed: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => (seed + index) % 2 ** 32);
}

/** References and outputs share a budget at some providers. */
function roomForOutputs(draft: PlanDraft, references: number): number {
  const total = draft.inputs.offer.limits.references_plus_outputs_max?.value;
  return total === undefined ? Number.MAX_SAFE_INTEGER : Math.max(1, total - references);
}

function countApplied({ inputs: { request } }: PlanDraft, calls: number, path: string | undefined): Applied {
  const from = request.n;
  if (path !== undefined && calls === 1) {
    const isSame = path === 'n';
    return {
      param: 'n',
      behaviour: isSame ? 'passthrough' : 'renamed',
      from,
      to: from,
      ...(isSame ? {} : { note: `Sent as \`${path}\`.` }),
    };
  }
  return { param: 'n', behaviour: 'emulated', from, to: from, note: `Made by ${calls} calls at once.` };
}

/** The outermost fields of `other` that are not the same in `base`. */
function difference(base: JsonObject, other: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(other).filter(([key, value]) => JSON.stringify(base[key]) !== JSON.stringify(value)),
  );
}
