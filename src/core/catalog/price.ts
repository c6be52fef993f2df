/** What a plan costs at most, from an offer's price list. Integer micro-dollars; an unknown price is said to be unknown. */
import type { Plan, PriceComponent, PriceEstimate, ReferenceFacts } from '../../contracts/generation.ts';
import type { JsonValue } from '../../contracts/json.ts';
import { divideUp, parseMicros } from '../money.ts';
import { nearestInLog } from '../params/pixels.ts';
import { parseTier } from '../params/shape.ts';
import type { Offer } from './catalog.ts';
import type { PriceLine } from './price-line-schema.ts';

export interface PriceFacts {
  readonly references: readonly ReferenceFacts[];
}

/** Providers count in megapixels of 1024 x 1024. */
const MEGAPIXEL = 1024 * 1024;

/**
 * Worst case: every picture of every call comes, and a condition that the plan leaves open takes the dearest line.
 * `per_picture_micros` is the total spread over the pictures and rounded up, so that charges never exceed the hold.
 */
export function estimatePrice(
  offer: Offer,
  plan: Plan,
  facts: PriceFacts,
): PriceEstimate | { readonly unknown: string } {
  const groups = Map.groupBy(offer.prices, (line) => `${line.billable}/${line.unit}`);
  if (!offer.prices.some((line) => line.billable === 'output_image' || line.billable === 'request')) {
    return { unknown: `${offer.pin} has no price in the catalogue` };
  }
  const components: PriceComponent[] = [];
  for (const lines of groups.values()) {
    const line = lineFor(lines, conditionsOf(offer, plan, facts));
    const [first] = lines;
    if (line !== null) components.push(...componentOf(line, plan, facts));
    else if (first?.billable === 'output_image')
      return { unknown: `no price line of ${offer.pin} covers this request` };
  }
  const pictures = plan.calls.reduce((sum, call) => sum + call.n, 0);
  const total = components.reduce((sum, component) => sum + component.total_micros, 0);
  const perPicture = Number(divideUp(BigInt(total), BigInt(Math.max(1, pictures))));
  return { components, total_micros: perPicture * pictures, per_picture_micros: perPicture };
}

interface Conditions {
  readonly mode: 'text_to_image' | 'edit';
  readonly area: number;
  /** As it is sent; null where the provider decides. */
  readonly quality: JsonValue;
  /** The tiers of the line whose picture is nearest in area. */
  readonly tier: (tiers: readonly string[]) => string;
}

function conditionsOf(offer: Offer, plan: Plan, facts: PriceFacts): Conditions {
  const area = plan.upstream_size.width * plan.upstream_size.height;
  const quality = valueAt(plan.body, [
    ...(offer.wrap?.split('.') ?? []),
    ...(offer.parameters.quality?.to?.split('.') ?? ['quality']),
  ]);
  return {
    mode: facts.references.length > 0 ? 'edit' : 'text_to_image',
    area,
    quality: quality === 'auto' ? null : quality,
    tier: (tiers) => nearestInLog(Math.sqrt(area) / 1024, tiers, (tier) => Number(parseTier(tier))),
  };
}

/** The first line whose conditions hold; the dearest of them where a quality is not known. */
function lineFor(lines: readonly PriceLine[], conditions: Conditions): PriceLine | null {
  const tiers = [...new Set(lines.flatMap((line) => line.when?.tiers ?? []))];
  const matching = lines.filter(({ when }) => {
    if (when?.modes?.includes(conditions.mode) === false) return false;
    if (when?.area_max !== undefined && conditions.area > when.area_max) return false;
    if (when?.tiers !== undefined && !when.tiers.includes(conditions.tier(tiers))) return false;
    return (
      when?.qualities === undefined ||
      conditions.quality === null ||
      when.qualities.includes(String(conditions.quality))
    );
  });
  const isOpen = conditions.quality === null && matching.some(({ when }) => when?.qualities !== undefined);
  if (!isOpen) return matching[0] ?? null;
  const cost = (line: PriceLine) => Number(parseMicros(line.price_usd)) / line.per;
  // Of each quality the first line holds, as it would if the quality were known.
  const firsts = [...Map.groupBy(matching, ({ when }) => when?.qualities?.join() ?? '').values()].flatMap(
    ([first]) => first ?? [],
  );
  return firsts.sort((a, b) => cost(b) - cost(a))[0] ?? null;
}

function componentOf(line: PriceLine, plan: Plan, facts: PriceFacts): PriceComponent[] {
  const quantity = quantityOf(line, plan, facts);
  if (quantity === 0) return [];
  const price = parseMicros(line.price_usd);
  const per = BigInt(line.per);
  const total = divideUp(price * BigInt(quantity), per);
  const { billable, unit } = line;
  return [{ billable, unit, quantity, unit_price_micros: Number(divideUp(price, per)), total_micros: Number(total) }];
}

/** Units over all calls; what is sent with a call is billed with each. */
function quantityOf({ billable, unit, included }: PriceLine, plan: Plan, facts: PriceFacts): number {
  const calls = plan.calls.length;
  const beyond = (units: number) => Math.max(0, Math.ceil(units - included));
  const { width, height } = plan.upstream_size;
  const megapixels = (pixels: number) => beyond(Math.ceil(pixels / MEGAPIXEL));
  switch (billable) {
    case 'request':
      return calls;
    case 'input_text':
      // A token is at least one byte of text, so bytes bound the tokens.
      return unit === 'token' ? calls * new TextEncoder().encode(JSON.stringify(plan.body)).length : calls;
    case 'input_image':
      if (unit === 'megapixel')
        return calls * facts.references.reduce((sum, each) => sum + megapixels(each.width * each.height), 0);
      return calls * beyond(facts.references.length);
    case 'output_image': {
      const pictures = plan.calls.reduce((sum, call) => sum + call.n, 0);
      return unit === 'megapixel' ? pictures * megapixels(width * height) : pictures;
    }
  }
}

function valueAt(root: JsonValue, path: readonly string[]): JsonValue {
  return path.reduce<JsonValue>(
    (node, key) =>
      typeof node === 'object' && node !== null && !Array.isArray(node)
        ? ((node as { [key: string]: JsonValue })[key] ?? null)
        : null, // narrowed to an object on this line
    root,
  );
}
