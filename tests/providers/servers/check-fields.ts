/** Field rules as a table, walked by one function; each provider words the faults in its own way. */
import type { JsonObject } from '../../../src/contracts/json.ts';

export interface FieldRule {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'any';
  readonly required?: true;
  readonly values?: readonly (string | number)[];
  /** Bounds of a number, of a string's length or of an array's count. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  readonly items?: FieldRule;
  readonly fields?: FieldRules;
  /** Known to the provider, and without effect. */
  readonly ignored?: true;
}

export type FieldRules = Readonly<Record<string, FieldRule>>;

export type FaultKind = 'unknown' | 'required' | 'type' | 'value' | 'min' | 'max' | 'pattern';

export interface FieldFault {
  readonly kind: FaultKind;
  /** Where: names and positions from the top of the body. */
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  readonly rule: FieldRule;
}

/** Every fault of the body, unknown fields last. Form fields are strings: `form` reads numbers and booleans from them. */
export function checkFields(body: JsonObject, rules: FieldRules, form = false): readonly FieldFault[] {
  const faults: FieldFault[] = [];
  checkObject(body, rules, [], form, faults);
  return [...faults.filter(({ kind }) => kind !== 'unknown'), ...faults.filter(({ kind }) => kind === 'unknown')];
}

export const dotted = (path: readonly (string | number)[]): string =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Path = readonly (string | number)[];

function checkObject(body: JsonObject, rules: FieldRules, path: Path, form: boolean, faults: FieldFault[]): void {
  for (const [name, rule] of Object.entries(rules)) {
    const value = body[name];
    if (value !== undefined) checkValue(value, rule, [...path, name], form, faults);
    else if (rule.required) faults.push({ kind: 'required', path: [...path, name], value, rule });
  }
  for (const [name, value] of Object.entries(body)) {
    if (!Object.hasOwn(rules, name))
      faults.push({ kind: 'unknown', path: [...path, name], value, rule: { type: 'any' } });
  }
}

function checkValue(given: unknown, rule: FieldRule, path: Path, form: boolean, faults: FieldFault[]): void {
  if (rule.ignored) return;
  const value = form ? fromForm(given, rule) : given;
  const fault = (kind: FaultKind) => faults.push({ kind, path, value: given, rule });
  if (!hasType(value, rule.type)) {
    fault('type');
    return;
  }
  const amount = typeof value === 'string' ? value.length : Array.isArray(value) ? value.length : value;
  if (rule.values !== undefined && !rule.values.some((allowed) => allowed === value)) fault('value');
  else if (typeof amount === 'number' && amount < (rule.min ?? Number.NEGATIVE_INFINITY)) fault('min');
  else if (typeof amount === 'number' && amount > (rule.max ?? Number.POSITIVE_INFINITY)) fault('max');
  else if (rule.pattern !== undefined && typeof value === 'string' && !rule.pattern.test(value)) fault('pattern');
  const { items, fields } = rule;
  if (Array.isArray(value) && items) {
    for (const [i, item] of value.entries()) checkValue(item, items, [...path, i], form, faults);
  }
  if (isObject(value) && fields) checkObject(value, fields, path, form, faults);
}

function fromForm(value: unknown, rule: FieldRule): unknown {
  if (typeof value !== 'string') return value;
  if (rule.type === 'integer' || rule.type === 'number') return value.trim() === '' ? value : Number(value);
  return rule.type === 'boolean' && /^(true|false)$/i.test(value) ? value.toLowerCase() === 'true' : value;
}

function hasType(value: unknown, type: FieldRule['type']): boolean {
  if (type === 'any') return true;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return type === 'number' ? typeof value === 'number' && !Number.isNaN(value) : typeof value === type;
}
