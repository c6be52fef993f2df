/** From what a client sent to a typed, bounded request, or every fault at once. */
import { z } from 'zod';
import type { CanonicalRequest, GenerationKind, Mode, ProviderPreferences } from '../../contracts/generation.ts';
import type { JsonObject, JsonValue } from '../../contracts/json.ts';
import type { OfferParameter } from '../catalog/catalog.ts';
import type { ErrorCode, ErrorDetail } from '../errors.ts';
import { simulationNames } from '../routing/simulated.ts';
import { coerce, type Encoding, isStorable, plainObject, readJson } from './coerce.ts';
import { parameters, parameterTable, pictureFields } from './parameters.ts';
import { readShape } from './shape.ts';

export interface ParseContext {
  readonly kind: GenerationKind;
  /** In a form every value is text, and is read by the type that its parameter has. */
  readonly encoding: Encoding;
  readonly mode: Mode;
  /** `catalog.offer_params`. */
  readonly known_offer_params: ReadonlyMap<string, OfferParameter>;
}

/** A fault with the code under which the error table lists it. */
export interface ParamFault extends ErrorDetail {
  readonly code: ErrorCode;
}

/**
 * `raw` holds the fields of the body without the gateway's transport fields (`webhook_url`, `wait`); pictures in it are
 * left alone. null is absent. An `extra_body` object is unwrapped, since some clients send it as it stands.
 */
export function parseRequest(
  raw: Readonly<Record<string, unknown>>,
  context: ParseContext,
): { readonly request: CanonicalRequest } | { readonly faults: readonly ParamFault[] } {
  const faults: ParamFault[] = [];
  const fields = unwrap(raw, context.encoding, faults);
  const fallbackModels = takeFallbackModels(fields, faults);
  const known = new Map<string, JsonValue>();
  const offerParams: [string, JsonValue][] = [];
  const unknown: [string, JsonValue][] = [];

  for (const [name, value] of fields) {
    if (value === null || value === undefined || pictureFields.has(name)) continue;
    const declared = parameterTable.get(name) ?? context.known_offer_params.get(name);
    if (declared === undefined) {
      // A name or a text that cannot be stored could not be sent on either; what can be is JSON.
      if (isStorable({ [name]: value })) unknown.push([name, value as JsonValue]);
      else
        faults.push(
          fault('invalid_value', name, `\`${name}\` has a name or a text that cannot be sent on.`, 'Remove it.'),
        );
      continue;
    }
    const outcome = coerce(
      loosened(name, value),
      declared.name === 'simulate' ? simulateType(value) : declared,
      context.encoding,
    );
    if ('fault' in outcome) faults.push({ code: 'invalid_value', ...outcome.fault });
    else if (parameterTable.has(name)) known.set(name, outcome.value);
    else offerParams.push([name, outcome.value]);
  }
  faults.push(...requiredFaults(known, fields), ...jointFaults(known), ...testModeFaults(known, context.mode));
  const provider = readProvider(known.get('provider'), faults);
  const labels = readLabels(known.get('labels'), faults);
  if (known.get('unknown_params') === 'reject') faults.push(...unknown.map(([name]) => unknownFault(name)));
  if (faults.length > 0) return { faults };
  return {
    request: {
      ...defaults,
      ...Object.fromEntries([...known].filter(([name]) => !gatewayFields.has(name))),
      ...simulation(known),
      ...plainObject(fallbackModels.length === 0 ? [] : [['fallback_models', fallbackModels]]),
      kind: context.kind,
      unknown_params_policy: known.get('unknown_params') ?? 'pass',
      provider,
      labels,
      offer_params: plainObject(offerParams),
      unknown_params: plainObject(unknown),
    } as CanonicalRequest, // each field was read by its row of the parameter table, and the required ones are there
  };
}

const defaults = Object.fromEntries(
  parameters.flatMap((parameter) => ('default' in parameter ? [[parameter.name, parameter.default]] : [])),
);

/** Read here under another name or shape than they were sent in. */
const gatewayFields = new Set(['unknown_params', 'provider', 'labels', 'simulate', 'simulate_delay_ms']);

/** The fields of the body and of `extra_body`, which the Python client spreads out and others do not. */
function unwrap(
  raw: Readonly<Record<string, unknown>>,
  encoding: Encoding,
  faults: ParamFault[],
): Map<string, unknown> {
  const fields = new Map(Object.entries(raw));
  const sent = fields.get('extra_body');
  fields.delete('extra_body');
  const extra = typeof sent === 'string' && encoding === 'form' ? readJson(sent) : sent;
  if (extra === undefined || extra === null) return fields;
  if (typeof extra !== 'object' || Array.isArray(extra)) {
    faults.push(
      fault('invalid_value', 'extra_body', '`extra_body` must be an object.', 'Send its fields beside the others.'),
    );
    return fields;
  }
  for (const [name, value] of Object.entries(extra)) {
    const other = fields.get(name) ?? value;
    // What cannot be stored may be too deep to be written out, and is a fault further on anyhow.
    const isTwice = isStorable(other) && isStorable(value) && JSON.stringify(other) !== JSON.stringify(value);
    if (isTwice)
      faults.push(fault('invalid_value', name, `\`${name}\` is sent twice, with different values.`, 'Send it once.'));
    fields.set(name, value);
  }
  return fields;
}

/** A list of models is the first of them, and the others to fall back to in order. */
function takeFallbackModels(fields: Map<string, unknown>, faults: ParamFault[]): string[] {
  const sent = fields.get('model');
  if (!Array.isArray(sent)) return [];
  const list = z.array(z.string().trim().min(1).max(200)).min(1).max(MODELS_MAX).safeParse(sent);
  const [first, ...others] = list.success ? list.data : [];
  fields.set('model', first ?? 'a list that cannot be read');
  if (!list.success) {
    const fix = `Send one model, or a list of 1 to ${MODELS_MAX} in the order in which to try them.`;
    faults.push(fault('invalid_value', 'model', '`model` is a list that cannot be read.', fix));
  }
  return others;
}

/** Each may have several offers, so that a longer list would keep a caller waiting for an hour. */
const MODELS_MAX = 8;

/** Megapixels are numbers to those who send them: `resolution: 1` is "1". */
function loosened(name: string, value: unknown): unknown {
  return name === 'resolution' && typeof value === 'number' ? String(value) : value;
}

/** One failure by name, or a list of them. */
function simulateType(value: unknown) {
  const isList =
    Array.isArray(value) && value.length <= 20 && value.every((each) => typeof each === 'string' && each.length <= 64);
  return { name: 'simulate', type: isList ? 'list' : 'string', length_max: 64 } as const;
}

function requiredFaults(known: ReadonlyMap<string, JsonValue>, fields: ReadonlyMap<string, unknown>): ParamFault[] {
  return parameters.flatMap((parameter) => {
    if (!('is_required' in parameter)) return [];
    const { name } = parameter;
    const value = known.get(name);
    if (typeof value === 'string' && value.trim() !== '') return [];
    if (value === undefined && fields.get(name) !== undefined && fields.get(name) !== null) return []; // has a fault already
    if (value === undefined)
      return [fault('missing_required_parameter', name, `\`${name}\` is missing.`, `Send \`${name}\`.`)];
    return [fault('invalid_value', name, `\`${name}\` is empty.`, `Send a ${name} of at least one character.`)];
  });
}

/** Rules between parameters. */
function jointFaults(known: ReadonlyMap<string, JsonValue>): ParamFault[] {
  const sizing = Object.fromEntries([...known].filter(([name]) => parameterTable.get(name)?.group === 'size'));
  const shape = readShape(sizing);
  const faults = 'faults' in shape ? shape.faults.map((each): ParamFault => ({ code: 'invalid_value', ...each })) : [];
  if (known.get('background') === 'transparent' && known.get('output_format') === 'jpeg') {
    faults.push(
      fault(
        'invalid_value',
        'background',
        'jpeg has no transparency.',
        'Send output_format png or webp with a transparent background.',
      ),
    );
  }
  return faults;
}

function testModeFaults(known: ReadonlyMap<string, JsonValue>, mode: Mode): ParamFault[] {
  if (mode === 'test') return simulationFaults(known.get('simulate'));
  return ['simulate', 'simulate_delay_ms']
    .filter((name) => known.has(name))
    .map((name) =>
      fault('invalid_value', name, `\`${name}\` works in test mode only.`, 'Use a key that begins with sk-test-.'),
    );
}

/** A word that is not known would draw a picture, and a client's test of a failure would pass without one. */
function simulationFaults(simulate: JsonValue | undefined): ParamFault[] {
  const words = [simulate].flat().filter((word) => typeof word === 'string');
  const wrong = words.find((word) => !simulationNames.some((name) => name === word));
  if (wrong === undefined) return [];
  const fix = `Send one of ${simulationNames.map((name) => JSON.stringify(name)).join(', ')}.`;
  return [fault('invalid_value', 'simulate', `\`simulate\` cannot be ${JSON.stringify(wrong)}.`, fix)];
}

function simulation(known: ReadonlyMap<string, JsonValue>): JsonObject {
  return plainObject([...known].filter(([name]) => name === 'simulate' || name === 'simulate_delay_ms'));
}

const ids = z.union([z.string().transform((id) => [id]), z.array(z.string().min(1).max(100)).max(50)]);

/** Forms send numbers and booleans as text, so both are read. */
const providerSchema = z.strictObject({
  only: ids.optional(),
  ignore: ids.optional(),
  order: ids.optional(),
  sort: z.enum(['price', 'latency', 'quality']).optional(),
  max_price_usd: z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d+(\.\d+)?$/)
        .transform(Number),
    ])
    .pipe(z.number().nonnegative())
    .optional(),
  allow_fallbacks: z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]).optional(),
  on_refusal: z.enum(['stop', 'next']).optional(),
  on_unknown: z.enum(['stop', 'next']).optional(),
});

function readProvider(value: JsonValue | undefined, faults: ParamFault[]): ProviderPreferences {
  return readObject(providerSchema, 'provider', value, faults) as ProviderPreferences; // the schema's own shape, without its undefined
}

const labelsSchema = z
  .record(z.string().min(1).max(64), z.string().max(512))
  .refine((labels) => Object.keys(labels).length <= 16, { message: 'at most 16 labels' });

function readLabels(value: JsonValue | undefined, faults: ParamFault[]): Readonly<Record<string, string>> {
  return readObject(labelsSchema, 'labels', value, faults) ?? {};
}

function readObject<T extends z.ZodType>(
  schema: T,
  name: string,
  value: JsonValue | undefined,
  faults: ParamFault[],
): z.infer<T> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    faults.push(
      fault('invalid_value', [name, ...issue.path].join('.'), `\`${name}\` is not acceptable: ${issue.message}.`),
    );
  }
  return {} as z.infer<T>; // the faults stop the request before this is used
}

function unknownFault(name: string): ParamFault {
  return fault(
    'unknown_parameter',
    name,
    `Unknown parameter: '${name}'.`,
    'Remove it, or leave out unknown_params "reject".',
  );
}

function fault(code: ErrorCode, param: string, message: string, fix?: string): ParamFault {
  return { code, param, message, ...(fix === undefined ? {} : { fix }) };
}
