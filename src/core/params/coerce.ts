/** Reads one value by its declared type. JSON is taken at its word; a form has only text, so text is read as the type. */
import type { JsonObject, JsonValue } from '../../contracts/json.ts';
import type { ErrorDetail } from '../errors.ts';
import type { ParameterType } from './parameters.ts';

export type Encoding = 'json' | 'form';

export interface Declared {
  readonly name: string;
  readonly type: ParameterType | 'list';
  readonly min?: number;
  readonly max?: number;
  /** Counted in Unicode code points. */
  readonly length_max?: number;
  readonly values?: readonly JsonValue[];
}

/** The typed value, or what is wrong with it. */
export function coerce(
  raw: unknown,
  declared: Declared,
  encoding: Encoding,
): { value: JsonValue } | { fault: ErrorDetail } {
  const value = encoding === 'form' && typeof raw === 'string' ? readText(raw, declared.type) : raw;
  const wrong = typeFault(value, declared) ?? boundsFault(value, declared);
  if (wrong !== null) return { fault: { param: declared.name, ...wrong } };
  return { value: value as JsonValue }; // typeFault has seen that it is one
}

/** Deeper than any parameter is, and far from where recursion over a hostile body ends. */
const DEPTH_MAX = 32;

/** Text that PostgreSQL and JSON cannot both carry: NUL, and halves of surrogate pairs. Looks inside lists and objects. */
export function isStorable(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value !== 'object' || depth > DEPTH_MAX) return false;
  if (Array.isArray(value)) return value.every((entry) => isStorable(entry, depth + 1));
  return Object.entries(value).every(
    ([key, entry]) => isStorable(key) && key !== '__proto__' && isStorable(entry, depth + 1),
  );
}

function readText(text: string, type: Declared['type']): unknown {
  if (type === 'integer' || type === 'number') return text.trim() === '' ? text : Number(text);
  if (type === 'boolean') return { true: true, '1': true, false: false, '0': false }[text.trim().toLowerCase()] ?? text;
  if (type === 'object') return readJson(text);
  return text;
}

/** The JSON in a form field; the text itself where it is none. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

type Fault = { readonly message: string; readonly fix?: string };

const typeWords = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  list: 'a list',
} as const;

function typeFault(value: unknown, { name, type }: Declared): Fault | null {
  const right = {
    string: typeof value === 'string',
    integer: Number.isSafeInteger(value),
    number: typeof value === 'number' && Number.isFinite(value),
    boolean: typeof value === 'boolean',
    object: typeof value === 'object' && value !== null && !Array.isArray(value),
    list: Array.isArray(value),
  }[type];
  if (!right) return { message: `\`${name}\` must be ${typeWords[type]}.`, fix: `Send ${typeWords[type]}.` };
  if (isStorable(value)) return null;
  return {
    message: `\`${name}\` holds characters that are no text.`,
    fix: 'Remove NUL characters and broken surrogate pairs.',
  };
}

function boundsFault(value: unknown, declared: Declared): Fault | null {
  const { name, min = -Infinity, max = Infinity, length_max, values } = declared;
  if (typeof value === 'number' && (value < min || value > max)) {
    return { message: `\`${name}\` is ${value}.`, fix: `Send a number from ${min} to ${max}.` };
  }
  // Code points are counted only when the cheap count does not settle it.
  if (
    typeof value === 'string' &&
    length_max !== undefined &&
    value.length > length_max &&
    [...value].length > length_max
  ) {
    return { message: `\`${name}\` is too long.`, fix: `Send at most ${length_max} characters.` };
  }
  if (values === undefined || values.some((allowed) => allowed === value)) return null;
  const shown = typeof value === 'string' ? `"${value.slice(0, 40)}"` : String(value);
  return {
    message: `\`${name}\` cannot be ${shown}.`,
    fix: `Send one of ${values.map((each) => JSON.stringify(each)).join(', ')}.`,
  };
}

/** Nothing in it is inherited, so that a field named like a method of objects is a field. */
export function plainObject(entries: Iterable<readonly [string, JsonValue]>): JsonObject {
  return Object.fromEntries(entries);
}
