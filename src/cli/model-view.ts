/** Models as `/v1/models` answers them, as far as the command line reads them, and their facts in few words. Pure. */

export interface PriceLineView {
  readonly billable: string;
  readonly unit: string;
  /** Decimal dollars. */
  readonly price_usd: string;
  readonly per: number;
  readonly when?: Readonly<Record<string, unknown>>;
}

export interface OfferView {
  readonly id: string;
  readonly provider: string;
  readonly provider_name: string;
  readonly modes: readonly string[];
  readonly prices: readonly PriceLineView[];
  readonly parameters: readonly string[];
  /** Whether the server has a key for the provider. */
  readonly configured?: boolean;
  readonly output_formats?: readonly string[];
  readonly mask?: boolean;
  readonly limits?: { readonly references_max?: { readonly value: number } };
  readonly notes?: readonly string[];
}

export interface ModelView {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly status: string;
  readonly owned_by: string;
  readonly aliases: readonly string[];
  readonly modes: readonly string[];
  readonly offers: readonly OfferView[];
  readonly default_tier?: string;
  readonly default_ratio?: string;
  readonly licence?: { readonly name: string; readonly commercial_use: string };
  readonly lab?: { readonly name?: string };
  readonly parameters_schema?: { readonly properties?: Readonly<Record<string, ParameterView>> };
}

export interface ParameterView {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly description?: string;
}

const modeNames: Readonly<Record<string, string>> = { text_to_image: 'draw', edit: 'edit' };

export function describeModes(modes: readonly string[]): string {
  return modes.map((mode) => modeNames[mode] ?? mode).join(', ');
}

/** `yes`, `no`, or empty where the server does not say. */
export function describeReadiness(offers: readonly OfferView[]): string {
  if (offers.every(({ configured }) => configured === undefined)) return '';
  return offers.some(({ configured }) => configured === true) ? 'yes' : 'no';
}

/** How prices are compared at a glance: by the picture if there is such a price, else by what it is made of. */
const units: ReadonlyArray<readonly [billable: string, unit: string, name: string]> = [
  ['output_image', 'image', 'picture'],
  ['output_image', 'megapixel', 'megapixel'],
  ['request', 'request', 'request'],
  ['output_image', 'token', 'token'],
];

/** The cheapest line of these offers: `$0.03/picture`; `from` stands before it where others are dearer. */
export function describePrice(offers: readonly OfferView[]): string {
  const lines = offers.flatMap(({ prices }) => prices);
  for (const [billable, unit, name] of units) {
    const found = lines.filter((line) => line.billable === billable && line.unit === unit);
    const [first] = found;
    if (first === undefined) continue;
    const cheapest = found.reduce((best, line) => (priceOf(line) < priceOf(best) ? line : best), first);
    if (found.every((line) => priceOf(line) === 0)) return 'free';
    const differs = found.some((line) => priceOf(line) !== priceOf(cheapest));
    const count = cheapest.per === 1 ? name : `${cheapest.per.toLocaleString('en')} ${name}s`;
    return `${differs ? 'from ' : ''}$${cheapest.price_usd}/${count}`;
  }
  return lines.length === 0 ? 'not known' : 'see details';
}

function priceOf({ price_usd, per }: PriceLineView): number {
  return Number(price_usd) / per;
}

/** One line of a price list with its conditions: `output image: $0.04 per image (tiers 2K, 4K)`. */
export function describePriceLine({ billable, unit, price_usd, per, when }: PriceLineView): string {
  const count = per === 1 ? unit : `${per.toLocaleString('en')} ${unit}s`;
  const conditions = Object.entries(when ?? {}).map(
    ([name, value]) => `${name} ${Array.isArray(value) ? value.join(', ') : String(value)}`,
  );
  const tail = conditions.length === 0 ? '' : ` (${conditions.join('; ')})`;
  return `${billable.replaceAll('_', ' ')}: ${Number(price_usd) === 0 ? 'free' : `$${price_usd} per ${count}`}${tail}`;
}

export function describeParameter({ type, enum: values, minimum, maximum }: ParameterView): string {
  if (values !== undefined) return values.map(String).join(' | ');
  const kind = Array.isArray(type) ? type.join(' | ') : String(type ?? 'any');
  if (minimum === undefined && maximum === undefined) return kind;
  return `${kind} ${minimum ?? ''}..${maximum ?? ''}`;
}
