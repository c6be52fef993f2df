/** What a model takes, as JSON Schema with a line for each offer: for `?schema=true`, the docs and the playground. */
import type { Behaviour, GenerationKind } from '../../contracts/generation.ts';
import { chooseShape } from '../params/choose-size.ts';
import { type Parameter, parameters, setParameters } from '../params/parameters.ts';
import { parseRatio, parseTier } from '../params/shape.ts';
import type { Model, Offer } from './catalog.ts';
import type { ParameterRow } from './parameter-row-schema.ts';

/** What one offer makes of a parameter, as far as that is known before a value is. */
export interface OfferBehaviour {
  readonly offer: string;
  readonly behaviour: Behaviour;
  /** The upstream field. */
  readonly to?: string;
  /** The values that it takes. */
  readonly values?: readonly (string | number | boolean)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly note?: string;
}

export interface ParameterProperty {
  readonly type: string | readonly string[];
  readonly description: string;
  readonly enum?: readonly (string | number | boolean)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly default?: unknown;
  readonly modes: readonly GenerationKind[];
  readonly offers: readonly OfferBehaviour[];
}

export interface SizeRow {
  readonly tier: string;
  readonly ratio: string;
  readonly width: number;
  readonly height: number;
}

export interface ParameterSchema {
  readonly type: 'object';
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, ParameterProperty>>;
  /** The pixels of common shapes at every tier, by pin. */
  readonly sizes: Readonly<Record<string, readonly SizeRow[]>>;
}

export function compileParameterSchema(model: Model): ParameterSchema {
  const canonical = (parameters as readonly Parameter[]).map((parameter) => [
    parameter.name,
    canonicalProperty(parameter, model),
  ]);
  return {
    type: 'object',
    required: parameters.flatMap((parameter) => ('is_required' in parameter ? [parameter.name] : [])),
    properties: Object.fromEntries([...canonical, ...offerProperties(model)]),
    sizes: Object.fromEntries(model.offers.map((offer) => [offer.pin, sizeTable(offer, model)])),
  };
}

const commonRatios = ['1:1', '4:3', '3:4', '3:2', '2:3', '16:9', '9:16', '21:9'];

/** What `aspect_ratio` + `resolution` come to at this offer. */
export function sizeTable(offer: Offer, model: Model): readonly SizeRow[] {
  const ratios = [...new Set([...commonRatios, ...(offer.size.grid?.ratios ?? [])])];
  return offer.size.tiers.flatMap((tier) =>
    ratios.flatMap((ratio): SizeRow[] => {
      const wanted = { exact: null, ratio: Number(parseRatio(ratio)), tier: Number(parseTier(tier)), roles: new Map() };
      const { size, lost } = chooseShape(offer.size, wanted, { ...model, reference: null });
      return lost.ratio || lost.tier ? [] : [{ tier, ratio, ...size }];
    }),
  );
}

/** Done by Gesso itself, at every offer alike. */
const gatewayMade: ReadonlySet<string> = new Set(['response_format', 'stream', 'partial_images']);
/** Done by Gesso where an offer has no row. */
const gatewayFilled: ReadonlySet<string> = new Set(['n', 'output_format', 'output_compression']);

function canonicalProperty(parameter: Parameter, model: Model): ParameterProperty {
  const { name, type, description, values, min, max, length_max, modes } = parameter;
  return {
    type: name === 'simulate' ? ['string', 'array'] : type,
    description,
    ...(values === undefined ? {} : { enum: values }),
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
    ...(length_max === undefined ? {} : { maxLength: length_max }),
    ...defaultOf(parameter, model),
    modes: modes ?? model.modes,
    offers:
      parameter.group === 'gateway' && name !== 'user'
        ? []
        : model.offers.map((offer) => canonicalBehaviour(parameter, offer)),
  };
}

function defaultOf(parameter: Parameter, model: Model): { readonly default?: unknown } {
  if (parameter.name === 'resolution') return { default: model.default_tier };
  if (parameter.name === 'aspect_ratio') return { default: model.default_ratio };
  return parameter.default === undefined ? {} : { default: parameter.default };
}

function canonicalBehaviour({ name, group }: Parameter, offer: Offer): OfferBehaviour {
  if (name === 'model') return fieldBehaviour(offer, name, offer.to_model ?? name, true);
  if (group === 'size') return sizeBehaviour(name, offer);
  const row = offer.parameters[name];
  if (row !== undefined) return rowBehaviour(name, row, offer);
  const isEmulated = gatewayMade.has(name) || gatewayFilled.has(name);
  return { offer: offer.pin, behaviour: isEmulated ? 'emulated' : 'ignored' };
}

/** A size is passed on where a field of the same name takes it; everything else is worked out. */
function sizeBehaviour(name: string, offer: Offer): OfferBehaviour {
  const { free, grid } = offer.size;
  const fields = {
    size: free?.to,
    aspect_ratio: grid?.to_ratio,
    resolution: grid?.to_tier,
    width: free?.to_width,
    height: free?.to_height,
  };
  const field = Object.entries(fields).find(([param]) => param === name)?.[1];
  return field === undefined
    ? { offer: offer.pin, behaviour: 'converted' }
    : fieldBehaviour(offer, name, field, name === 'size');
}

function fieldBehaviour({ pin }: Offer, name: string, to: string, mayChange: boolean): OfferBehaviour {
  const behaviour = name === 'model' ? 'converted' : to === name ? 'passthrough' : mayChange ? 'converted' : 'renamed';
  return { offer: pin, behaviour, to };
}

function rowBehaviour(name: string, row: ParameterRow, { pin }: Offer): OfferBehaviour {
  const { to, values, min, max, note } = row;
  if (to === undefined) return { offer: pin, behaviour: 'emulated', note: 'Added to the prompt.' };
  const isMapped = values !== undefined && !Array.isArray(values);
  return {
    offer: pin,
    behaviour: isMapped ? 'converted' : to === name ? 'passthrough' : 'renamed',
    to,
    ...(values === undefined ? {} : { values: Array.isArray(values) ? values : Object.keys(values) }),
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
    ...(note === undefined ? {} : { note }),
  };
}

/** The parameters that only offers declare; an offer that lacks one is not sent it. */
function offerProperties(model: Model): [string, ParameterProperty][] {
  const canonical = new Set<string>(parameters.map(({ name }) => name));
  const names = new Set(
    model.offers.flatMap((offer) => Object.keys(offer.parameters)).filter((name) => !canonical.has(name)),
  );
  const declared = [...names].map((name): [string, ParameterProperty] => {
    const rows = model.offers.flatMap((offer) =>
      offer.parameters[name] === undefined ? [] : [{ offer, row: offer.parameters[name] }],
    );
    const [first] = rows;
    return [
      name,
      {
        type: first?.row.type ?? 'string',
        description: first?.row.description ?? '',
        ...enumOf(rows.map(({ row }) => row)),
        ...(first?.row.default === undefined ? {} : { default: first.row.default }),
        modes: [...new Set(rows.flatMap(({ offer, row }) => row.modes ?? offer.modes))],
        offers: rows.map(({ offer, row }) => rowBehaviour(name, row, offer)),
      },
    ];
  });
  return [...declared, ...setProperties(model)];
}

/** Every word that some offer takes; nothing where one of them takes any. */
function enumOf(rows: readonly ParameterRow[]): Pick<ParameterProperty, 'enum'> {
  if (rows.some((row) => row.type !== 'string' || row.values === undefined)) return {};
  return {
    enum: [...new Set(rows.flatMap(({ values = [] }) => (Array.isArray(values) ? values : Object.keys(values))))],
  };
}

function setProperties(model: Model): [string, ParameterProperty][] {
  const makers = model.offers.filter((offer) => offer.sets !== undefined);
  if (makers.length === 0) return [];
  return setParameters.map((parameter): [string, ParameterProperty] => {
    const isCount = parameter.name === 'max_images';
    return [
      parameter.name,
      {
        type: parameter.type,
        description: parameter.description,
        ...(isCount
          ? { minimum: 1, maximum: Math.max(...makers.map(({ sets }) => sets?.count_max ?? 1)) }
          : { enum: ['disabled', 'auto'] }),
        modes: [...new Set(makers.flatMap(({ modes }) => modes))],
        offers: makers.map((offer) => {
          const to = isCount ? offer.sets?.to_count : offer.sets?.to_switch;
          if (to === undefined) return { offer: offer.pin, behaviour: 'converted' as const };
          const limit = isCount && offer.sets !== undefined ? { maximum: offer.sets.count_max } : {};
          return { ...fieldBehaviour(offer, parameter.name, to, false), ...limit };
        }),
      },
    ];
  });
}
